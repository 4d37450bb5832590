"""One test over all backbones of the registry; a new one gets a row in ``SMALL``."""

import pytest
import torch

from mmpose.models.backbones.base_backbone import BaseBackbone
from mmpose.registry import MODELS
from mmpose.utils.checkpoint import CheckpointError


def hrnet_extra(width=8, **stage4):
    """An HRNet with one block per branch."""

    def stage(branches, block, width, **kwargs):
        return dict(
            num_modules=1,
            num_branches=branches,
            block=block,
            num_blocks=(1,) * branches,
            num_channels=tuple(width * 2**i for i in range(branches)),
            **kwargs,
        )

    return dict(
        stage1=stage(1, 'BOTTLENECK', width),
        stage2=stage(2, 'BASIC', width),
        stage3=stage(3, 'BASIC', width),
        stage4=stage(4, 'BASIC', width, **stage4),
    )


def hrformer_extra():
    """An HRFormer with one block per branch."""
    extra = hrnet_extra(multiscale_output=True)
    for n in (2, 3, 4):
        extra[f'stage{n}'] |= dict(
            block='HRFORMERBLOCK',
            num_heads=(2,) * n,
            window_sizes=(7,) * n,
            mlp_ratios=(2,) * n,
        )
    return extra


def litehrnet_extra():
    """A LiteHRNet with one block per branch."""
    return dict(
        stem=dict(stem_channels=16, out_channels=16, expand_ratio=1),
        num_stages=3,
        stages_spec=dict(
            num_modules=[1, 1, 1],
            num_branches=[2, 3, 4],
            num_blocks=[1, 1, 1],
            module_type=['LITE', 'NAIVE', 'LITE'],
            with_fuse=[True, True, True],
            reduce_ratios=[8, 8, 8],
            num_channels=[[8, 16], [8, 16, 32], [8, 16, 32, 64]],
        ),
        with_head=True,
    )


SMALL = dict(
    AlexNet=dict(),
    CPM=dict(in_channels=3, out_channels=5, feat_channels=16, middle_channels=8, num_stages=2),
    CSPDarknet=dict(deepen_factor=0.33, widen_factor=0.125, out_indices=(0, 2, 4)),
    CSPNeXt=dict(deepen_factor=0.33, widen_factor=0.125, out_indices=(1, 4)),
    DSTFormer=dict(in_channels=3, feat_size=16, depth=2, num_heads=2, mlp_ratio=2, seq_len=9),
    HRFormer=dict(extra=hrformer_extra()),
    HRNet=dict(extra=hrnet_extra(multiscale_output=True)),
    HourglassAENet=dict(
        downsample_times=2,
        num_stacks=2,
        out_channels=6,
        stage_channels=(8, 12, 16),
        feat_channels=8,
    ),
    HourglassNet=dict(
        downsample_times=2, stage_channels=(8, 8, 12), stage_blocks=(1, 1, 2), feat_channel=8
    ),
    LiteHRNet=dict(extra=litehrnet_extra()),
    MSPN=dict(unit_channels=8, num_stages=2, num_units=3, num_blocks=[1, 2, 1], res_top_channels=8),
    MobileNetV2=dict(widen_factor=0.25, out_indices=(0, 1, 2, 5, 7)),
    MobileNetV3=dict(out_indices=(0, 1, 3, -1)),
    RSN=dict(
        unit_channels=8,
        num_stages=2,
        num_units=3,
        num_blocks=[1, 2, 1],
        num_steps=3,
        res_top_channels=8,
        expand_times=4,
    ),
    PyramidVisionTransformer=dict(
        embed_dims=8, num_layers=[1, 1, 1, 1], num_heads=[1, 1, 2, 2], out_indices=(0, 3)
    ),
    PyramidVisionTransformerV2=dict(
        embed_dims=8, num_layers=[1, 1, 1, 1], num_heads=[1, 1, 2, 2], out_indices=(0, 1, 2, 3)
    ),
    RegNet=dict(
        arch=dict(w0=8, wa=4, wm=2, group_w=4, depth=11, bot_mul=1.0), out_indices=(0, 1, 2, 3)
    ),
    ResNeSt=dict(depth=50, base_channels=8, stem_channels=16, out_indices=(1, 3)),
    ResNeXt=dict(depth=50, base_channels=8, groups=4, out_indices=(1, 3)),
    ResNet=dict(depth=18, base_channels=8, out_indices=(0, 1, 2, 3)),
    ResNetV1d=dict(depth=50, base_channels=8, stem_channels=16, out_indices=(1, 3)),
    # the fourth stage would need larger pictures
    SCNet=dict(
        depth=50,
        base_channels=8,
        num_stages=3,
        strides=(1, 2, 2),
        dilations=(1, 1, 1),
        out_indices=(0, 2),
    ),
    SEResNeXt=dict(depth=50, base_channels=8, groups=4, out_indices=(1, 3)),
    SEResNet=dict(depth=50, base_channels=8, out_indices=(1, 3)),
    ShuffleNetV1=dict(groups=2, widen_factor=0.25, out_indices=(0, 1, 2)),
    ShuffleNetV2=dict(widen_factor=0.5, out_indices=(0, 1, 2, 3)),
    SwinTransformer=dict(
        embed_dims=8,
        depths=(2, 2),
        num_heads=(1, 2),
        strides=(4, 2),
        window_size=5,
        use_abs_pos_embed=True,
        out_indices=(0, 1),
    ),
    TCN=dict(in_channels=34, stem_channels=16, use_stride_conv=True),
    V2VNet=dict(input_channels=3, output_channels=5, mid_channels=8),
    VGG=dict(depth=11, norm_cfg=dict(type='BN'), out_indices=(0, 1, 2, 3, 4)),
    ViPNAS_MobileNetV3=dict(
        wid=[8, 8, 16, 16],
        expan=[None, 1, 2, 4],
        dep=[None, 1, 2, 1],
        ks=[3, 3, 5, 7],
        group=[None, 4, 8, 16],
        att=[None, True, False, True],
        stride=[2, 1, 2, 2],
        act=['HSwish', 'ReLU', 'HSwish', 'HSwish'],
    ),
    ViPNAS_ResNet=dict(
        depth=50,
        wid=[8, 16, 16, 16, 32],
        dep=[None, 1, 1, 1, 1],
        group=[None, 2, 2, 2, 2],
        out_indices=(0, 1, 2, 3),
    ),
    VisionTransformer=dict(
        arch=dict(embed_dims=8, num_layers=2, num_heads=2, feedforward_channels=16),
        img_size=64,
        out_indices=(0, 1),
        out_type='featmap',
    ),
)

# what is no picture: tracks (B, T, K, C) and (B, C, T), volumes (B, C, D, H, W), of which a kernel
# of PyTorch for bfloat16 reads past the end where they come down to 2x3x4; and a picture of a size
# where windows that keep inside it give as many cells as the stride says
INPUT_SHAPES = dict(
    AlexNet=(2, 3, 95, 127), DSTFormer=(2, 5, 17, 3), TCN=(2, 34, 27), V2VNet=(2, 3, 16, 24, 32)
)
CHANNELS_LAST = {'DSTFormer'}  # in one tensor, which is returned as it is


def example(name, *picture):
    """What a backbone takes: by default pictures of the shape ``picture``."""
    return torch.randn(INPUT_SHAPES.get(name, picture))


def maps_of(outputs):
    """The maps of nested outputs, such as those of several stages, in a row."""
    if isinstance(outputs, torch.Tensor):
        return [outputs]
    return [x for part in outputs for x in maps_of(part)]


def registered_backbones():
    MODELS.import_from_location()
    return sorted(
        name
        for name, cls in MODELS.module_dict.items()
        if isinstance(cls, type)
        and issubclass(cls, BaseBackbone)
        and cls.__module__.startswith('mmpose.')
    )


def test_every_backbone_has_a_row():
    assert registered_backbones() == sorted(SMALL)


@pytest.mark.parametrize('name', SMALL)
def test_declared_channels_and_strides_hold_and_gradients_reach_every_parameter(name):
    torch.manual_seed(0)
    backbone = MODELS.build(dict(type=name, **SMALL[name])).train()
    x = example(name, 2, 3, 64, 96)
    outputs = backbone(x)
    if name in CHANNELS_LAST:
        x, outputs = x.movedim(-1, 1), (outputs.movedim(-1, 1),)

    assert isinstance(outputs, tuple)
    outputs = maps_of(outputs)
    assert tuple(x.shape[1] for x in outputs) == backbone.out_channels
    sides = [tuple(side // stride for side in x.shape[2:]) for stride in backbone.out_strides]
    assert [tuple(x.shape[2:]) for x in outputs] == sides

    sum(x.square().mean() for x in outputs).backward()
    assert [n for n, p in backbone.named_parameters() if p.grad is None] == []


@pytest.mark.parametrize('name', SMALL)
def test_trains_in_half_precision(name):
    torch.manual_seed(0)
    backbone = MODELS.build(dict(type=name, **SMALL[name])).train()
    backbone.init_weights()
    with torch.autocast('cpu', dtype=torch.bfloat16):
        outputs = maps_of(backbone(example(name, 2, 3, 64, 96)))
    loss = sum(x.float().square().mean() for x in outputs)
    loss.backward()
    assert all(x.isfinite().all() for x in (loss, *(p.grad for p in backbone.parameters())))


def assert_same_outputs(first, second, x):
    with torch.no_grad():
        for a, b in zip(maps_of(first(x)), maps_of(second(x)), strict=True):
            assert torch.equal(a, b)


@pytest.mark.parametrize('name', SMALL)
def test_state_dict_round_trip(name):
    torch.manual_seed(0)
    first, second = (MODELS.build(dict(type=name, **SMALL[name])).eval() for _ in range(2))
    second.load_state_dict(first.state_dict())
    assert_same_outputs(first, second, example(name, 1, 3, 64, 64))


@pytest.mark.parametrize('name', SMALL)
def test_weights_that_do_not_fit_are_refused(name, tmp_path):
    path = str(tmp_path / 'other.pth')
    torch.save({'other.weight': torch.zeros(1)}, path)
    init_cfg = dict(type='Pretrained', checkpoint=path)
    backbone = MODELS.build(dict(type=name, init_cfg=init_cfg, **SMALL[name]))
    with pytest.raises(CheckpointError, match='does not fit the model: 0 of its'):
        backbone.init_weights()


@pytest.mark.slow
@pytest.mark.parametrize('name', SMALL)
def test_compiles_without_graph_breaks(name):
    backbone = MODELS.build(dict(type=name, **SMALL[name])).eval()
    torch.compiler.reset()  # classes that share a `forward` count towards its limit of compilations
    compiled = torch.compile(backbone, backend='eager', fullgraph=True)
    assert_same_outputs(backbone, compiled, example(name, 1, 3, 64, 64))


@pytest.mark.slow
@pytest.mark.parametrize('name', SMALL)
def test_exports(name):
    backbone = MODELS.build(dict(type=name, **SMALL[name])).eval()
    x = example(name, 1, 3, 64, 64)
    assert_same_outputs(backbone, torch.export.export(backbone, (x,)).module(), x)

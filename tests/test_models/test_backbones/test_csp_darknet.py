import pytest
import torch
from torch.nn.functional import max_pool2d

from mmpose.models.backbones import CSPDarknet
from mmpose.models.backbones.csp_darknet import Focus, SPPBottleneck


# widen and deepen factors of YOLOX-tiny to YOLOX-x, and the parameters of their published weights
@pytest.mark.parametrize(
    ('widen', 'deepen', 'blocks', 'parameters'),
    [
        (0.375, 0.33, (1, 3, 3, 1), 2372304),
        (0.5, 0.33, (1, 3, 3, 1), 4212672),
        (0.75, 0.67, (2, 6, 6, 2), 12352992),
        (1.0, 1.0, (3, 9, 9, 3), 27075968),
    ],
)
def test_published_sizes(widen, deepen, blocks, parameters):
    with torch.device('meta'):
        backbone = CSPDarknet(deepen_factor=deepen, widen_factor=widen, out_indices=range(5))
    assert backbone.out_channels == tuple(int(widen * c) for c in (64, 128, 256, 512, 1024))
    assert backbone.out_strides == (2, 4, 8, 16, 32)
    stages = [getattr(backbone, f'stage{n}') for n in range(1, 5)]
    assert tuple(len(stage[-1].blocks) for stage in stages) == blocks
    assert [len(stage) for stage in stages] == [2, 2, 2, 3]  # the last pools a pyramid
    assert [stage[-1].blocks[0].add_identity for stage in stages] == [True, True, True, False]
    assert sum(p.numel() for p in backbone.parameters()) == parameters


def test_p6_has_a_fifth_stage():
    with torch.device('meta'):
        backbone = CSPDarknet('P6', widen_factor=0.25, out_indices=(5, 0))
    assert backbone.layers == ['stem', 'stage1', 'stage2', 'stage3', 'stage4', 'stage5']
    assert backbone.out_channels == (16, 256)  # from the finest to the coarsest
    assert backbone.out_strides == (2, 64)
    assert backbone.stage4[0].conv.weight.shape == (192, 128, 3, 3)
    assert [hasattr(stage[1], 'kernel_sizes') for stage in (backbone.stage4, backbone.stage5)] == [
        False,
        True,
    ]


def test_focus_stacks_pixels_column_by_column():
    focus = Focus(1, 4, kernel_size=1, norm_cfg=None, act_cfg=None)
    with torch.no_grad():
        focus.conv.conv.weight.copy_(torch.eye(4)[..., None, None])
        focus.conv.conv.bias.zero_()
        out = focus(torch.arange(8.0).reshape(1, 1, 2, 4))  # 0 1 2 3 / 4 5 6 7
    assert out[0, :, 0, 0].tolist() == [0, 4, 1, 5]
    assert out[0, :, 0, 1].tolist() == [2, 6, 3, 7]


@pytest.mark.parametrize('sizes', [(5, 9, 13), (3,), (9, 3), (3, 3)], ids=str)
def test_pyramid_pools_like_separate_windows(sizes):
    torch.manual_seed(0)
    spp = SPPBottleneck(8, 6, sizes, norm_cfg=None, act_cfg=None).eval()
    x = torch.randn(2, 8, 7, 10)
    with torch.no_grad():
        inner = spp.conv1(x)
        pooled = [max_pool2d(inner, size, stride=1, padding=size // 2) for size in sizes]
        assert torch.equal(spp(x), spp.conv2(torch.cat([inner, *pooled], dim=1)))


def test_depthwise():
    backbone = CSPDarknet(widen_factor=0.125, deepen_factor=0.33, use_depthwise=True)
    names = {name.rsplit('.', 2)[0] for name in backbone.state_dict() if '.depthwise_conv' in name}
    assert {'stage1.0.depthwise_conv', 'stage1.1.blocks.0.conv2.depthwise_conv'} <= names
    assert backbone.stage1[0].depthwise_conv.conv.weight.shape == (8, 1, 3, 3)
    assert backbone.stage1[0].pointwise_conv.conv.weight.shape == (16, 8, 1, 1)


def test_own_stages():
    rows = [[16, 24, 2, True, False], [24, 32, 1, False, True]]
    backbone = CSPDarknet(arch_ovewrite=rows, spp_kernal_sizes=(3,), out_indices=(1, 2))
    assert (backbone.out_channels, backbone.out_strides) == ((24, 32), (4, 8))
    assert backbone.stage2[1].kernel_sizes == (3,)
    assert len(backbone.stage1[1].blocks) == 2
    assert [tuple(x.shape) for x in backbone(torch.zeros(1, 3, 16, 24))] == [
        (1, 24, 4, 6),
        (1, 32, 2, 3),
    ]


def test_stages_after_the_last_output_are_not_run():
    backbone = CSPDarknet(widen_factor=0.125, deepen_factor=0.33, out_indices=(1,))
    backbone.stage3 = None
    assert len(backbone(torch.zeros(1, 3, 32, 32))) == 1


def test_norm_and_initialisation_of_the_paper():
    torch.manual_seed(0)
    backbone = CSPDarknet(widen_factor=0.125, deepen_factor=0.33)
    norms = [m for m in backbone.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    assert {(m.momentum, m.eps) for m in norms} == {(0.03, 0.001)}
    backbone.init_weights()
    weight = backbone.stage4[0].conv.weight  # 64 x 9 inputs
    bound = 1 / (64 * 9) ** 0.5  # sqrt(6 / ((1 + 5) * fan_in))
    assert 0.99 * bound < weight.abs().max() <= bound


@pytest.mark.parametrize('frozen', [-1, 0, 2])
def test_frozen_stages(frozen):
    backbone = CSPDarknet(widen_factor=0.125, deepen_factor=0.33, frozen_stages=frozen).train()
    layers = {n.split('.')[0] for n, p in backbone.named_parameters() if not p.requires_grad}
    assert layers == set(['stem', 'stage1', 'stage2'][: frozen + 1])
    assert [backbone.stem.training, backbone.stage3.training] == [frozen < 0, True]


def test_norm_eval():
    backbone = CSPDarknet(widen_factor=0.125, deepen_factor=0.33, norm_eval=True).train()
    assert not backbone.stage1[0].bn.training
    assert backbone.stage1.training


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [
        (dict(arch='P7'), "arch of CSPDarknet is 'P7'; choose one of 'P5', 'P6'"),
        (
            dict(out_indices=(5,)),
            r'out_indices of CSPDarknet is \(5,\); give 0 \(the stem\) or the numbers of stages, '
            '1 to 4',
        ),
        (dict(out_indices=()), r'out_indices of CSPDarknet is \(\)'),
        (dict(frozen_stages=5), r'frozen_stages of CSPDarknet is 5; .* up to 4'),
        (dict(arch_ovewrite=[[8, 16, 1, True]]), r'stages .* \[\[8, 16, 1, True\]\]; give rows of'),
        (
            dict(arch_ovewrite=[[8, 16, 1, True, False], [8, 32, 1, True, False]]),
            'each row starting with the channels that the one before ends with',
        ),
        (dict(spp_kernal_sizes=(4,)), r'windows of the sizes \(4,\); give odd sizes'),
    ],
    ids=lambda x: None if isinstance(x, str) else next(iter(x)),
)
def test_errors(kwargs, message):
    with pytest.raises(ValueError, match=message), torch.device('meta'):
        CSPDarknet(**kwargs)


def test_odd_pictures():
    backbone = CSPDarknet(widen_factor=0.125, deepen_factor=0.33)
    with pytest.raises(ValueError, match=r'pictures of 32x31 .* must be multiples of 2'):
        backbone(torch.zeros(1, 3, 31, 32))

"""One test over all backbones of the registry; a new one gets a row in ``SMALL``."""

import pytest
import torch

from mmpose.models.backbones.base_backbone import BaseBackbone
from mmpose.registry import MODELS


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


SMALL = dict(
    HRNet=dict(extra=hrnet_extra(multiscale_output=True)),
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
    ViPNAS_ResNet=dict(
        depth=50,
        wid=[8, 16, 16, 16, 32],
        dep=[None, 1, 1, 1, 1],
        group=[None, 2, 2, 2, 2],
        out_indices=(0, 1, 2, 3),
    ),
)


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
    outputs = backbone(torch.randn(2, 3, 64, 96))

    assert isinstance(outputs, tuple)
    assert tuple(x.shape[1] for x in outputs) == backbone.out_channels
    sides = [(64 // stride, 96 // stride) for stride in backbone.out_strides]
    assert [tuple(x.shape[2:]) for x in outputs] == sides

    sum(x.square().mean() for x in outputs).backward()
    assert [n for n, p in backbone.named_parameters() if p.grad is None] == []


def assert_same_outputs(first, second, x):
    with torch.no_grad():
        for a, b in zip(first(x), second(x), strict=True):
            assert torch.equal(a, b)


@pytest.mark.parametrize('name', SMALL)
def test_state_dict_round_trip(name):
    torch.manual_seed(0)
    first, second = (MODELS.build(dict(type=name, **SMALL[name])).eval() for _ in range(2))
    second.load_state_dict(first.state_dict())
    assert_same_outputs(first, second, torch.randn(1, 3, 64, 64))


@pytest.mark.slow
@pytest.mark.parametrize('name', SMALL)
def test_compiles_without_graph_breaks(name):
    backbone = MODELS.build(dict(type=name, **SMALL[name])).eval()
    torch.compiler.reset()  # classes that share a `forward` count towards its limit of compilations
    compiled = torch.compile(backbone, backend='eager', fullgraph=True)
    assert_same_outputs(backbone, compiled, torch.randn(1, 3, 64, 64))


@pytest.mark.slow
@pytest.mark.parametrize('name', SMALL)
def test_exports(name):
    backbone = MODELS.build(dict(type=name, **SMALL[name])).eval()
    x = torch.randn(1, 3, 64, 64)
    assert_same_outputs(backbone, torch.export.export(backbone, (x,)).module(), x)

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
    ResNet=dict(depth=18, base_channels=8, out_indices=(0, 1, 2, 3)),
    ResNetV1d=dict(depth=50, base_channels=8, stem_channels=16, out_indices=(1, 3)),
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


@pytest.mark.parametrize('name', SMALL)
def test_state_dict_round_trip(name):
    torch.manual_seed(0)
    first, second = (MODELS.build(dict(type=name, **SMALL[name])).eval() for _ in range(2))
    second.load_state_dict(first.state_dict())
    x = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        for a, b in zip(first(x), second(x), strict=True):
            assert torch.equal(a, b)


@pytest.mark.slow
@pytest.mark.parametrize('name', SMALL)
def test_compiles_without_graph_breaks(name):
    backbone = MODELS.build(dict(type=name, **SMALL[name])).eval()
    compiled = torch.compile(backbone, backend='eager', fullgraph=True)
    with torch.no_grad():
        assert len(compiled(torch.randn(1, 3, 64, 64))) == len(backbone.out_channels)

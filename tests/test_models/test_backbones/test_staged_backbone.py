import pytest
import torch
from torch import nn

from mmpose.models.backbones.staged_backbone import StagedBackbone


class Doubling(StagedBackbone):
    """A stem that passes its input on, and three stages that double it."""

    def __init__(self, out_indices, frozen_stages=-1):
        super().__init__(3, out_indices, frozen_stages, norm_eval=False, init_cfg=None)
        self.conv1 = nn.Conv2d(1, 1, 1, bias=False)
        nn.init.ones_(self.conv1.weight)
        self.layers = ['first', 'second', 'third']
        for name in self.layers:
            self.add_module(name, nn.Conv2d(1, 1, 1, bias=False))
            nn.init.constant_(getattr(self, name).weight, 2.0)
        self.declare_stages((10, 20, 30), (2, 4, 8))


@pytest.mark.parametrize(
    ('out_indices', 'values', 'channels', 'strides'),
    [
        ((2,), [8], (30,), (8,)),
        ((1, 0), [2, 4], (10, 20), (2, 4)),
        ((-1, 0), [2, 8], (10, 30), (2, 8)),
        ((-1, 2), [8], (30,), (8,)),
    ],
    ids=['last', 'from the finest', 'negative', 'the same twice'],
)
def test_returns_the_chosen_stages(out_indices, values, channels, strides):
    backbone = Doubling(out_indices)
    assert [x.item() for x in backbone(torch.ones(1, 1, 1, 1))] == values
    assert (backbone.out_channels, backbone.out_strides) == (channels, strides)


def test_stages_after_the_last_returned_are_not_computed():
    backbone = Doubling((1,))
    backbone.third = None
    assert backbone(torch.ones(1, 1, 1, 1))[0].item() == 4


@pytest.mark.parametrize(
    ('frozen_stages', 'frozen'),
    [(-1, []), (0, ['conv1']), (2, ['conv1', 'first', 'second'])],
)
def test_frozen_stages(frozen_stages, frozen):
    backbone = Doubling((2,), frozen_stages).train()
    assert [n for n, m in backbone.named_children() if not m.training] == frozen
    assert [n for n, m in backbone.named_children() if not m.weight.requires_grad] == frozen


def test_errors():
    with pytest.raises(ValueError, match=r'out_indices of Doubling is \(3,\); with 3 stages give'):
        Doubling((3,))
    with pytest.raises(ValueError, match=r'out_indices of Doubling is \(-4,\); with 3 stages'):
        Doubling((-4,))
    with pytest.raises(ValueError, match='frozen_stages of Doubling is 4; it takes -1'):
        Doubling((2,), frozen_stages=4)

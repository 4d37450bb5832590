import pytest
import torch

from mmpose.models.backbones import ResNeXt, SEResNet, SEResNeXt
from mmpose.models.backbones.seresnext import SEBottleneck


def count(module):
    return sum(p.numel() for p in module.parameters())


def test_is_both_grouped_and_weighed():
    with torch.device('meta'):
        both, grouped = SEResNeXt(50), ResNeXt(50)
    assert count(both) - count(grouped) == 2530992  # as in test_seresnet
    assert isinstance(both, SEResNet)
    block = both.layer2[0]
    assert tuple(block.conv2.weight.shape) == (256, 8, 3, 3)
    assert block.se_layer.conv1.out_channels == 512 // 16


def test_block_takes_the_arguments_of_both():
    block = SEBottleneck(32, 32, base_channels=8, groups=2, width_per_group=6, se_ratio=8)
    assert tuple(block.conv2.weight.shape) == (12, 6, 3, 3)
    assert block.se_layer.conv1.out_channels == 4
    assert tuple(block(torch.randn(2, 32, 6, 4)).shape) == (2, 32, 6, 4)


def test_backbone_takes_the_arguments_of_both():
    backbone = SEResNeXt(50, groups=2, width_per_group=8, se_ratio=8, base_channels=16)
    assert backbone.layer1[0].conv2.groups == 2
    assert backbone.layer1[0].se_layer.conv1.out_channels == 64 // 8


def test_unknown_depth():
    with pytest.raises(ValueError, match='depth of SEResNeXt is 18; choose one of 50, 101, 152'):
        SEResNeXt(18)

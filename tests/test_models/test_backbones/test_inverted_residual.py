import pytest
import torch
from torch import nn

from mmpose.models.backbones.utils import InvertedResidual, SELayer


def test_layers():
    block = InvertedResidual(
        8, 16, 24, kernel_size=5, stride=2, se_cfg=dict(channels=24, ratio=4)
    ).eval()
    shapes = {n: tuple(p.shape) for n, p in block.named_parameters() if n.endswith('conv.weight')}
    assert shapes == {
        'expand_conv.conv.weight': (24, 8, 1, 1),
        'depthwise_conv.conv.weight': (24, 1, 5, 5),
        'se.conv1.conv.weight': (6, 24, 1, 1),
        'se.conv2.conv.weight': (24, 6, 1, 1),
        'linear_conv.conv.weight': (16, 24, 1, 1),
    }
    with torch.no_grad():
        assert tuple(block(torch.zeros(1, 8, 9, 6)).shape) == (1, 16, 5, 3)


def test_the_output_is_linear_and_added_to_the_input():
    block = InvertedResidual(4, 4, 8).eval()
    nn.init.zeros_(block.linear_conv.bn.weight)
    nn.init.constant_(block.linear_conv.bn.bias, -3.0)
    x = torch.rand(1, 4, 2, 2)
    with torch.no_grad():
        torch.testing.assert_close(block(x), x - 3)


@pytest.mark.parametrize(
    ('out_channels', 'stride', 'shortcut'), [(8, 1, True), (8, 2, False), (16, 1, False)]
)
def test_shortcut_where_the_shapes_agree(out_channels, stride, shortcut):
    assert InvertedResidual(8, out_channels, 8, stride=stride).with_res_shortcut == shortcut


def test_options():
    block = InvertedResidual(8, 8, 8, groups=2, with_expand_conv=False, act_cfg=dict(type='HSwish'))
    assert block.depthwise_conv.conv.groups == 2
    assert isinstance(block.depthwise_conv.activate, nn.Hardswish)
    assert block.linear_conv.act_cfg is None
    assert not any(isinstance(m, SELayer) for m in block.modules())
    assert [n for n, _ in block.named_children()] == ['depthwise_conv', 'linear_conv']


def test_errors():
    with pytest.raises(ValueError, match='kernel_size is 4; it must be odd'):
        InvertedResidual(8, 8, 8, kernel_size=4)
    with pytest.raises(ValueError, match='in_channels is 8 and mid_channels 16; without the first'):
        InvertedResidual(8, 8, 16, with_expand_conv=False)

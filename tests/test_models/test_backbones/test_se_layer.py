import pytest
import torch
from torch import nn

from mmpose.models.backbones.utils import SELayer


def test_scales_each_channel_by_what_the_whole_map_shows():
    layer = SELayer(2, ratio=1)
    with torch.no_grad():
        for conv in (layer.conv1.conv, layer.conv2.conv):
            nn.init.dirac_(conv.weight)
            nn.init.zeros_(conv.bias)
        x = torch.tensor([[1.0, 3.0], [-5.0, 1.0]]).view(1, 2, 1, 2)
        scales = torch.tensor([2.0, 0.0]).sigmoid()  # of the means 2 and -2, rectified
        torch.testing.assert_close(layer(x), x * scales.view(1, 2, 1, 1))


@pytest.mark.parametrize(('channels', 'ratio', 'squeezed'), [(256, 16, 16), (40, 16, 2), (8, 4, 2)])
def test_squeezed_channels(channels, ratio, squeezed):
    layer = SELayer(channels, ratio=ratio)
    assert tuple(layer.conv1.conv.weight.shape) == (squeezed, channels, 1, 1)
    assert layer.conv1.conv.bias is not None


def test_activations():
    layer = SELayer(8, ratio=2, act_cfg=(dict(type='ReLU'), dict(type='Tanh')))
    assert isinstance(layer.conv1.activate, nn.ReLU)
    assert isinstance(layer.conv2.activate, nn.Tanh)
    both = SELayer(8, ratio=2, act_cfg=dict(type='Sigmoid'))
    assert isinstance(both.conv1.activate, nn.Sigmoid)


def test_errors():
    with pytest.raises(ValueError, match='SELayer has 8 channels and a ratio of 16; the ratio can'):
        SELayer(8)
    with pytest.raises(ValueError, match='act_cfg has 1 entries; give one dict or two'):
        SELayer(16, act_cfg=[dict(type='ReLU')])

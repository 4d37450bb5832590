import pytest
import torch

from mmpose.models.utils import CSPLayer
from mmpose.models.utils.csp_layer import ChannelAttention, CSPNeXtBlock, DarknetBottleneck

PLAIN = dict(norm_cfg=None, act_cfg=None)


def fill(module, value):
    with torch.no_grad():
        for p in module.parameters():
            p.fill_(value)


def test_one_part_passes_the_blocks_and_the_other_goes_around():
    layer = CSPLayer(1, 2, num_blocks=2, **PLAIN)
    fill(layer, 0)
    with torch.no_grad():
        layer.main_conv.conv.weight.fill_(3)
        layer.short_conv.conv.weight.fill_(5)
        layer.final_conv.conv.weight[..., 0, 0] = torch.eye(2)
    # blocks whose convolutions are zero pass their input on
    assert layer(torch.ones(1, 1, 1, 1)).flatten().tolist() == [3, 5]


def test_shortcut():
    x = torch.ones(1, 1, 1, 1)
    for add, expected in ((True, 3), (False, 2)):
        block = DarknetBottleneck(1, add_identity=add, **PLAIN)
        fill(block, 0)
        with torch.no_grad():
            block.conv1.conv.weight.fill_(2)
            block.conv2.conv.weight[..., 1, 1] = 1  # the middle of 3x3
        assert block(x).item() == expected


def test_blocks_and_their_depthwise_variants():
    shapes = {
        (cls, depthwise): {
            name.removesuffix('.weight'): tuple(value.shape[1:])
            for name, value in cls(4, use_depthwise=depthwise, **PLAIN).state_dict().items()
            if name.endswith('.weight')
        }
        for cls in (DarknetBottleneck, CSPNeXtBlock)
        for depthwise in (False, True)
    }

    def separable(name, size):
        return {
            f'{name}.depthwise_conv.conv': (1, size, size),
            f'{name}.pointwise_conv.conv': (4, 1, 1),
        }

    one = {'conv1.conv': (4, 1, 1)}
    assert shapes == {
        (DarknetBottleneck, False): one | {'conv2.conv': (4, 3, 3)},
        (DarknetBottleneck, True): one | separable('conv2', 3),
        (CSPNeXtBlock, False): {'conv1.conv': (4, 3, 3)} | separable('conv2', 5),
        (CSPNeXtBlock, True): separable('conv1', 3) | separable('conv2', 5),
    }


def test_channel_attention():
    attention = ChannelAttention(2)
    fill(attention, 0)
    with torch.no_grad():
        attention.fc.weight[..., 0, 0] = torch.tensor([[1.0, 0.0], [0.0, 0.0]])
    x = torch.tensor([1.0, 3.0, 4.0, 8.0]).reshape(1, 2, 1, 2)
    # means 2 and 6; hardsigmoid(2) = 2 / 6 + 1 / 2, hardsigmoid(0) = 1 / 2
    expected = x * torch.tensor([5 / 6, 1 / 2]).reshape(1, 2, 1, 1)
    torch.testing.assert_close(attention(x), expected)


def test_names_and_default_norm():
    layer = CSPLayer(8, 6, expand_ratio=0.5, use_cspnext_block=True, channel_attention=True)
    assert layer(torch.randn(2, 8, 4, 5)).shape == (2, 6, 4, 5)
    children = {name.split('.')[0] for name in layer.state_dict()}
    assert children == {'main_conv', 'short_conv', 'final_conv', 'blocks', 'attention'}
    assert layer.attention.fc.weight.shape == (6, 6, 1, 1)
    assert (layer.main_conv.bn.momentum, layer.main_conv.bn.eps) == (0.03, 0.001)
    assert not hasattr(CSPLayer(8, 6).attention, 'fc')


@pytest.mark.parametrize('cspnext', [False, True])
def test_gradients_reach_every_parameter(cspnext):
    layer = CSPLayer(4, 4, num_blocks=2, use_cspnext_block=cspnext, channel_attention=cspnext)
    layer(torch.randn(2, 4, 6, 6)).square().sum().backward()
    assert [n for n, p in layer.named_parameters() if p.grad is None] == []

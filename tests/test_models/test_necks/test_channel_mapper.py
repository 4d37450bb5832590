import pytest
import torch

from mmpose.models import ChannelMapper


def pyramid(*channels):
    return [torch.rand(1, c, 16 >> i, 16 >> i) for i, c in enumerate(channels)]


def test_one_convolution_per_map():
    mapper = ChannelMapper([2, 3], 4, kernel_size=1, act_cfg=None)
    maps = pyramid(2, 3)
    outputs = mapper(maps)
    assert [tuple(x.shape) for x in outputs] == [(1, 4, 16, 16), (1, 4, 8, 8)]
    conv = mapper.convs[1].conv
    expected = torch.einsum('bihw,oi->bohw', maps[1], conv.weight[..., 0, 0])
    torch.testing.assert_close(outputs[1], expected + conv.bias[:, None, None])
    assert mapper.out_channels == (4, 4)
    assert sorted(mapper.state_dict()) == [
        f'convs.{i}.conv.{name}' for i in range(2) for name in ('bias', 'weight')
    ]


def test_further_maps_start_from_the_last_input():
    mapper = ChannelMapper([2, 3], 4, num_outs=4, norm_cfg=dict(type='BN'))
    outputs = mapper(pyramid(2, 3))
    assert [x.shape[-1] for x in outputs] == [16, 8, 4, 2]
    assert mapper.extra_convs[0].conv.weight.shape == (4, 3, 3, 3)
    assert mapper.extra_convs[1].conv.weight.shape == (4, 4, 3, 3)
    assert mapper.convs[0].conv.bias is None  # the norm layer has one


def test_errors():
    with pytest.raises(ValueError, match='num_outs of ChannelMapper is 1 for 2 feature maps'):
        ChannelMapper([2, 3], 4, num_outs=1)
    with pytest.raises(ValueError, match='ChannelMapper gets 1 feature maps'):
        ChannelMapper([2, 3], 4)(pyramid(2))

import pytest
import torch
from torch.nn.functional import interpolate

from mmpose.models import FPN


def pyramid(*channels):
    return [torch.rand(1, c, 16 >> i, 16 >> i) for i, c in enumerate(channels)]


def test_top_down_sums():
    torch.manual_seed(0)
    fpn = FPN([2, 3], 4, num_outs=2)
    maps = pyramid(2, 3)
    with torch.no_grad():
        fine, coarse = fpn(maps)
        laterals = [conv(x) for conv, x in zip(fpn.lateral_convs, maps, strict=True)]
        merged = laterals[0] + interpolate(laterals[1], scale_factor=2)
        torch.testing.assert_close(coarse, fpn.fpn_convs[1](laterals[1]))
        torch.testing.assert_close(fine, fpn.fpn_convs[0](merged))
    assert fpn.out_channels == (4, 4)


@pytest.mark.parametrize(
    ('extra', 'in_channels'),
    [(False, None), (True, 3), ('on_input', 3), ('on_lateral', 4), ('on_output', 4)],
)
def test_further_maps(extra, in_channels):
    fpn = FPN([2, 3], 4, num_outs=4, add_extra_convs=extra, relu_before_extra_convs=True)
    maps = pyramid(2, 3)
    outputs = fpn(maps)
    assert [x.shape[-1] for x in outputs] == [16, 8, 4, 2]
    if in_channels is None:
        assert len(fpn.fpn_convs) == 2
        assert torch.equal(outputs[2], outputs[1][..., ::2, ::2])
    else:
        assert fpn.fpn_convs[2].conv.in_channels == in_channels
        torch.testing.assert_close(outputs[3], fpn.fpn_convs[3](outputs[2].relu()))
        source = dict(
            on_input=maps[-1], on_lateral=fpn.lateral_convs[1](maps[1]), on_output=outputs[1]
        )['on_input' if extra is True else extra]
        torch.testing.assert_close(outputs[2], fpn.fpn_convs[2](source))


def test_levels():
    fpn = FPN([2, 3, 5, 7], 4, num_outs=2, start_level=1, end_level=2)
    assert [x.shape[-1] for x in fpn(pyramid(2, 3, 5, 7))] == [8, 4]
    assert [conv.conv.in_channels for conv in fpn.lateral_convs] == [3, 5]


def test_norms_and_initialisation():
    fpn = FPN([2], 4, num_outs=1, norm_cfg=dict(type='BN'), no_norm_on_lateral=True)
    assert not fpn.lateral_convs[0].with_norm
    assert fpn.fpn_convs[0].with_norm
    fpn.init_weights()
    bound = (6 / (36 + 36)) ** 0.5  # Glorot, fan in and fan out of a 3x3 convolution on 4 channels
    weight = fpn.fpn_convs[0].conv.weight
    assert 0.9 * bound < weight.abs().max() <= bound


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [
        (dict(num_outs=1), 'num_outs of FPN is 1, but the levels 0 to 1 give at least 2 maps'),
        (dict(num_outs=2, end_level=0), 'the levels 0 to 0 give 1 maps'),
        (dict(num_outs=2, end_level=2), 'FPN uses the feature maps 0 to 2, but in_channels=.2, 3.'),
        (dict(num_outs=3, add_extra_convs='on_top'), "add_extra_convs is 'on_top'"),
    ],
)
def test_bad_settings(kwargs, message):
    with pytest.raises(ValueError, match=message):
        FPN([2, 3], 4, **kwargs)

from itertools import pairwise

import pytest
import torch

from mmpose.models.backbones import HourglassAENet


def small(**kwargs):
    kwargs = dict(downsample_times=2, stage_channels=(8, 12, 16), feat_channels=8) | kwargs
    return HourglassAENet(**kwargs)


def conv(in_channels, out_channels, kernel_size=3):
    """Parameters of a convolution without bias and its norm layer."""
    return in_channels * out_channels * kernel_size**2 + 2 * out_channels


def test_parameters_of_the_network_of_the_paper():
    widths = (256, 384, 512, 640, 768)
    stem = conv(3, 64, 7) + conv(64, 128) + conv(128, 128) + conv(128, 256)
    hourglass = sum(conv(a, a) + conv(a, b) + conv(b, a) for a, b in pairwise(widths)) + conv(
        768, 768
    )
    with torch.device('meta'):
        backbone = HourglassAENet()
    parameters = stem + hourglass + 2 * conv(256, 256) + 256 * 34 + 34
    assert sum(p.numel() for p in backbone.parameters()) == parameters


def test_names_of_the_published_weights():
    keys = {name.rsplit('.', 2)[0] for name in small(num_stacks=2).state_dict()}
    hourglass = ('up1', 'low1', 'low3', 'low2.up1', 'low2.low1', 'low2.low2', 'low2.low3')
    assert keys == {
        *(f'stem.{i}' for i in (0, 1, 3, 4)),
        *(f'hourglass_modules.{i}.0.{name}' for i in (0, 1) for name in hourglass),
        *(f'hourglass_modules.{i}.{j}' for i in (0, 1) for j in (1, 2)),
        *(f'out_convs.{i}' for i in (0, 1)),
        'remap_out_convs.0',
        'remap_feature_convs.0',
    }


def test_heatmaps_and_tags_at_a_quarter_of_the_size_per_stack():
    backbone = small(num_stacks=3).eval()
    assert (backbone.out_channels, backbone.out_strides) == ((34,) * 3, (4,) * 3)
    with torch.no_grad():
        outs = backbone(torch.zeros(2, 3, 48, 32))
    assert [tuple(x.shape) for x in outs] == [(2, 34, 12, 8)] * 3


def test_the_second_stack_sees_input_features_and_output_of_the_first():
    backbone = small(num_stacks=2).eval()
    with torch.no_grad():
        pictures = torch.rand(1, 3, 32, 32)
        _, second = backbone(pictures)
        x = backbone.stem(pictures)
        feature = backbone.hourglass_modules[0](x)
        out = backbone.out_convs[0](feature)
        x = x + backbone.remap_feature_convs[0](feature) + backbone.remap_out_convs[0](out)
        torch.testing.assert_close(backbone.out_convs[1](backbone.hourglass_modules[1](x)), second)


def test_errors():
    with pytest.raises(
        ValueError, match='num_stacks of HourglassAENet is 0; it must be at least 1'
    ):
        small(num_stacks=0)
    with pytest.raises(ValueError, match='begins with 8, but there are 256 channels between'):
        small(feat_channels=256)
    with pytest.raises(ValueError, match=r'32x40 .* must be multiples of 16'):
        small()(torch.zeros(1, 3, 40, 32))

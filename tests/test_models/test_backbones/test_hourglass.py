import pytest
import torch
from torch import nn

from mmpose.models.backbones import HourglassNet
from mmpose.models.backbones.hourglass import Hourglass


def small(**kwargs):
    return HourglassNet(
        **dict(
            dict(
                downsample_times=2,
                stage_channels=(8, 8, 12),
                stage_blocks=(1, 1, 2),
                feat_channel=8,
            ),
            **kwargs,
        )
    )


def test_hourglass_adds_what_the_coarser_map_shows():
    hourglass = Hourglass(nn.Identity(), nn.AvgPool2d(2), nn.Identity(), nn.Identity())
    x = torch.tensor([[[[1.0, 3.0, 0.0, 0.0], [5.0, 7.0, 0.0, 8.0]]]])  # means 4 and 2
    assert hourglass(x).tolist() == [[[[5.0, 7.0, 2.0, 2.0], [9.0, 11.0, 2.0, 10.0]]]]


def test_published_parameter_count():
    with torch.device('meta'):
        backbone = HourglassNet(num_stacks=1)
    assert sum(p.numel() for p in backbone.parameters()) == 94843520


@pytest.mark.parametrize('stacks', [1, 3])
def test_a_quarter_of_the_size_per_stack(stacks):
    backbone = small(num_stacks=stacks).eval()
    assert (backbone.out_channels, backbone.out_strides) == ((8,) * stacks, (4,) * stacks)
    with torch.no_grad():
        outs = backbone(torch.zeros(2, 3, 48, 32))
    assert [tuple(x.shape) for x in outs] == [(2, 8, 12, 8)] * stacks


def test_the_second_stack_joins_input_and_output_of_the_first():
    backbone = small(num_stacks=2).eval()
    with torch.no_grad():
        pictures = torch.rand(1, 3, 32, 32)
        first, second = backbone(pictures)
        joined = backbone.conv1x1s[0](backbone.stem(pictures)) + backbone.remap_convs[0](first)
        feature = backbone.hourglass_modules[1](backbone.inters[0](joined.relu()))
        torch.testing.assert_close(backbone.out_convs[1](feature), second)


def test_a_single_stack_keeps_a_block_that_is_never_run():
    backbone = small(num_stacks=1).train()
    idle = {n.split('.')[0] for n, p in backbone.named_parameters() if not p.requires_grad}
    assert idle == {'inters'}
    backbone(torch.randn(2, 3, 32, 32))[0].square().mean().backward()
    without = {n.split('.')[0] for n, p in backbone.named_parameters() if p.grad is None}
    assert without == {'inters'}
    assert all(p.requires_grad for p in small(num_stacks=2).parameters())


def test_deeper_tuples_than_halvings_are_welcome():
    backbone = small(stage_channels=(8, 8, 12, 99), stage_blocks=(1, 1, 2, 99))
    assert backbone.state_dict().keys() == small().state_dict().keys()


def test_errors():
    with pytest.raises(ValueError, match='num_stacks of HourglassNet is 0; it must be at least 1'):
        small(num_stacks=0)
    with pytest.raises(ValueError, match='downsample_times of HourglassNet is 0'):
        small(downsample_times=0)
    with pytest.raises(
        ValueError, match=r'stage_channels of HourglassNet is \(8, 8, 12\); it need'
    ):
        small(downsample_times=3)
    with pytest.raises(ValueError, match='begins with 8, but there are 16 channels between'):
        small(feat_channel=16)
    with pytest.raises(
        ValueError, match=r'stage_blocks of HourglassNet is \(1, 1\); give an entry'
    ):
        small(stage_blocks=(1, 1))
    with pytest.raises(
        ValueError, match=r'40x32 \(w x h\) pixels, but the sides must be multiples of 16'
    ):
        small()(torch.zeros(1, 3, 32, 40))

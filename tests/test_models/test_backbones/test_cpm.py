import pytest
import torch
from torch import nn

from mmpose.models.backbones import CPM
from mmpose.models.backbones.cpm import CpmBlock


def small(**kwargs):
    return CPM(in_channels=3, out_channels=5, feat_channels=16, middle_channels=8, **kwargs)


@pytest.mark.parametrize(('keypoints', 'parameters'), [(17, 31304166), (15, 31146970)])
def test_published_parameter_counts(keypoints, parameters):
    with torch.device('meta'):
        backbone = CPM(in_channels=3, out_channels=keypoints)
    assert sum(p.numel() for p in backbone.parameters()) == parameters


@pytest.mark.parametrize(('size', 'cells'), [((64, 48), (8, 6)), ((41, 17), (6, 3))])
def test_heatmaps_of_an_eighth_of_the_size_rounded_up(size, cells):
    backbone = small(num_stages=3).eval()
    with torch.no_grad():
        outs = backbone(torch.zeros(2, 3, *size))
    assert [tuple(x.shape) for x in outs] == [(2, 5, *cells)] * 3


def test_a_later_stage_sees_picture_and_heatmaps():
    backbone = small(num_stages=2).eval()
    pictures = torch.rand(2, 3, 32, 32)
    with torch.no_grad():
        first, second = backbone(pictures)
        backbone.stem[-1].conv.bias += 1  # other heatmaps at first
        shifted, other = backbone(pictures)
        torch.testing.assert_close(shifted, first + 1)
        assert not torch.equal(second, other)

        seen = torch.cat([shifted, backbone.middle_conv[0](backbone.middle(pictures))], dim=1)
        torch.testing.assert_close(backbone.out_convs[0](backbone.cpm_stages[0](seen)), other)


def test_a_single_stage_is_the_stem():
    backbone = small(num_stages=1).eval()
    assert len(backbone.cpm_stages) == 0
    with torch.no_grad():
        x = torch.rand(1, 3, 16, 16)
        (heatmaps,) = backbone(x)
        assert torch.equal(heatmaps, backbone.stem(x))


def test_block_is_a_row_of_convolutions_that_keep_the_size():
    block = CpmBlock(2, channels=(3, 4), kernels=(3, 5))
    shapes = {n: tuple(p.shape) for n, p in block.named_parameters()}
    assert shapes == {
        'model.0.conv.weight': (3, 2, 3, 3),
        'model.0.conv.bias': (3,),
        'model.1.conv.weight': (4, 3, 5, 5),
        'model.1.conv.bias': (4,),
    }
    assert tuple(block(torch.zeros(1, 2, 7, 6)).shape) == (1, 4, 7, 6)


def test_weights_start_small():
    torch.manual_seed(0)
    backbone = small(num_stages=2)
    backbone.init_weights()
    stds = [m.weight.std().item() for m in backbone.modules() if isinstance(m, nn.Conv2d)]
    assert 0.0005 < min(stds) < max(stds) < 0.002


def test_errors():
    with pytest.raises(ValueError, match='num_stages of CPM is 0; it must be at least 1'):
        small(num_stages=0)
    with pytest.raises(ValueError, match=r'channels=\(3, 4\) and kernels=\(3,\); give one of each'):
        CpmBlock(2, channels=(3, 4), kernels=(3,))

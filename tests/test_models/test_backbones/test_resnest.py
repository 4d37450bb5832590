import pytest
import torch
from torch import nn

from mmpose.models.backbones import ResNeSt, ResNetV1d
from mmpose.models.backbones.resnest import Bottleneck, SplitAttentionConv2d


def split_conv(**kwargs):
    torch.manual_seed(0)
    return SplitAttentionConv2d(8, 8, 3, padding=1, **kwargs).eval()


def test_published_parameter_count():
    # 27483240 of the classifier, less 2048 * 1000 + 1000 of its last layer
    with torch.device('meta'):
        backbone = ResNeSt(50)
    assert sum(p.numel() for p in backbone.parameters()) == 25434240
    assert isinstance(backbone, ResNetV1d)


@pytest.mark.parametrize(
    ('depth', 'blocks'), [(101, (3, 4, 23, 3)), (200, (3, 24, 36, 3)), (269, (3, 30, 48, 8))]
)
def test_depths(depth, blocks):
    with torch.device('meta'):
        backbone = ResNeSt(depth)
    assert tuple(len(getattr(backbone, name)) for name in backbone.res_layers) == blocks


def test_equal_logits_average_the_splits():
    conv = split_conv(radix=2)
    nn.init.zeros_(conv.fc2.weight)
    nn.init.zeros_(conv.fc2.bias)
    x = torch.randn(2, 8, 4, 4)
    with torch.no_grad():
        splits = conv.relu(conv.norm0(conv.conv(x)))
        torch.testing.assert_close(conv(x), (splits[:, :8] + splits[:, 8:]) / 2)


@pytest.mark.parametrize('groups', [1, 2])
def test_logits_lie_group_by_group_and_splits_radix_first(groups):
    conv = split_conv(radix=2, groups=groups)
    nn.init.zeros_(conv.fc2.weight)
    with torch.no_grad():
        width = 8 // groups
        bias = conv.fc2.bias.view(groups, 2, width)
        bias.zero_()
        bias[0, 1] = 40.0  # the first group takes its second split alone
    x = torch.randn(2, 8, 4, 4)
    with torch.no_grad():
        first, second = conv.relu(conv.norm0(conv.conv(x))).split(8, dim=1)
        expected = (first + second) / 2
        expected[:, :width] = second[:, :width]
        torch.testing.assert_close(conv(x), expected)


def test_one_split_is_weighed_by_a_sigmoid():
    conv = split_conv(radix=1)
    nn.init.zeros_(conv.fc2.weight)
    nn.init.constant_(conv.fc2.bias, torch.tensor(3.0).log().item())  # sigmoid(log 3) = 3 / 4
    x = torch.randn(2, 8, 4, 4)
    with torch.no_grad():
        torch.testing.assert_close(conv(x), 0.75 * conv.relu(conv.norm0(conv.conv(x))))


def test_attention_is_at_least_32_wide():
    assert split_conv().fc1.out_channels == 32
    assert SplitAttentionConv2d(128, 128, 3, radix=2, reduction_factor=4).fc1.out_channels == 64


@pytest.mark.parametrize(
    ('kwargs', 'strides'),
    [
        (dict(), (1, 1, 2)),
        (dict(avg_down_stride=False), (1, 2, None)),
        (dict(style='caffe'), (2, 1, None)),
    ],
    ids=['pooled', 'convolved', 'caffe'],
)
def test_what_takes_the_stride(kwargs, strides):
    block = Bottleneck(8, 16, stride=2, downsample=nn.Conv2d(8, 16, 1, stride=2), **kwargs)
    pool = getattr(block.avd_layer, 'stride', None)
    assert (block.conv1.stride[0], block.conv2.conv.stride[0], pool) == strides
    assert tuple(block(torch.randn(2, 8, 7, 6)).shape) == (2, 16, 4, 3)


def test_grouped_splits():
    block = Bottleneck(16, 32, groups=2, width_per_group=4, base_channels=8)
    assert block.mid_channels == 8
    assert block.conv2.conv.groups == 4  # two groups in each of two splits


def test_names_of_the_published_weights():
    names = set(Bottleneck(8, 8).state_dict())
    assert {'conv2.conv.weight', 'conv2.bn0.weight', 'conv2.fc1.bias', 'conv2.bn1.weight'} <= names
    assert 'bn2.weight' not in names


def test_errors():
    with pytest.raises(ValueError, match='radix is 0; it must be positive'):
        split_conv(radix=0)
    with pytest.raises(ValueError, match='depth of ResNeSt is 34; choose one of 50, 101, 152, 200'):
        ResNeSt(34)

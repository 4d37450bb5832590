import pytest
import torch

from mmpose.models.backbones import ResNeXt
from mmpose.models.backbones.resnext import Bottleneck


@pytest.mark.parametrize(
    ('kwargs', 'parameters'),
    [
        (dict(depth=50), 22979904),
        (dict(depth=101), 42128704),
        (dict(depth=101, groups=32, width_per_group=8), 86742336),
    ],
    ids=['50-32x4d', '101-32x4d', '101-32x8d'],
)
def test_published_parameter_counts(kwargs, parameters):
    # those of the classifiers, less 2048 * 1000 + 1000 of their last layer
    with torch.device('meta'):
        backbone = ResNeXt(**kwargs)
    assert sum(p.numel() for p in backbone.parameters()) == parameters


def test_groups_widen_the_middle_convolution():
    block = Bottleneck(256, 512, base_channels=64, groups=32, width_per_group=4)
    # 512 / 4 = 128 plain inner channels, twice those of the first stage: 32 groups of 4 * 2
    assert tuple(block.conv2.weight.shape) == (256, 8, 3, 3)
    assert block.conv3.in_channels == 256


def test_one_group_is_the_plain_bottleneck():
    assert tuple(Bottleneck(256, 512, groups=1).conv2.weight.shape) == (128, 128, 3, 3)


def test_groups_keep_apart():
    block = Bottleneck(8, 8, expansion=1, base_channels=8, groups=2, width_per_group=4).eval()
    x = torch.randn(1, 8, 5, 5)
    changed = x.clone()
    changed[:, 4:] += 1
    with torch.no_grad():
        difference = block.conv2(changed) - block.conv2(x)
    assert not difference[:, :4].any()
    assert difference[:, 4:].any()


def test_width_per_group_follows_base_channels():
    backbone = ResNeXt(50, groups=4, width_per_group=2, base_channels=16)
    # 4 groups of 2 in the first stage, of 4 in the second
    assert backbone.layer1[0].conv2.weight.shape[:2] == (8, 2)
    assert backbone.layer2[0].conv2.weight.shape[:2] == (16, 4)


def test_errors():
    with pytest.raises(ValueError, match='groups is 0 and width_per_group 4; both must be posi'):
        ResNeXt(50, groups=0)
    with pytest.raises(ValueError, match=r'depth of ResNeXt is 18; choose one of 50, 101, 152\.'):
        ResNeXt(18)

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.models.backbones import RegNet

# stages and widths of the paper's tables
PUBLISHED = {
    'regnetx_400mf': ((1, 2, 7, 12), (32, 64, 160, 384)),
    'regnetx_800mf': ((1, 3, 7, 5), (64, 128, 288, 672)),
    'regnetx_1.6gf': ((2, 4, 10, 2), (72, 168, 408, 912)),
    'regnetx_3.2gf': ((2, 6, 15, 2), (96, 192, 432, 1008)),
    'regnetx_4.0gf': ((2, 5, 14, 2), (80, 240, 560, 1360)),
    'regnetx_6.4gf': ((2, 4, 10, 1), (168, 392, 784, 1624)),
    'regnetx_8.0gf': ((2, 5, 15, 1), (80, 240, 720, 1920)),
    'regnetx_12gf': ((2, 5, 11, 1), (224, 448, 896, 2240)),
}
SMALL = dict(w0=8, wa=4, wm=2, group_w=4, depth=11, bot_mul=1.0)


@pytest.mark.parametrize('arch', PUBLISHED)
def test_published_stages(arch):
    blocks, widths = PUBLISHED[arch]
    with torch.device('meta'):
        backbone = RegNet(arch, out_indices=(0, 1, 2, 3))
    assert backbone.out_channels == widths
    assert backbone.out_strides == (4, 8, 16, 32)
    assert tuple(len(getattr(backbone, name)) for name in backbone.res_layers) == blocks
    group = RegNet.arch_settings[arch]['group_w']
    for name, width in zip(backbone.res_layers, widths, strict=True):
        conv = getattr(backbone, name)[0].conv2
        assert tuple(conv.weight.shape) == (width, min(group, width), 3, 3)


@pytest.mark.parametrize(
    ('arch', 'parameters'),
    [('800mf', 7259656), ('1.6gf', 9190136), ('3.2gf', 15296552), ('8.0gf', 39572648)],
)
def test_published_parameter_counts(arch, parameters):
    with torch.device('meta'):
        backbone = RegNet(f'regnetx_{arch}')
    classifier = backbone.feat_dim * 1000 + 1000
    assert sum(p.numel() for p in backbone.parameters()) + classifier == parameters


def test_widths_of_the_blocks_by_hand():
    # line 8, 12, ..., 48; the powers of 2 nearest to line / 8 on a logarithmic scale
    widths, stages = RegNet.generate_regnet(8, 4, 2, 11)
    assert widths == [8, 16, 16, 16, 32, 32, 32, 32, 32, 32, 64]
    assert stages == 4
    assert RegNet.get_stages_from_blocks(widths) == ([8, 16, 32, 64], [1, 3, 6, 1])


@pytest.mark.parametrize(
    ('number', 'divisor', 'expected'), [(392, 16, 384), (400, 16, 400), (20, 8, 16), (28, 8, 32)]
)
def test_quantize_float(number, divisor, expected):
    assert RegNet.quantize_float(number, divisor) == expected  # 24.5 and 2.5 round to even


def test_groups_are_no_wider_than_the_stage():
    assert RegNet.adjust_width_group([24, 100], [1.0, 1.0], [32, 32]) == ([24, 96], [24, 32])
    # a quarter of 64 is 16 inner channels, in one group
    assert RegNet.adjust_width_group([64], [0.25], [24]) == ([64], [16])


@settings(deadline=None)
@given(
    widths=st.lists(st.integers(1, 400).map(lambda n: 8 * n), min_size=1, max_size=4),
    group=st.integers(1, 64),
)
def test_adjusted_widths_are_multiples_of_their_groups(widths, group):
    ones = [1.0] * len(widths)
    adjusted, groups = RegNet.adjust_width_group(widths, ones, [group] * len(widths))
    for before, after, g in zip(widths, adjusted, groups, strict=True):
        assert after % g == 0
        assert abs(after - before) <= g / 2


@pytest.mark.parametrize('ratio', [0.25, 0.5, 2.0])
def test_inner_width_by_the_ratio(ratio):
    backbone = RegNet(dict(SMALL, bot_mul=ratio))
    block = backbone.layer4[0]
    assert (block.mid_channels, block.out_channels) == (64 * ratio, 64)
    assert block.conv2.weight.shape[1] == 4


def test_stem_does_not_pool():
    backbone = RegNet(SMALL, out_indices=(0,), strides=(1, 2, 2, 2)).eval()
    assert backbone.out_strides == (2,)
    assert tuple(backbone.conv1.weight.shape) == (32, 3, 3, 3)
    with torch.no_grad():
        assert tuple(backbone(torch.zeros(1, 3, 32, 16))[0].shape) == (1, 8, 16, 8)


def test_options_of_resnet():
    backbone = RegNet(SMALL, deep_stem=True, avg_down=True, frozen_stages=1, stem_channels=8)
    frozen = {n.split('.')[0] for n, p in backbone.named_parameters() if not p.requires_grad}
    assert frozen == {'stem', 'layer1'}
    backbone.init_weights()
    assert not backbone.layer2[0].bn3.weight.any()
    assert tuple(backbone(torch.randn(2, 3, 64, 64))[0].shape) == (2, 64, 2, 2)


@pytest.mark.parametrize('values', [(0, 4, 2), (12, 4, 2), (8, -1, 2), (8, 4, 1)])
def test_widths_that_shrink(values):
    with pytest.raises(ValueError, match='start at a positive multiple of 8, grow by 0 or more'):
        RegNet.generate_regnet(*values, 11)


def test_errors():
    with pytest.raises(ValueError, match="arch of RegNet is 'regnetx_1gf'; choose one of 'regnetx"):
        RegNet('regnetx_1gf')
    with pytest.raises(KeyError, match='arch of RegNet lacks wm, depth'):
        RegNet(dict(w0=8, wa=4, group_w=4, bot_mul=1.0))
    with pytest.raises(ValueError, match=r'num_stages is 5; it must be 1 to 4'):
        RegNet(SMALL, strides=(2,) * 5)
    with pytest.raises(ValueError, match=r'out_indices of RegNet is \(4,\)'):
        RegNet(SMALL, out_indices=(4,))

import pytest
import torch
from torch import nn

from mmpose.models.utils import PatchEmbed, nchw_to_nlc, nlc_to_nchw
from mmpose.models.utils.transformer import AdaptivePadding, PatchMerging


def test_tokens_are_the_cells_row_by_row():
    maps = torch.arange(24.0).view(1, 2, 3, 4)
    tokens = nchw_to_nlc(maps)
    assert tokens[0, 5].tolist() == [5, 17]  # row 1, column 1 of both channels
    assert torch.equal(nlc_to_nchw(tokens, (3, 4)), maps)
    assert nlc_to_nchw(tokens, (3, 4)).data_ptr() == maps.data_ptr()  # views all the way
    with pytest.raises(ValueError, match=r'12 tokens do not fill a map of 3x5 \(h x w\) cells'):
        nlc_to_nchw(tokens, (3, 5))


@pytest.mark.parametrize(
    ('padding', 'settings', 'amounts'),
    [
        ('corner', dict(kernel_size=16, stride=16), (0, 15, 0, 1)),
        ('same', dict(kernel_size=16, stride=16), (7, 8, 0, 1)),
        ('corner', dict(kernel_size=3, stride=2), (0, 2, 0, 2)),  # windows at 0, 2, ..., 14 and 16
        ('same', dict(kernel_size=3, dilation=2), (2, 2, 2, 2)),
        ('corner', dict(kernel_size=2, stride=4), (0, 1, 0, 0)),  # windows that leave gaps
    ],
)
def test_padding_lets_windows_cover_the_map(padding, settings, amounts):
    pad = AdaptivePadding(padding=padding, **settings)
    assert pad.amounts(15, 17) == amounts
    left, right, top, bottom = amounts
    padded = pad(torch.ones(1, 1, 15, 17))
    assert padded.shape == (1, 1, 15 + top + bottom, 17 + left + right)
    assert padded.sum() == 15 * 17


def test_padding_of_one_side_only():
    pad = AdaptivePadding(kernel_size=(1, 4), stride=(1, 4))
    x = torch.zeros(1, 1, 3, 8)
    assert pad(x) is x
    assert pad.amounts(3, 9) == (0, 3, 0, 0)
    with pytest.raises(ValueError, match="padding is 'full'; give 'corner', 'same' or numbers"):
        AdaptivePadding(padding='full')


@pytest.mark.parametrize(
    ('settings', 'size', 'cells'),
    [
        (dict(), (64, 48), (4, 3)),
        (dict(), (65, 33), (5, 3)),
        (dict(padding=2), (256, 192), (16, 12)),  # ViTPose's
        (dict(kernel_size=7, stride=4, padding=3), (30, 64), (8, 16)),
        (dict(kernel_size=4, stride=None, padding=0), (9, 8), (2, 2)),
        (dict(kernel_size=3, stride=2, dilation=2, padding='same'), (9, 9), (5, 5)),
    ],
)
def test_patches_of_a_picture(settings, size, cells):
    embed = PatchEmbed(3, 8, input_size=size, norm_cfg=dict(type='LN'), **settings)
    tokens, hw_shape = embed(torch.zeros(1, 3, *size))
    assert hw_shape == cells == embed.init_out_size
    assert tokens.shape == (1, cells[0] * cells[1], 8)


def test_a_patch_is_projected_by_itself():
    embed = PatchEmbed(1, 1, kernel_size=2, stride=2, bias=False)
    nn.init.ones_(embed.projection.weight)
    tokens, _ = embed(torch.arange(16.0).view(1, 1, 4, 4))
    assert tokens.flatten().tolist() == [10, 18, 42, 50]
    assert (embed.init_out_size, embed.norm) == (None, None)


@pytest.mark.parametrize(
    ('settings', 'least'),
    [(dict(), 1), (dict(padding=2), 12), (dict(kernel_size=3, dilation=2, padding=(0, 1)), 5)],
)
def test_least_size_of_a_picture(settings, least):
    embed = PatchEmbed(1, 1, **settings)
    assert embed.least_size == least
    embed(torch.zeros(1, 1, least, least))
    assert embed.out_size(least, least) == (1, 1) or least == 1


@pytest.mark.parametrize('size', [(4, 6), (5, 3)])
@pytest.mark.parametrize(
    'settings', [dict(), dict(stride=1), dict(kernel_size=3, stride=2), dict(dilation=2)]
)
def test_merging_reads_windows_as_unfold_does(size, settings):
    merging = PatchMerging(2, 5, norm_cfg=None, **settings)
    x = torch.randn(3, size[0] * size[1], 2)
    merged, hw_shape = merging(x, size)

    pad = merging.adaptive_padding
    maps = pad(nlc_to_nchw(x, size))
    columns = nn.functional.unfold(maps, pad.kernel_size, pad.dilation, 0, pad.stride)
    torch.testing.assert_close(merged, merging.reduction(columns.transpose(1, 2)))
    assert hw_shape[0] * hw_shape[1] == merged.shape[1]
    assert hw_shape[0] == -(-size[0] // pad.stride[0])


def test_merging_normalises_the_windows():
    merging = PatchMerging(1, 1)
    nn.init.ones_(merging.reduction.weight)
    merged, hw_shape = merging(torch.randn(1, 16, 1), (4, 4))
    assert hw_shape == (2, 2)
    torch.testing.assert_close(merged, torch.zeros(1, 4, 1), atol=1e-6, rtol=0)

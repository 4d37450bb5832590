import pytest
import torch
from torch import nn

from mmpose.models.utils.window_attention import (
    WindowMSA,
    relative_position_index,
    window_partition,
    window_reverse,
)


def averaging(window_size, **kwargs):
    """Attention that scores all cells alike but for the bias, and returns their mean."""
    attention = WindowMSA(1, 1, window_size, **kwargs)
    for p in attention.parameters():
        nn.init.zeros_(p)
    attention.qkv.weight.data[2] = 1
    attention.proj.weight.data[:] = 1
    return attention


def test_windows_row_by_row():
    x = torch.arange(2 * 4 * 6).view(2, 4, 6, 1)
    windows = window_partition(x, (2, 3))
    assert tuple(windows.shape) == (8, 6, 1)
    assert windows[1, :, 0].tolist() == [3, 4, 5, 9, 10, 11]
    assert windows[2, :, 0].tolist() == [12, 13, 14, 18, 19, 20]
    assert windows[4, 0, 0] == 24  # the second map
    assert torch.equal(window_reverse(windows, (2, 3), (4, 6)), x)


def test_relative_position_index():
    index = relative_position_index((2, 3))
    assert tuple(index.shape) == (6, 6)
    assert (index.diagonal() == 1 * 5 + 2).all()  # no offset: the middle of the 3x5 table
    assert index[0, 5] == 0  # the key lies as far down and right of the query as it can
    assert index[5, 0] == 14
    assert torch.equal(index + index.T, torch.full((6, 6), 14))  # the opposite offset


def test_bias_by_relative_position():
    attention = averaging((2, 3))
    x = torch.tensor([1.0, 2, 3, 4, 5, 6]).view(1, 6, 1)
    assert torch.allclose(attention(x), torch.full_like(x, 3.5))
    attention.relative_position_bias_table.data[7] = 100  # no offset: to themselves
    assert torch.allclose(attention(x), x)
    attention.relative_position_bias_table.data[6] = 200  # dx = -1: to the cell on the right
    assert attention(x).flatten().tolist() == [2, 3, 3, 5, 6, 6]


def test_mask_is_added_for_each_window_of_a_map():
    attention = averaging((1, 2))
    x = torch.tensor([[1.0, 3], [5, 7], [11, 13], [15, 17]])[..., None]  # 2 maps of 2 windows
    mask = torch.tensor([[[0, -torch.inf]], [[0, 0]]])  # (2, 1, 2)
    expected = [[1, 1], [6, 6], [11, 11], [16, 16]]
    assert attention(x, mask)[..., 0].tolist() == expected
    assert averaging((1, 2), with_rpe=False)(x, mask)[..., 0].tolist() == expected


def test_without_relative_positions_there_is_no_table():
    names = {name for name, _ in WindowMSA(4, 2, (7, 7), with_rpe=False).named_parameters()}
    assert names == {'qkv.weight', 'qkv.bias', 'proj.weight', 'proj.bias'}
    attention = WindowMSA(4, 2, (7, 7))
    assert tuple(attention.relative_position_bias_table.shape) == (169, 2)
    assert tuple(attention.state_dict()['relative_position_index'].shape) == (49, 49)


def test_heads_must_divide_the_channels():
    with pytest.raises(ValueError, match='heads'):
        WindowMSA(6, 4, (7, 7))

"""Attention within windows of a feature map, with a bias by relative position."""

from __future__ import annotations

from functools import lru_cache

import torch
from mmengine.model import BaseModule
from mmengine.utils import to_2tuple
from torch import Tensor, nn
from torch.nn.functional import pad

from .position_embedding import fit_relative_positions
from .transformer import SelfAttention

HIDDEN = -100.0
"""Added to the scores of tokens that are no neighbours in the picture; the authors' value."""


def window_partition(x: Tensor, window_size: tuple[int, int]) -> Tensor:
    """The windows of feature maps, row by row, those of one map together: (B * L, h * w, C).

    Args:
        x: (B, H, W, C), with sides that are multiples of those of the windows.
        window_size: (h, w).
    """
    B, H, W, C = x.shape
    h, w = window_size
    return x.view(B, H // h, h, W // w, w, C).transpose(2, 3).reshape(-1, h * w, C)


def window_reverse(
    windows: Tensor, window_size: tuple[int, int], map_size: tuple[int, int]
) -> Tensor:
    """The feature maps (B, H, W, C) that :func:`window_partition` made the windows of.

    Args:
        windows: (B * L, h * w, C).
        window_size: (h, w).
        map_size: (H, W).
    """
    (H, W), (h, w) = map_size, window_size
    grid = windows.view(-1, H // h, W // w, h, w, windows.shape[-1])
    return grid.transpose(2, 3).reshape(-1, H, W, windows.shape[-1])


def relative_position_index(window_size: tuple[int, int]) -> Tensor:
    """For each pair of cells the row of a table with an entry per offset: (h * w, h * w).

    Args:
        window_size: (h, w). There are ``(2 * h - 1) * (2 * w - 1)`` offsets.

    Example:
        >>> relative_position_index((1, 2))
        tensor([[1, 0],
                [2, 1]])
    """
    h, w = window_size
    y, x = (i.flatten() for i in torch.meshgrid(torch.arange(h), torch.arange(w), indexing='ij'))
    return (y[:, None] - y + h - 1) * (2 * w - 1) + x[:, None] - x + w - 1


class WindowMSA(SelfAttention):
    """Attention of the cells of each window to each other.

    Paper: `Liu et al., 2021, Swin Transformer: Hierarchical Vision Transformer using Shifted
    Windows <https://arxiv.org/abs/2103.14030>`_. Biases of windows of another size are resampled
    when they are loaded.

    Args:
        embed_dims: Channels of the input and of the output.
        num_heads: Number of attention heads.
        window_size: (h, w) of the windows.
        with_rpe: Whether scores have a learned bias by head and relative position.
        **kwargs: Passed to :class:`SelfAttention`.
    """

    def __init__(
        self,
        embed_dims: int,
        num_heads: int,
        window_size: tuple[int, int],
        with_rpe: bool = True,
        **kwargs,
    ) -> None:
        super().__init__(embed_dims, num_heads, **kwargs)
        self.window_size = window_size
        self.with_rpe = with_rpe
        if with_rpe:
            offsets = (2 * window_size[0] - 1) * (2 * window_size[1] - 1)
            table = nn.init.trunc_normal_(torch.empty(offsets, num_heads), std=0.02)
            self.relative_position_bias_table = nn.Parameter(table)
            self.register_buffer('relative_position_index', relative_position_index(window_size))

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *args, **kwargs) -> None:
        table = f'{prefix}relative_position_bias_table'
        if self.with_rpe and table in state_dict:
            state_dict[table] = fit_relative_positions(
                state_dict[table], self.relative_position_bias_table, self.window_size
            )
            # it follows from the size of the windows, which may be another one in the file
            state_dict[f'{prefix}relative_position_index'] = self.relative_position_index
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """The attended windows, in the input's shape.

        Args:
            x: (B * L, h * w, C), the L windows of each feature map together.
            mask: (L, h * w, h * w), or (L, 1, h * w) where it is the same for every cell, is added
                to the scores; -inf stops a cell from attending to another. ``None`` adds nothing.
        """
        bias = None
        if self.with_rpe:
            table = self.relative_position_bias_table
            bias = table[self.relative_position_index].permute(2, 0, 1)[None]
        if mask is not None:
            mask = mask[:, None] if bias is None else mask[:, None] + bias
            bias = mask.repeat(x.shape[0] // mask.shape[0], 1, 1, 1)
        return super().forward(x, bias)


def shift_mask(
    hw_shape: tuple[int, int],
    window_size: tuple[int, int],
    shift: tuple[int, int],
    like: Tensor,
) -> Tensor:
    """What hides tokens that a cyclic shift brought into one window, (L, h*w, h*w).

    Args:
        hw_shape: (H, W) of the maps, multiples of the windows' sides.
        window_size: (h, w).
        shift: Cells by which the maps were rolled towards the origin, (dy, dx).
        like: Has the type and the device of the result.
    """
    args = (hw_shape, window_size, shift, like.dtype, like.device)
    # what is made while compiling, or beside no plain tensor, is good for this one call only
    if torch.compiler.is_compiling() or type(like) not in (Tensor, nn.Parameter):
        return _make_shift_mask(*args)
    return _cached_shift_mask(*args)


def _make_shift_mask(
    hw_shape: tuple[int, int],
    window_size: tuple[int, int],
    shift: tuple[int, int],
    dtype: torch.dtype,
    device: torch.device,
) -> Tensor:
    regions = torch.zeros((), dtype=torch.long, device=device)
    for side, size, step in zip(hw_shape, window_size, shift, strict=True):
        place = torch.arange(side, device=device)
        along = (place >= side - size).long() + (place >= side - step)
        regions = 3 * regions[..., None] + along
    regions = window_partition(regions[None, :, :, None], window_size)  # (L, h*w, 1)
    return (regions != regions.transpose(1, 2)).to(dtype) * HIDDEN


@lru_cache(maxsize=8)
def _cached_shift_mask(*args) -> Tensor:
    # a tensor made in inference mode could not be used in training later
    with torch.inference_mode(False):
        return _make_shift_mask(*args)


class ShiftWindowMSA(BaseModule):
    """Attention of a map's tokens inside windows, which may lie shifted.

    Args:
        embed_dims: Channels of the tokens.
        num_heads: Number of heads.
        window_size: Side of the windows.
        shift_size: Cells by which the windows are shifted, less than their side.
        **kwargs: Passed to :class:`WindowMSA`.

    Raises:
        ValueError: The shift is not less than the windows' side.
    """

    def __init__(
        self, embed_dims: int, num_heads: int, window_size: int, shift_size: int = 0, **kwargs
    ) -> None:
        super().__init__()
        if not 0 <= shift_size < window_size:
            raise ValueError(
                f'shift_size is {shift_size}; it must be 0 to {window_size - 1} for windows of '
                f'{window_size}.'
            )
        self.window_size = to_2tuple(window_size)
        self.shift_size = to_2tuple(shift_size)
        self.w_msa = WindowMSA(embed_dims, num_heads, self.window_size, **kwargs)

    def forward(self, x: Tensor, hw_shape: tuple[int, int]) -> Tensor:
        """The tokens (B, H*W, C) of an (H, W) map after attention."""
        H, W = hw_shape
        x = x.unflatten(1, (H, W))
        down, right = (-side % size for side, size in zip(hw_shape, self.window_size, strict=True))
        if down or right:
            x = pad(x, (0, 0, 0, right, 0, down))
        padded = (H + down, W + right)

        shifted, mask = any(self.shift_size), None
        if shifted:
            x = torch.roll(x, [-step for step in self.shift_size], dims=(1, 2))
            table = self.w_msa.relative_position_bias_table
            mask = shift_mask(padded, self.window_size, self.shift_size, table)
        windows = self.w_msa(window_partition(x, self.window_size), mask)
        x = window_reverse(windows, self.window_size, padded)
        if shifted:
            x = torch.roll(x, self.shift_size, dims=(1, 2))
        return x[:, :H, :W].flatten(1, 2)

"""Points for the cells of feature maps."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from mmengine.utils import to_2tuple
from torch import Tensor

from mmpose.registry import TASK_UTILS

Device = torch.device | str


@TASK_UTILS.register_module()
class MlvlPointGenerator:
    """A point for each cell of feature maps of several strides, in pixels of the input.

    Args:
        strides: Pixels of the input per cell of each feature map: one number, or (x, y).
        offset: Where in its cell the point is: 0, its left top corner, to 1.
        centralize_points: Whether to put the points in the middle of the pixels that their cells
            cover, (stride - 1) / 2 from the first one, in place of ``offset``.

    Raises:
        ValueError: A stride is not positive.

    Example:
        >>> MlvlPointGenerator([16]).grid_priors([(1, 2)], device='cpu')
        [tensor([[ 8.,  8.],
                [24.,  8.]])]
    """

    def __init__(
        self,
        strides: Sequence[int | tuple[int, int]],
        offset: float = 0.5,
        centralize_points: bool = False,
    ) -> None:
        self.strides = [to_2tuple(stride) for stride in strides]
        if any(side <= 0 for stride in self.strides for side in stride):
            raise ValueError(f'strides is {list(strides)}; give positive numbers of pixels.')
        self.offset = offset
        self.centralize_points = centralize_points

    @property
    def num_levels(self) -> int:
        """Number of feature maps."""
        return len(self.strides)

    @property
    def num_base_priors(self) -> list[int]:
        """Points per cell of each feature map: 1."""
        return [1] * self.num_levels

    def grid_priors(
        self,
        featmap_sizes: Sequence[tuple[int, int]],
        dtype: torch.dtype = torch.float32,
        device: Device = 'cuda',
        with_stride: bool = False,
    ) -> list[Tensor]:
        """The points of each feature map, as :meth:`single_level_grid_priors` returns them.

        Args:
            featmap_sizes: (h, w) of each map.
            dtype: Of the points.
            device: Where the points are made.
            with_stride: Whether the stride stands behind each point.

        Raises:
            ValueError: There are more or fewer maps than strides.
        """
        self._check_levels(featmap_sizes)
        return [
            self.single_level_grid_priors(size, level, dtype, device, with_stride)
            for level, size in enumerate(featmap_sizes)
        ]

    def single_level_grid_priors(
        self,
        featmap_size: tuple[int, int],
        level_idx: int,
        dtype: torch.dtype = torch.float32,
        device: Device = 'cuda',
        with_stride: bool = False,
    ) -> Tensor:
        """The points (h * w, 2) of a feature map row by row, (x, y).

        Args:
            featmap_size: (h, w) of the map.
            level_idx: Its index.
            dtype: Of the points.
            device: Where the points are made.
            with_stride: Whether to return (h * w, 4), with the stride (x, y) behind the point.
        """
        h, w = featmap_size
        cells = torch.arange(h * w, device=device)
        return self._points(cells, w, level_idx, dtype, with_stride)

    def sparse_priors(
        self,
        prior_idxs: Tensor,
        featmap_size: tuple[int, int],
        level_idx: int,
        dtype: torch.dtype = torch.float32,
        device: Device = 'cuda',
    ) -> Tensor:
        """The points (N, 2) of some cells of a feature map, (x, y).

        Args:
            prior_idxs: (N,) numbers of the cells, counted row by row.
            featmap_size: (h, w) of the map.
            level_idx: Its index.
            dtype: Of the points.
            device: Where the points are made.
        """
        return self._points(prior_idxs.to(device), featmap_size[1], level_idx, dtype)

    def _points(
        self, cells: Tensor, width: int, level: int, dtype: torch.dtype, with_stride: bool = False
    ) -> Tensor:
        # numbers, not tensors, so that nothing is copied to the device
        shifts = [
            (stride - 1) / 2 if self.centralize_points else self.offset * stride
            for stride in self.strides[level]
        ]
        columns = [
            index.to(dtype) * stride + shift
            for index, stride, shift in zip(
                (cells % width, cells // width), self.strides[level], shifts, strict=True
            )
        ]
        if with_stride:
            columns += [torch.full_like(columns[0], stride) for stride in self.strides[level]]
        return torch.stack(columns, dim=-1)

    def valid_flags(
        self,
        featmap_sizes: Sequence[tuple[int, int]],
        pad_shape: tuple[int, ...],
        device: Device = 'cuda',
    ) -> list[Tensor]:
        """Which points of each map lie in the picture and not in its padding, (h * w,) bool.

        Args:
            featmap_sizes: (h, w) of each map.
            pad_shape: (h, w) of the picture, pixels.
            device: Where the flags are made.

        Raises:
            ValueError: There are more or fewer maps than strides.
        """
        self._check_levels(featmap_sizes)
        flags = []
        for (h, w), stride_xy in zip(featmap_sizes, self.strides, strict=True):
            covered_w, covered_h = (
                -(-side // stride) for side, stride in zip(pad_shape[1::-1], stride_xy, strict=True)
            )
            valid_hw = (min(covered_h, h), min(covered_w, w))
            flags.append(self.single_level_valid_flags((h, w), valid_hw, device))
        return flags

    def single_level_valid_flags(
        self,
        featmap_size: tuple[int, int],
        valid_size: tuple[int, int],
        device: Device = 'cuda',
    ) -> Tensor:
        """Which cells of a map, row by row, lie in its first rows and columns, (h * w,) bool.

        Args:
            featmap_size: (h, w) of the map.
            valid_size: Numbers of rows and columns.
            device: Where the flags are made.
        """
        rows, columns = (
            torch.arange(side, device=device) < valid
            for side, valid in zip(featmap_size, valid_size, strict=True)
        )
        return (rows[:, None] & columns).flatten()

    def _check_levels(self, featmap_sizes: Sequence[tuple[int, int]]) -> None:
        if len(featmap_sizes) != self.num_levels:
            raise ValueError(
                f'There are {len(featmap_sizes)} feature maps for {self.num_levels} strides '
                f'{[x if x == y else (x, y) for x, y in self.strides]}; give a stride for each.'
            )

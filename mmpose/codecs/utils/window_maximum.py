"""The local maxima of heatmaps."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import pad

from .checks import check_odd


def window_maximum(maps: Tensor, kernel_size: int) -> Tensor:
    """The maximum of the square window around each cell; cells outside a map do not count.

    Equal to ``max_pool2d`` with stride 1 and, on a CPU, many times as fast.

    Args:
        maps: (..., H, W).
        kernel_size: Size of the window, odd, cells.

    Raises:
        ValueError: ``kernel_size`` is even.
    """
    check_odd('kernel_size', kernel_size)
    maps = pad(maps, [kernel_size // 2] * 4, value=-torch.inf)
    for axis in (-2, -1):
        width = 1  # of the window that a cell's value covers so far, from the cell on
        while width < kernel_size:
            step = min(width, kernel_size - width)
            length = maps.shape[axis] - step
            maps = torch.maximum(maps.narrow(axis, 0, length), maps.narrow(axis, step, length))
            width += step
    return maps

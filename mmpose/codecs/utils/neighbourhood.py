"""Where the cells around a cell lie in a map, for arrays and tensors alike."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from torch import Tensor

Values = TypeVar('Values', np.ndarray, Tensor)


def window_index(cells: Values, along: Values, size_wh: tuple[int, int]) -> tuple[Values, Values]:
    """Places of the S * S cells around each cell, in rows, and whether they are in the map.

    Args:
        cells: (..., 2) integers, (x, y).
        along: (S,) offsets of the window's rows, and of its columns, from the cell.
        size_wh: (w, h) of the map.

    Returns:
        index: (..., S * S) places in a map whose rows follow one another; the nearest place for
            cells outside.
        inside: (..., S * S) booleans.
    """
    W, H = size_wh
    x, y = cells[..., 0, None] + along, cells[..., 1, None] + along
    in_columns, in_rows = (x >= 0) & (x < W), (y >= 0) & (y < H)
    index = (y.clip(0, H - 1) * W)[..., :, None] + x.clip(0, W - 1)[..., None, :]
    inside = in_rows[..., :, None] & in_columns[..., None, :]
    shape = (*cells.shape[:-1], len(along) ** 2)
    return index.reshape(shape), inside.reshape(shape)


def repeated_border_index(cells: Values, along: Values, size_wh: tuple[int, int]) -> Values:
    """Which of the 3 * 3 cells around each cell to read so that the map goes on as it ends.

    Args:
        cells: (..., 2) integers, (x, y). Those outside the map are taken to the border.
        along: (-1, 0, 1).
        size_wh: (w, h) of the map.

    Returns:
        Places (..., 9) in the 3 * 3 cells, in rows.
    """

    def nearest(axis: int) -> Values:
        last = size_wh[axis] - 1
        centre = cells[..., axis, None].clip(0, last)
        return (centre + along).clip(0, last) - centre + 1

    index = 3 * nearest(1)[..., :, None] + nearest(0)[..., None, :]
    return index.reshape((*cells.shape[:-1], 9))

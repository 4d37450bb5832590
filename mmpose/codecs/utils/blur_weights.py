"""Gaussian blurs as matrices, for blurring a few cells or many maps at once.

The kernels are those of OpenCV, whose sigma follows from the size: 2 for 11 cells, 2.9 for 17.
The arrays are shared: they must not be written to.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np


@lru_cache(maxsize=64)
def gaussian_kernel(size: int) -> np.ndarray:
    """Gaussian kernel (size,) float64 with the values of single precision, as OpenCV takes it."""
    return cv2.getGaussianKernel(size, 0, cv2.CV_32F)[:, 0].astype(np.float64)


@lru_cache(maxsize=64)
def blur_matrix(length: int, kernel_size: int, mirrored: bool = False) -> np.ndarray:
    """Matrix (length, length) float64 that blurs a column of cells: how much each gets of each.

    Args:
        length: How many cells the column has.
        kernel_size: Size of the Gaussian kernel, odd.
        mirrored: Whether the cells beyond the ends are those before them, mirrored at the last;
            by default they count as 0.
    """
    border = cv2.BORDER_REFLECT_101 if mirrored else cv2.BORDER_CONSTANT
    kernel, one = gaussian_kernel(kernel_size), np.ones(1)
    points = np.eye(length)
    return cv2.sepFilter2D(points, cv2.CV_64F, one, kernel, borderType=border)


@lru_cache(maxsize=64)
def patch_weights(kernel_size: int, reach: int) -> np.ndarray:
    """Matrix that blurs the cells around a centre, all rows of cells in one.

    Its shape is (window * window, patch * patch), float64: from a window of
    ``patch + kernel_size - 1`` cells to a patch of ``2 * reach + 1`` cells.

    Args:
        kernel_size: Size of the Gaussian kernel, odd.
        reach: How many cells the patch has on each side of its centre.
    """
    patch = 2 * reach + 1
    along = np.zeros((patch + kernel_size - 1, patch))
    for i in range(patch):
        along[i : i + kernel_size, i] = gaussian_kernel(kernel_size)
    return np.kron(along, along)


def mirrored_blur(maps: np.ndarray, kernel_size: int) -> np.ndarray:
    """Blurred copy of the maps, as if each went on beyond its border as its own mirror image.

    Args:
        maps: (..., H, W).
        kernel_size: Size of the Gaussian kernel, odd.
    """
    H, W = maps.shape[-2:]
    dtype = np.promote_types(maps.dtype, np.float32)
    along_x, along_y = (blur_matrix(n, kernel_size, True).astype(dtype) for n in (W, H))
    return along_y @ (maps @ along_x.T)

"""Finding a maximum between the cells of a heatmap."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .post_processing import gaussian_blur


def _reader(cells: np.ndarray, heatmaps: np.ndarray) -> Callable[[int, int], np.ndarray]:
    """Function of (dx, dy) that reads each heatmap that far from its cell, (N, K).

    Args:
        cells: (N, K, 2) integers, (x, y).
        heatmaps: (K, H, W) shared by the instances, or (N, K, H, W).
    """
    N, K = cells.shape[:2]
    H, W = heatmaps.shape[-2:]
    heatmaps = np.broadcast_to(heatmaps, (N, K, H, W))
    n, k = np.ogrid[:N, :K]
    x, y = cells[..., 0], cells[..., 1]

    def read(dx: int, dy: int) -> np.ndarray:
        # Cells near the border are read from the border; the callers mask them out.
        return heatmaps[n, k, np.clip(y + dy, 0, H - 1), np.clip(x + dx, 0, W - 1)]

    return read


def refine_keypoints(keypoints: np.ndarray, heatmaps: np.ndarray) -> np.ndarray:
    """Keypoints moved a quarter of a cell towards the higher neighbour, along x and along y.

    Follows `Xiao et al., ECCV 2018 <https://arxiv.org/abs/1804.06208>`_ in the border too: a
    keypoint stays where it is along an axis in the first two cells and the last cell of that axis,
    and along both axes in the first row and the first column.

    Args:
        keypoints: (N, K, 2) cells of the maxima, (x, y).
        heatmaps: (K, H, W) shared by the instances, or (N, K, H, W).
    """
    H, W = heatmaps.shape[-2:]
    cells = keypoints[..., :2].astype(int)
    read = _reader(cells, heatmaps)
    slope = np.stack([read(1, 0) - read(-1, 0), read(0, 1) - read(0, -1)], axis=-1)
    in_map = ((cells > 0) & (cells < (W, H))).all(axis=-1, keepdims=True)
    movable = in_map & (cells > 1) & (cells < (W - 1, H - 1))
    return keypoints + np.where(movable, 0.25 * np.sign(slope), 0).astype(keypoints.dtype)


def refine_keypoints_dark(
    keypoints: np.ndarray, heatmaps: np.ndarray, blur_kernel_size: int
) -> np.ndarray:
    """Keypoints moved to the maximum of the parabola through the logarithm of the heatmap.

    DARK, `Zhang et al., CVPR 2020 <https://arxiv.org/abs/1910.06278>`_: the logarithm of a
    Gaussian is a parabola, so one Newton step on the blurred map finds the true centre. Keypoints
    in the two outermost cells, and those where the curvature vanishes, stay where they are.

    Args:
        keypoints: (N, K, 2) cells of the maxima, (x, y).
        heatmaps: (K, H, W) shared by the instances, or (N, K, H, W).
        blur_kernel_size: Size of the blur, odd, cells.
    """
    H, W = heatmaps.shape[-2:]
    cells = keypoints[..., :2].astype(int)
    read_blurred = _reader(cells, gaussian_blur(heatmaps, blur_kernel_size))

    def read(dx: int, dy: int) -> np.ndarray:
        return np.log(np.maximum(read_blurred(dx, dy), 1e-10))

    centre = read(0, 0)
    dx = 0.5 * (read(1, 0) - read(-1, 0))
    dy = 0.5 * (read(0, 1) - read(0, -1))
    dxx = 0.25 * (read(2, 0) - 2 * centre + read(-2, 0))
    dyy = 0.25 * (read(0, 2) - 2 * centre + read(0, -2))
    dxy = 0.25 * (read(1, 1) - read(-1, 1) - read(1, -1) + read(-1, -1))

    # -H^-1 g of the 2x2 Hessian H and the gradient g, written out
    determinant = dxx * dyy - dxy**2
    step = np.stack([dxy * dy - dyy * dx, dxy * dx - dxx * dy], axis=-1)
    interior = ((cells > 1) & (cells < (W - 2, H - 2))).all(axis=-1)
    movable = (interior & (determinant != 0))[..., None]
    step = np.divide(step, determinant[..., None], out=np.zeros_like(step), where=movable)
    return keypoints + step.astype(keypoints.dtype)

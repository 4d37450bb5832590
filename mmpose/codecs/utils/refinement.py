"""Finding a maximum between the cells of a heatmap."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from torch import Tensor

from .blur_weights import patch_weights
from .checks import check_maps, check_odd
from .neighbourhood import repeated_border_index, window_index
from .parabola import CORNERS_ACROSS_MAPS, DARK, UDP, Parabola, newton_step
from .post_processing import blur_ratios, gaussian_blur, gaussian_blur1d


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
    in_map = ((cells > 0) & (cells < (W, H))).all(axis=-1, keepdims=True)
    movable = in_map & (cells > 1) & (cells < (W - 1, H - 1))
    step = np.where(movable, 0.25 * np.sign(_slopes(cells, heatmaps)), 0)
    return keypoints + step.astype(keypoints.dtype)


def refine_keypoints_megvii(keypoints: np.ndarray, heatmaps: np.ndarray) -> np.ndarray:
    """Keypoints moved to the middle of their cells and a quarter towards the higher neighbours.

    Follows `Chen et al., CVPR 2018 <https://arxiv.org/abs/1711.07319>`_ in the border too: a
    keypoint in the first two or the last cell of an axis stays where it is along both.

    Args:
        keypoints: (N, K, 2) cells of the maxima, (x, y).
        heatmaps: (K, H, W) shared by the instances, or (N, K, H, W).
    """
    H, W = heatmaps.shape[-2:]
    cells = keypoints[..., :2].astype(int)
    movable = ((cells > 1) & (cells < (W - 1, H - 1))).all(axis=-1, keepdims=True)
    step = np.where(movable, 0.25 * np.sign(_slopes(cells, heatmaps)) + 0.5, 0)
    return keypoints + step.astype(keypoints.dtype)


def refine_keypoints_by_offsets(
    keypoints: np.ndarray, offsets: np.ndarray, radius: float
) -> np.ndarray:
    """Keypoints moved by what the offset maps hold at their cells.

    For the cell (-1, -1) of a map without a maximum that is a cell of the map before, or of the
    last before the first, which published code reads there.

    Args:
        keypoints: (N, K, 2) cells, (x, y), in the map or (-1, -1).
        offsets: (N, K, 2, H, W), along x and along y.
        radius: Unit of the offsets, cells.
    """
    N, K, _, H, W = offsets.shape
    cells = keypoints.astype(int)
    place = cells[..., 0] + cells[..., 1] * W + np.arange(K) * (H * W)
    # one row of all maps along x, and one along y
    rows = offsets.swapaxes(1, 2).reshape(N, 2, K * H * W)
    step = np.take_along_axis(rows, place[:, None] % (K * H * W), axis=-1).swapaxes(1, 2)
    return keypoints + (step * radius).astype(keypoints.dtype)


def _slopes(cells: np.ndarray, heatmaps: np.ndarray) -> np.ndarray:
    """How much higher the next cell is than the one before, along x and y: (N, K, 2)."""
    around = _windows(cells, _by_instance(heatmaps, cells), reach=1)
    return around[..., [5, 7]] - around[..., [3, 1]]


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

    Raises:
        ValueError: ``blur_kernel_size`` is even.
    """
    H, W = heatmaps.shape[-2:]
    cells = keypoints[..., :2].astype(int)
    logs = _blurred_logs(cells, heatmaps, blur_kernel_size, DARK)
    step = np.stack(newton_step(logs @ DARK.derivatives), axis=-1)
    interior = ((cells > 1) & (cells < (W - 2, H - 2))).all(axis=-1, keepdims=True)
    return keypoints + np.where(interior, step, 0).astype(keypoints.dtype)


def refine_keypoints_dark_udp(
    keypoints: np.ndarray, heatmaps: np.ndarray, blur_kernel_size: int
) -> np.ndarray:
    """Keypoints moved like DARK does, by the direct neighbours of each cell.

    UDP's version (`Huang et al., CVPR 2020 <https://arxiv.org/abs/1911.07524>`_) reads 3x3 cells
    instead of 5x5 and moves keypoints on the border as well, as if the map went on as it ends. The
    cell (-1, -1) of a map without a maximum is moved by corners of two maps, as published; other
    keypoints outside the map stay where they are.

    Args:
        keypoints: (N, K, 2) cells of the maxima, (x, y).
        heatmaps: (K, H, W) shared by the instances, or (N, K, H, W).
        blur_kernel_size: Size of the blur, odd, cells.

    Raises:
        ValueError: ``blur_kernel_size`` is even.
    """
    H, W = heatmaps.shape[-2:]
    cells = keypoints[..., :2].astype(int)
    logs = _blurred_logs(cells, heatmaps, blur_kernel_size, UDP)
    # the map goes on as it ends
    repeated = repeated_border_index(cells, np.arange(-1, 2), (W, H))
    logs = np.take_along_axis(logs, repeated, axis=-1)
    undetected = (cells == -1).all(axis=-1)
    if undetected.any():
        logs[undetected] = _logs_across_maps(undetected, heatmaps, blur_kernel_size)
    step = np.stack(newton_step(logs @ UDP.derivatives, UDP.damping), axis=-1)
    in_map = ((cells >= 0) & (cells < (W, H))).all(axis=-1)
    return keypoints + np.where((in_map | undetected)[..., None], step, 0).astype(keypoints.dtype)


def _logs_across_maps(
    undetected: np.ndarray, heatmaps: np.ndarray, blur_kernel_size: int
) -> np.ndarray:
    """What UDP's version reads around the cell (-1, -1) that stands for no maximum: (M, 9).

    Published code addresses all maps of a sample in one row, with their borders repeated. So it
    reads the corner of the map, and what lies before that: two corners of the map before, or of the
    last before the first.

    Args:
        undetected: (N, K) booleans, M of them true.
        heatmaps: (K, H, W) shared by the instances, or (N, K, H, W).
        blur_kernel_size: Size of the blur, odd, cells.
    """
    maps = np.broadcast_to(heatmaps, (*undetected.shape, *heatmaps.shape[-2:]))
    before = gaussian_blur(np.roll(maps, 1, axis=1)[undetected], blur_kernel_size)
    corner = gaussian_blur(maps[undetected], blur_kernel_size)[:, 0, 0]
    corners = np.stack([corner, before[:, -1, 0], before[:, -1, -1]], axis=-1)
    return np.log(np.clip(corners, UDP.low, UDP.high))[:, CORNERS_ACROSS_MAPS]


def _blurred_logs(
    cells: np.ndarray, heatmaps: np.ndarray, blur_kernel_size: int, parabola: Parabola
) -> np.ndarray:
    """Logarithms of what :func:`gaussian_blur` makes of the cells around centres, (N, K, P * P).

    The patches have ``P = 2 * reach + 1`` cells a side. Only they are blurred. That each map is
    scaled back to its maximum shifts all logarithms alike and is left out, save where it decides
    whether a value is within the limits.

    Args:
        cells: (N, K, 2) integers, (x, y).
        heatmaps: (K, H, W) shared by the instances, or (N, K, H, W).
        blur_kernel_size: Size of the blur, odd, cells.
        parabola: What to read.
    """
    check_odd('blur_kernel_size', blur_kernel_size)
    maps = _by_instance(heatmaps, cells)
    windows = _windows(cells, maps, parabola.reach + blur_kernel_size // 2)
    # Sums in double precision, rounded: cells that are equal stay so whatever the order of a sum.
    patches = (windows @ patch_weights(blur_kernel_size, parabola.reach)).astype(np.float32)
    # The blur lowers a positive maximum, so scaling back enlarges, and up to the maximum before.
    maxima = maps.max(axis=(-2, -1))
    unsure = ((patches.min(axis=-1) < parabola.low) & (maxima > 0)) | (maxima > parabola.high)
    ratios = np.ones(maxima.shape)
    if unsure.any():
        shared = len(maps) == 1
        chosen = unsure.any(axis=0, keepdims=True) if shared else unsure
        ratios[chosen] = blur_ratios(maps[chosen].astype(np.float64), blur_kernel_size)
    return np.log(np.clip(patches * ratios[..., None], parabola.low, parabola.high))


def _by_instance(heatmaps: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """The heatmaps of each instance (N, K, H, W), or those that all share, (1, K, H, W)."""
    check_maps('heatmaps', heatmaps)
    maps = heatmaps if heatmaps.ndim == 4 else heatmaps[None]
    N, K = cells.shape[:2]
    if maps.shape[1] != K or len(maps) not in (1, N):
        raise ValueError(
            f'heatmaps has shape {heatmaps.shape} for keypoints of shape {cells.shape}; expected '
            f'({K}, H, W), or ({N}, {K}, H, W) with maps of each instance.'
        )
    return maps


def _windows(cells: np.ndarray, maps: np.ndarray, reach: int) -> np.ndarray:
    """The cells around centres, (N, K, S * S) with ``S = 2 * reach + 1``; 0 outside the maps.

    Args:
        cells: (N, K, 2) integers, (x, y).
        maps: (1, K, H, W) shared by the instances, or (N, K, H, W).
        reach: How many cells a window has on each side of its centre.
    """
    K, H, W = maps.shape[1:]
    index, inside = window_index(cells, np.arange(-reach, reach + 1), (W, H))
    first = np.arange(len(maps) * K).reshape(len(maps), K, 1) * (H * W)
    return maps.reshape(-1).take(first + index) * inside


def refine_simcc_dark(
    keypoints: np.ndarray, simcc: np.ndarray, blur_kernel_size: int
) -> np.ndarray:
    """Bins moved to the maximum of the parabola through the logarithm of the blurred vector.

    DARK along one axis, `Zhang et al., CVPR 2020 <https://arxiv.org/abs/1910.06278>`_. Values are
    limited to 0.001 to 50 before the logarithm. The two outermost bins, and those outside the
    vector, stay where they are.

    Args:
        keypoints: (N, K) bins of the maxima.
        simcc: (N, K, W).
        blur_kernel_size: Size of the blur, odd, bins.

    Raises:
        ValueError: ``blur_kernel_size`` is even, or the shapes disagree.
    """
    check_odd('blur_kernel_size', blur_kernel_size)
    if keypoints.shape != simcc.shape[:-1]:
        raise ValueError(
            f'keypoints has shape {keypoints.shape} for simcc of shape {simcc.shape}; expected '
            f'{simcc.shape[:-1]}, one bin per vector.'
        )
    W = simcc.shape[-1]
    rows = simcc.reshape(-1, W)
    bins = np.floor(keypoints.reshape(-1) + 0.5).astype(int)
    # Published 1.x code repeats the ends to read beyond them, where the curvature of a true peak
    # can vanish: it takes a keypoint in the second bin out of the picture. DARK leaves them alone.
    movable = (bins > 1) & (bins < W - 2)
    bins = np.where(movable, bins, 0)
    blurred = _blur_near(rows, bins, blur_kernel_size)
    # The scale of a whole blurred vector is a constant in the logarithm, which changes nothing,
    # unless a limit applies before. It is at least 1 and scales the maximum to the one before.
    limited = movable & ((blurred < 1e-3).any(axis=1) | (rows.max(axis=1) > 50))
    if limited.any():
        whole = gaussian_blur1d(rows[limited], blur_kernel_size)
        blurred[limited] = np.take_along_axis(whole, bins[limited, None] + np.arange(-2, 3), 1)
    step = simcc_dark_step(np.log(np.clip(blurred, 1e-3, 50)))
    step = np.where(movable, step, 0).reshape(keypoints.shape)
    return keypoints + step.astype(keypoints.dtype)


def simcc_dark_step(logarithms: np.ndarray | Tensor) -> np.ndarray | Tensor:
    """Steps (...) from the middle of five values (..., 5), bins apart, to the parabola's maximum.

    The steps of a flat vector are 0.
    """
    second_before, before, centre, after, second_after = (logarithms[..., i] for i in range(5))
    slope = 0.5 * (after - before)
    # the published guard against a division by 0
    curvature = 1e-9 + 0.25 * (second_after - 2 * centre + second_before)
    return -slope / curvature


def _blur_near(rows: np.ndarray, bins: np.ndarray, kernel: int) -> np.ndarray:
    """The blurred rows (M, 5) from two bins before ``bins``, (M,), to two after."""
    M, W = rows.shape
    margin = kernel // 2 + 2
    padded = np.zeros((M, W + 2 * margin), np.promote_types(rows.dtype, np.float32))
    padded[:, margin : margin + W] = rows
    windows = sliding_window_view(padded, 2 * margin + 1, axis=1)[np.arange(M), bins]
    # In double precision, values that are equal stay equal whatever the order of the sum.
    return (windows @ _shifted_kernels(kernel)).astype(padded.dtype)


@lru_cache
def _shifted_kernels(kernel: int) -> np.ndarray:
    """The Gaussian kernel as columns of (kernel + 4, 5), each a bin lower than the one before."""
    columns = np.zeros((kernel + 4, 5))
    for shift in range(5):
        columns[shift : shift + kernel, shift] = cv2.getGaussianKernel(kernel, 0)[:, 0]
    return columns

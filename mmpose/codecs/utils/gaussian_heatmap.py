"""Gaussian heatmaps around keypoints.

All functions take positions in cells and return the maps and the weights of the keypoints. The
maps are (K, H, W) float32: the maximum over the instances. The weights are a copy of
``keypoints_visible`` with 0 for a keypoint that cannot be drawn, because it lies more than three
sigma outside the map or has no position (NaN).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import ceil, floor

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def generate_gaussian_heatmaps(
    heatmap_size: tuple[int, int],
    keypoints: np.ndarray,
    keypoints_visible: np.ndarray,
    sigma: float | Sequence[float] | np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Heatmaps (K, H, W) with Gaussians of peak 1 on the nearest cells, and weights (N, K).

    A Gaussian is drawn within three sigma of its cell, `Xiao et al., ECCV 2018
    <https://arxiv.org/abs/1804.06208>`_.

    Args:
        heatmap_size: (w, h) of the maps, cells.
        keypoints: (N, K, 2) cells, (x, y).
        keypoints_visible: (N, K), at least 0.5 where a keypoint is drawn.
        sigma: Standard deviation, cells; one for all or one per instance.
    """

    def patches(offsets: np.ndarray, sigma: float) -> np.ndarray:
        return _centred_patch(sigma)

    return _draw_patches(heatmap_size, keypoints, keypoints_visible, sigma, patches)


def generate_udp_gaussian_heatmaps(
    heatmap_size: tuple[int, int],
    keypoints: np.ndarray,
    keypoints_visible: np.ndarray,
    sigma: float | Sequence[float] | np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Heatmaps (K, H, W) with Gaussians at the exact positions, and weights (N, K).

    A Gaussian is drawn within three sigma of the nearest cell (UDP, `Huang et al., CVPR 2020
    <https://arxiv.org/abs/1911.07524>`_).

    Args:
        heatmap_size: (w, h) of the maps, cells.
        keypoints: (N, K, 2) cells, (x, y).
        keypoints_visible: (N, K), at least 0.5 where a keypoint is drawn.
        sigma: Standard deviation, cells; one for all or one per instance.
    """

    def patches(offsets: np.ndarray, sigma: float) -> np.ndarray:
        before, after = _reach(sigma)
        distances = np.arange(-before, after + 1) - offsets[..., None]
        along = np.exp(-(distances**2) / (2 * sigma**2))
        return along[:, 1, :, None] * along[:, 0, None, :]

    return _draw_patches(heatmap_size, keypoints, keypoints_visible, sigma, patches)


def generate_unbiased_gaussian_heatmaps(
    heatmap_size: tuple[int, int],
    keypoints: np.ndarray,
    keypoints_visible: np.ndarray,
    sigma: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Heatmaps (K, H, W) with whole Gaussians at the exact positions, and weights (N, K).

    The Gaussians cover the map instead of ending at three sigma (DARK, `Zhang et al., CVPR 2020
    <https://arxiv.org/abs/1910.06278>`_).

    Args:
        heatmap_size: (w, h) of the maps, cells.
        keypoints: (N, K, 2) cells, (x, y).
        keypoints_visible: (N, K), at least 0.5 where a keypoint is drawn.
        sigma: Standard deviation, cells.
    """
    W, H = heatmap_size
    radius = 3 * sigma
    positions, has_position = _positions(keypoints)
    drawn = (
        _in_reach(positions, radius, radius, heatmap_size)
        & has_position
        & (keypoints_visible >= 0.5)
    )

    def along(axis: int, length: int) -> np.ndarray:
        distances = np.arange(length) - positions[..., axis, None]
        return np.exp(-(distances**2) / (2 * sigma**2)).astype(np.float32)

    along_x, along_y = along(0, W), along(1, H)
    heatmaps = np.zeros((keypoints.shape[1], H, W), dtype=np.float32)
    for n, k in enumerate(drawn):
        gaussians = along_y[n, k, :, None] * along_x[n, k, None, :]
        heatmaps[k] = np.maximum(heatmaps[k], gaussians)
    return heatmaps, _weights(keypoints_visible, drawn, has_position)


def _positions(keypoints: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions (N, K, 2) with 0 for those that are not numbers, and which are numbers (N, K)."""
    has_position = np.isfinite(keypoints[..., :2]).all(axis=-1)
    return np.where(has_position[..., None], keypoints[..., :2], 0), has_position


def _in_reach(
    positions: np.ndarray, before: float, after: float, heatmap_size: tuple[int, int]
) -> np.ndarray:
    """Which patches reach the map."""
    # One that ends in the cell before the first still counts, as in every published training.
    return ((positions + after >= -1) & (positions - before < heatmap_size)).all(axis=-1)


def _weights(visible: np.ndarray, drawn: np.ndarray, has_position: np.ndarray) -> np.ndarray:
    kept = drawn | (has_position & (visible < 0.5))
    return np.where(kept, visible, np.zeros_like(visible))


def _reach(sigma: float) -> tuple[int, int]:
    """How many cells a patch has before and after its centre.

    They differ by one when three sigma is no whole number, as they do in the published patches.
    """
    return ceil(3 * sigma), floor(3 * sigma)


@lru_cache(maxsize=128)
def _centred_patch(sigma: float) -> np.ndarray:
    before, after = _reach(sigma)
    squares = np.arange(-before, after + 1) ** 2
    return np.exp(-(squares[:, None] + squares) / (2 * sigma**2)).astype(np.float32)


def _draw_patches(
    heatmap_size: tuple[int, int],
    keypoints: np.ndarray,
    keypoints_visible: np.ndarray,
    sigma: float | Sequence[float] | np.ndarray,
    patches: Callable[[np.ndarray, float], np.ndarray],
) -> tuple[np.ndarray, np.ndarray]:
    """Heatmaps with one square patch per keypoint, and weights.

    Args:
        heatmap_size: (w, h) of the maps, cells.
        keypoints: (N, K, 2) cells.
        keypoints_visible: (N, K).
        sigma: Standard deviation; one for all or one per instance.
        patches: Function of the offsets (M, 2) of M keypoints from their cells and of sigma, which
            returns their patches (M, P, P), or one patch (P, P) for all of them.
    """
    W, H = heatmap_size
    N, K = keypoints.shape[:2]
    sigmas = np.broadcast_to(sigma, N).tolist()
    positions, has_position = _positions(keypoints)
    # Truncation moves cells left of and above the map one closer to it; published as such.
    cells = (positions + 0.5).astype(int)
    wanted = has_position & (keypoints_visible >= 0.5)
    drawn = np.zeros_like(wanted)

    # With a margin as wide as a patch and the cell beside it, no patch needs clipping.
    margin = 2 * ceil(3 * max(sigmas, default=0)) + 1
    canvas = np.zeros((K, H + 2 * margin, W + 2 * margin), dtype=np.float32)
    for n, sigma in enumerate(sigmas):
        before, after = _reach(sigma)
        drawn[n] = wanted[n] & _in_reach(cells[n], before, after, heatmap_size)
        k = drawn[n].nonzero()[0]
        x, y = (cells[n, k] - before + margin).T
        size = before + after + 1
        windows = sliding_window_view(canvas, (size, size), axis=(1, 2), writeable=True)
        offsets = positions[n, k] - cells[n, k]
        windows[k, y, x] = np.maximum(windows[k, y, x], patches(offsets, sigma))
    heatmaps = np.ascontiguousarray(canvas[:, margin : margin + H, margin : margin + W])
    return heatmaps, _weights(keypoints_visible, drawn, has_position)

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

from .blur_weights import blur_matrix


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


def generate_blurred_point_heatmaps(
    heatmap_size: tuple[int, int],
    keypoints: np.ndarray,
    keypoints_visible: np.ndarray,
    kernel_size: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Heatmaps (K, H, W) with blurred points that are 255 at their cells, and weights (N, K).

    A keypoint's cell is the one that it lies in (CPN, `Chen et al., CVPR 2018
    <https://arxiv.org/abs/1711.07319>`_). The blur is mirrored at the border, so cells there may
    exceed 255. The weight is 0 for keypoints outside the map. Where instances meet, the higher
    value counts; the original blurs the first ones again.

    Args:
        heatmap_size: (w, h) of the maps, cells.
        keypoints: (N, K, 2) cells, (x, y).
        keypoints_visible: (N, K), at least 0.5 where a keypoint is drawn.
        kernel_size: Size of the blur, odd, cells.
    """
    W, H = heatmap_size
    positions, has_position = _positions(keypoints)
    # Truncation takes what lies less than a cell left of or above the map into it.
    in_map = ((positions > -1) & (positions < heatmap_size)).all(axis=-1) & has_position
    drawn = in_map & (keypoints_visible >= 0.5)
    x, y = np.where(drawn[..., None], positions, 0).astype(int).transpose(2, 0, 1)
    along_x, along_y = (_blurred_points(length, kernel_size) for length in (W, H))
    heatmaps = np.zeros((keypoints.shape[1], H, W), dtype=np.float32)
    for n, k in enumerate(drawn):
        points = (255 * along_y[y[n, k]])[:, :, None] * along_x[x[n, k]][:, None, :]
        heatmaps[k] = np.maximum(heatmaps[k], points)
    return heatmaps, _weights(keypoints_visible, drawn, has_position)


@lru_cache(maxsize=64)
def _blurred_points(length: int, kernel_size: int) -> np.ndarray:
    """Rows (length, length) float32 that a point in each cell becomes, 1 at that cell."""
    points = blur_matrix(length, kernel_size, mirrored=True).T
    return (points / np.diag(points)[:, None]).astype(np.float32)


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
    Those, however, have their peak in the next cell where they are cut at the left or upper border,
    and one cell before the keypoint wherever the fraction of three sigma is below a half. Here the
    peak is always in the keypoint's cell.
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
    sigmas = np.broadcast_to(sigma, N)
    positions, has_position = _positions(keypoints)
    # Truncation moves cells left of and above the map one closer to it; published as such.
    cells = (positions + 0.5).astype(int)
    wanted = has_position & (keypoints_visible >= 0.5)
    drawn = np.zeros_like(wanted)
    # The cell behind the last one takes what reaches beyond the map.
    beyond = K * H * W
    heatmaps = np.zeros(beyond + 1, dtype=np.float32)
    for sigma in set(sigmas.tolist()):
        before, after = _reach(sigma)
        alike = wanted & (sigmas == sigma)[:, None]
        alike &= _in_reach(cells, before, after, heatmap_size)
        drawn |= alike
        n, k = alike.nonzero()
        x, y = (cells[n, k, :, None] + np.arange(-before, after + 1)).swapaxes(0, 1)
        rows = np.where((y >= 0) & (y < H), (k[:, None] * H + y) * W, beyond)
        columns = np.where((x >= 0) & (x < W), x, beyond)
        targets = np.minimum(rows[:, :, None] + columns[:, None, :], beyond)
        values = patches(positions[n, k] - cells[n, k], sigma).astype(np.float32, copy=False)
        np.maximum.at(heatmaps, targets.ravel(), np.broadcast_to(values, targets.shape).ravel())
    weights = _weights(keypoints_visible, drawn, has_position)
    return heatmaps[:beyond].reshape(K, H, W), weights


def generate_3d_gaussian_heatmaps(
    heatmap_size: tuple[int, int, int],
    keypoints: np.ndarray,
    keypoints_visible: np.ndarray,
    sigma: float | Sequence[float],
    image_size: tuple[int, int],
    heatmap3d_depth_bound: float = 400.0,
    joint_indices: Sequence[int] | None = None,
    max_bound: float = 1.0,
    use_different_joint_weights: bool = False,
    dataset_keypoint_weights: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Heatmaps (K * D, H, W) with Gaussians at the exact positions in space, and weights (N, K).

    A Gaussian is drawn within three sigma along each axis (InterNet, `Moon et al., ECCV 2020
    <https://arxiv.org/abs/2008.09309>`_). The D slices of a keypoint follow one another.

    Args:
        heatmap_size: (w, h, d) of the maps, cells.
        keypoints: (N, K, 3) x and y in pixels, and depth, 0 in the middle of the map.
        keypoints_visible: (N, K), at least 0.5 where a keypoint is drawn.
        sigma: Standard deviation, cells; one for all or one per instance.
        image_size: (w, h) of the image, pixels.
        heatmap3d_depth_bound: The map's extent along the depth, in the unit of the depth. The
            weight of a keypoint outside is 0.
        joint_indices: The keypoints to use; ``None``: all.
        max_bound: Peak of a Gaussian at a cell.
        use_different_joint_weights: Whether to multiply the weights with
            ``dataset_keypoint_weights``.
        dataset_keypoint_weights: (K,), of all keypoints.
    """
    W, H, D = heatmap_size
    weights = keypoints_visible
    if use_different_joint_weights:
        weights = weights * dataset_keypoint_weights
    if joint_indices is not None:
        selected = list(joint_indices)
        keypoints, keypoints_visible, weights = (
            values[:, selected] for values in (keypoints, keypoints_visible, weights)
        )
    N, K = keypoints.shape[:2]
    scale = np.array([W / image_size[0], H / image_size[1], D / heatmap3d_depth_bound])
    cells = (keypoints * scale + [0, 0, D / 2]).astype(np.float32)
    has_position = np.isfinite(cells).all(axis=-1)
    in_depth = (cells[..., 2] >= 0) & (cells[..., 2] < D)

    sigmas = np.broadcast_to(sigma, N)[:, None, None]
    start = np.floor(cells - 3 * sigmas + 0.5)
    # The reach above is one cell longer when six sigma is no whole number; published as such.
    stop = np.clip(start + np.ceil(6 * sigmas) + 1, 0, heatmap_size)
    start = np.clip(start, 0, heatmap_size)
    squares = ((np.arange(n) - cells[..., axis, None]) ** 2 for axis, n in enumerate(heatmap_size))
    along_x, along_y, along_z = (np.exp(s / (-2 * sigmas**2)).astype(np.float32) for s in squares)
    along_z *= max_bound
    heatmaps = np.zeros((K, D, H, W), dtype=np.float32)
    drawn = has_position & (keypoints_visible >= 0.5)
    windows = np.stack([start[drawn], stop[drawn]], axis=-1).astype(int).tolist()
    # One after another: the windows are a small part of a volume that is best left untouched.
    for (n, k), window in zip(np.argwhere(drawn).tolist(), windows, strict=True):
        x, y, z = (slice(*bounds) for bounds in window)
        plane = along_y[n, k, y, None] * along_x[n, k, x]
        cells_in_reach = heatmaps[k, z, y, x]
        np.maximum(cells_in_reach, along_z[n, k, z, None, None] * plane, out=cells_in_reach)
    return heatmaps.reshape(K * D, H, W), np.where(has_position & in_depth, weights, 0)

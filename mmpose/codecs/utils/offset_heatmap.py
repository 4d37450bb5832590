"""Maps of the way from each cell to a keypoint."""

from __future__ import annotations

import numpy as np

from .checks import check_keypoints


def generate_offset_heatmap(
    heatmap_size: tuple[int, int],
    keypoints: np.ndarray,
    keypoints_visible: np.ndarray,
    radius_factor: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Maps (3 * K, H, W) of discs around keypoints and of offsets to them, and weights (N, K).

    Each keypoint has three maps in a row: 1 within the radius of it and 0 elsewhere; how far it
    lies to the right of each cell, and how far below, in radii and over the whole map (UDP,
    `Huang et al., CVPR 2020 <https://arxiv.org/abs/1911.07524>`_). Where instances meet, a cell
    belongs to the nearest; the original lets the last instance erase the others.

    Args:
        heatmap_size: (w, h) of the maps, cells.
        keypoints: (N, K, 2) cells, (x, y).
        keypoints_visible: (N, K), at least 0.5 where a keypoint is drawn.
        radius_factor: The radius as a share of the longer side of the map.

    Returns:
        heatmaps: (3 * K, H, W) float32; all 0 for a keypoint that no instance shows.
        keypoint_weights: (N, K), a copy of ``keypoints_visible`` with 0 for keypoints without a
            position (NaN).
    """
    W, H = heatmap_size
    K = keypoints.shape[1]
    radius = radius_factor * max(W, H)
    labelled = np.isfinite(keypoints).all(axis=-1)
    drawn = labelled & (keypoints_visible >= 0.5)
    weights = np.where(labelled, keypoints_visible, np.zeros_like(keypoints_visible))
    if not drawn.any():
        return np.zeros((3 * K, H, W), dtype=np.float32), weights

    # what is not drawn is infinitely far and thus nearest to no cell
    x, y = np.where(drawn[..., None], keypoints, np.inf).astype(np.float32).transpose(2, 0, 1)
    right = x[:, :, None, None] - np.arange(W, dtype=np.float32)
    below = y[:, :, None, None] - np.arange(H, dtype=np.float32)[:, None]
    squares, right, below = _of_nearest_instance(right**2 + below**2, right, below)

    heatmaps = np.empty((K, 3, H, W), dtype=np.float32)
    heatmaps[:, 0] = squares <= radius**2
    heatmaps[:, 1] = right / radius
    heatmaps[:, 2] = below / radius
    heatmaps[~drawn.any(axis=0)] = 0
    return heatmaps.reshape(3 * K, H, W), weights


def _of_nearest_instance(squares: np.ndarray, *values: np.ndarray) -> list[np.ndarray]:
    """The squared distances (N, K, H, W), and values alike, of the nearest instance per cell."""
    if len(squares) == 1:  # by far the most frequent; the values need not be spread out
        return [squares[0], *(v[0] for v in values)]
    nearest = squares.argmin(axis=0)[None]
    return [
        np.take_along_axis(np.broadcast_to(v, squares.shape), nearest, axis=0)[0]
        for v in (squares, *values)
    ]


def generate_displacement_heatmap(
    heatmap_size: tuple[int, int],
    keypoints: np.ndarray,
    keypoints_visible: np.ndarray,
    roots: np.ndarray,
    roots_visible: np.ndarray,
    diagonal_lengths: np.ndarray,
    radius: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Ways (2 * K, H, W) float32 from the cells around roots to keypoints, and weights alike.

    Each keypoint has two maps in a row: how far it lies to the right of each cell, and how far
    below, in cells. Keypoints and roots outside the map have none. The weights are 1 / diagonal
    of the instance, and both are 0 away from the roots (SPR, `Nie et al., ICCV 2019
    <https://arxiv.org/abs/1908.09220>`_).

    Where instances meet, a cell belongs to the smallest that shows the keypoint. The original
    intends so, but compares with the size of the instance that last wrote any keypoint there.

    Args:
        heatmap_size: (w, h) of the maps, cells.
        keypoints: (N, K, 2) cells, (x, y).
        keypoints_visible: (N, K), at least 1 where a keypoint is drawn.
        roots: (N, 2) cells.
        roots_visible: (N,), at least 1 where an instance is drawn.
        diagonal_lengths: (N,) cells; instances of length 0 are not drawn.
        radius: How far the square around a root reaches along each axis, cells.

    Raises:
        ValueError: The shapes of keypoints and visibility disagree.
    """
    keypoints, keypoints_visible = check_keypoints(keypoints, keypoints_visible, num_dims=2)
    W, H = heatmap_size
    K = keypoints.shape[1]
    displacements = np.zeros((K, 2, H, W), dtype=np.float32)
    weights = np.zeros_like(displacements)
    drawn = _in_map(keypoints, heatmap_size) & (keypoints_visible >= 1)
    has_root = _in_map(roots, heatmap_size) & (roots_visible >= 1) & (diagonal_lengths > 0)
    for n in np.argsort(-diagonal_lengths, kind='stable'):
        if not has_root[n]:
            continue
        left, top = np.maximum(roots[n] - radius, 0).astype(int)
        right, bottom = np.minimum(roots[n] + radius, heatmap_size).astype(int)
        k = drawn[n].nonzero()[0]
        x, y = keypoints[n, k, :, None, None].swapaxes(0, 1)
        displacements[k, 0, top:bottom, left:right] = x - np.arange(left, right)
        displacements[k, 1, top:bottom, left:right] = y - np.arange(top, bottom)[:, None]
        weights[k, :, top:bottom, left:right] = 1 / diagonal_lengths[n]
    return displacements.reshape(2 * K, H, W), weights.reshape(2 * K, H, W)


def _in_map(points: np.ndarray, heatmap_size: tuple[int, int]) -> np.ndarray:
    return ((points >= 0) & (points < heatmap_size)).all(axis=-1)

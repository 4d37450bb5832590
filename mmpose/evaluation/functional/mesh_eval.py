"""Alignment of 3D point sets before they are compared."""

from __future__ import annotations

import numpy as np


def compute_similarity_transform(
    source_points: np.ndarray, target_points: np.ndarray
) -> np.ndarray:
    """The source, scaled, rotated and shifted to the least squared distance from the target.

    Mirroring is not allowed. Umeyama, 1991, `Least-Squares Estimation of Transformation Parameters
    Between Two Point Patterns <https://doi.org/10.1109/34.88573>`_.

    Args:
        source_points: (..., K, D) points; every set of K is aligned by itself.
        target_points: (..., K, D) points.

    Raises:
        ValueError: The shapes differ.
    """
    if source_points.shape != target_points.shape:
        raise ValueError(
            f'Points to align have shapes {source_points.shape} and {target_points.shape}; '
            'they must be equal.'
        )
    target_centre = target_points.mean(-2, keepdims=True)
    source = source_points - source_points.mean(-2, keepdims=True)
    target = target_points - target_centre

    u, singular, vt = np.linalg.svd(np.swapaxes(source, -1, -2) @ target)
    # turn the weakest axis round where the best orthogonal map would be a mirror
    sign = np.ones_like(singular)
    sign[..., -1] = np.where(np.linalg.det(u @ vt) < 0, -1, 1)
    rotation = (u * sign[..., None, :]) @ vt
    spread = (source**2).sum((-1, -2))
    # points that all coincide have no scale of their own
    scale = (singular * sign).sum(-1) / np.where(spread > 0, spread, 1)
    return scale[..., None, None] * (source @ rotation) + target_centre

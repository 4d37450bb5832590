"""Position and extent of instances, from their labelled keypoints.

A keypoint counts where its visibility is above 0 and its coordinates are numbers; an instance
without one has its root and its box at 0.
"""

from __future__ import annotations

import numpy as np

from .checks import check_choice, check_keypoints


def get_instance_root(
    keypoints: np.ndarray,
    keypoints_visible: np.ndarray | None = None,
    root_type: str = 'kpt_center',
) -> tuple[np.ndarray, np.ndarray]:
    """Roots (N, 2) float32, and whether each exists, (N,) float32: 1 or 0.

    Args:
        keypoints: (N, K, 2), (x, y).
        keypoints_visible: (N, K); ``None``: all count.
        root_type: 'kpt_center' for the mean of the keypoints, 'bbox_center' for the centre of
            the box around them.

    Raises:
        ValueError: Another ``root_type``, or shapes that disagree.
    """
    check_choice('root_type', root_type, ('kpt_center', 'bbox_center'))
    keypoints, counts = _labelled(keypoints, keypoints_visible)
    if root_type == 'kpt_center':
        total = np.where(counts[..., None], keypoints, 0).sum(axis=1)
        roots = total / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    else:
        boxes_xyxy = get_instance_bbox(keypoints, counts)
        roots = (boxes_xyxy[:, :2] + boxes_xyxy[:, 2:]) / 2
    return roots.astype(np.float32), counts.any(axis=1).astype(np.float32)


def get_instance_bbox(
    keypoints: np.ndarray, keypoints_visible: np.ndarray | None = None
) -> np.ndarray:
    """Boxes (N, 4) float32 around the keypoints: left, top, right, bottom.

    Args:
        keypoints: (N, K, 2), (x, y).
        keypoints_visible: (N, K); ``None``: all count.

    Raises:
        ValueError: The shapes disagree.
    """
    keypoints, counts = _labelled(keypoints, keypoints_visible)
    counts = counts[..., None]
    corners = (
        np.where(counts, keypoints, np.inf).min(axis=1, initial=np.inf),
        np.where(counts, keypoints, -np.inf).max(axis=1, initial=-np.inf),
    )
    boxes_xyxy = np.concatenate(corners, axis=1)
    return np.where(np.isfinite(boxes_xyxy), boxes_xyxy, 0).astype(np.float32)


def get_diagonal_lengths(
    keypoints: np.ndarray, keypoints_visible: np.ndarray | None = None
) -> np.ndarray:
    """Lengths (N,) float32 of the diagonals of the boxes around the keypoints.

    Args:
        keypoints: (N, K, 2), (x, y).
        keypoints_visible: (N, K); ``None``: all count.

    Raises:
        ValueError: The shapes disagree.
    """
    boxes_xyxy = get_instance_bbox(keypoints, keypoints_visible)
    return np.linalg.norm(boxes_xyxy[:, 2:] - boxes_xyxy[:, :2], axis=1)


def _labelled(
    keypoints: np.ndarray, keypoints_visible: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Finite keypoints (N, K, 2), and which of them count (N, K)."""
    keypoints, visible = check_keypoints(keypoints, keypoints_visible, num_dims=2)
    return keypoints, visible > 0

"""Flips and clips of keypoints."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmpose.structures.bbox.transforms import flip_axes


def flip_keypoints(
    keypoints: np.ndarray,
    keypoints_visible: np.ndarray | None,
    image_size: tuple[int, int],
    flip_indices: Sequence[int],
    direction: str = 'horizontal',
) -> tuple[np.ndarray, np.ndarray | None]:
    """Keypoints and visibility on the flipped image, copies.

    A mirrored image exchanges left and right. The diagonal flip is a half turn, which does not.

    Args:
        keypoints: (..., K, D) pixels, (x, y); further coordinates are kept.
        keypoints_visible: (..., K), or (..., K, 2) visibility and weight; ``None`` stays ``None``.
        image_size: (w, h) of the image.
        flip_indices: The mirror keypoint of each of the K keypoints.
        direction: 'horizontal', 'vertical' or 'diagonal' (both).

    Raises:
        ValueError: Unknown ``direction``, or ``flip_indices`` of another length than K.
    """
    axes = flip_axes(direction)
    if len(axes) == 2:
        flip_indices = range(len(flip_indices))
    flipped, visible = swap_sides(keypoints, keypoints_visible, flip_indices)
    for axis in axes:
        flipped[..., axis] = image_size[axis] - 1 - flipped[..., axis]
    return flipped, visible


def flip_keypoints_custom_center(
    keypoints: np.ndarray,
    keypoints_visible: np.ndarray | None,
    flip_indices: Sequence[int],
    center_mode: str = 'static',
    center_x: float = 0.5,
    center_index: int | Sequence[int] = 0,
) -> tuple[np.ndarray, np.ndarray | None]:
    """Keypoints and visibility mirrored at a vertical line, left and right exchanged, copies.

    Args:
        keypoints: (..., K, D), (x, y) and further coordinates, which are kept.
        keypoints_visible: (..., K), or (..., K, 2) visibility and weight; ``None`` stays ``None``.
        flip_indices: The mirror keypoint of each of the K keypoints.
        center_mode: 'static' mirrors at ``center_x``, 'root' at keypoints of the instance.
        center_x: The line's x, in the unit of the keypoints.
        center_index: The keypoint, or the keypoints whose mean, the line goes through.

    Raises:
        ValueError: Unknown ``center_mode``, or ``flip_indices`` of another length than K.
    """
    if center_mode not in ('static', 'root'):
        raise ValueError(f"center_mode must be 'static' or 'root', not {center_mode!r}.")
    mirror_x = center_x
    if center_mode == 'root':
        mirror_x = keypoints[..., np.atleast_1d(center_index), 0].mean(axis=-1, keepdims=True)
    flipped, visible = swap_sides(keypoints, keypoints_visible, flip_indices)
    flipped[..., 0] = 2 * mirror_x - flipped[..., 0]
    return flipped, visible


def keypoint_clip_border(
    keypoints: np.ndarray, keypoints_visible: np.ndarray, shape: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """The keypoints as they are, and their visibility, 0 outside of the image.

    Args:
        keypoints: (..., K, 2) pixels, (x, y).
        keypoints_visible: (..., K), or (..., K, 2) visibility and weight; the weight is kept.
        shape: (w, h) of the image, whose borders 0, w and h belong to it.
    """
    xy = keypoints[..., :2]
    outside = ((xy < 0) | (xy > np.asarray(shape[:2]))).any(axis=-1)
    visible = keypoints_visible.copy()
    flags = visible if visible.ndim == outside.ndim else visible[..., 0]
    flags[outside] = 0
    return keypoints, visible


def swap_sides(
    keypoints: np.ndarray, keypoints_visible: np.ndarray | None, flip_indices: Sequence[int]
) -> tuple[np.ndarray, np.ndarray | None]:
    """Copies with each keypoint in the place of its mirror.

    Args:
        keypoints: (..., K, D).
        keypoints_visible: (..., K), or (..., K, 2) visibility and weight; ``None`` stays ``None``.
        flip_indices: The mirror keypoint of each of the K keypoints.

    Raises:
        ValueError: ``flip_indices`` has another length than K.
    """
    K = keypoints.shape[-2]
    if len(flip_indices) != K:
        raise ValueError(
            f'flip_indices has {len(flip_indices)} entries for {K} keypoints; '
            'use the metainfo of the data set that the keypoints come from.'
        )
    keypoint_axis = keypoints.ndim - 2
    flipped = keypoints.take(flip_indices, axis=keypoint_axis)
    if keypoints_visible is None:
        return flipped, None
    return flipped, keypoints_visible.take(flip_indices, axis=keypoint_axis)

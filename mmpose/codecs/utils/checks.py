"""Checks of what enters a codec, with messages that say how to mend it."""

from __future__ import annotations

from typing import Any

import numpy as np

from mmpose.utils.checks import check_choice, check_odd, check_positive, check_size

__all__ = [
    'check_choice',
    'check_keypoints',
    'check_maps',
    'check_odd',
    'check_positive',
    'check_size',
]


def check_keypoints(
    keypoints: np.ndarray, keypoints_visible: np.ndarray | None, num_dims: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Keypoints and visibility of agreeing shapes, all of them numbers.

    A keypoint with a coordinate that is not finite has no label: it comes out at 0, invisible.
    The arguments are returned as they are where nothing changes, and copied otherwise.

    Args:
        keypoints: (N, K, D), (x, y) first.
        keypoints_visible: (N, K), above 0 where a keypoint is labelled; ``None``: all are.
        num_dims: The D that is expected; ``None``: at least 2.

    Returns:
        keypoints: (N, K, D).
        keypoints_visible: (N, K), float32 ones for ``None``.

    Raises:
        ValueError: The shapes are others.
    """
    keypoints = np.asarray(keypoints)
    shape = keypoints.shape
    if len(shape) != 3 or (shape[2] < 2 if num_dims is None else shape[2] != num_dims):
        wanted = f'(N, K, {"D" if num_dims is None else num_dims})'
        raise ValueError(
            f'keypoints has shape {shape}; expected {wanted}, '
            'the keypoints of N instances. Add the axis of the instances for a single one.'
        )
    if keypoints_visible is None:
        keypoints_visible = np.ones(shape[:2], dtype=np.float32)
    else:
        keypoints_visible = np.asarray(keypoints_visible)
        if keypoints_visible.shape != shape[:2]:
            raise ValueError(
                f'keypoints_visible has shape {keypoints_visible.shape} for keypoints of shape '
                f'{shape}; expected {shape[:2]}, or `None` where all are labelled.'
            )
    finite = np.isfinite(keypoints)
    if not finite.all():
        labelled = finite.all(axis=-1)
        keypoints = np.where(labelled[..., None], keypoints, np.zeros((), keypoints.dtype))
        keypoints_visible = np.where(
            labelled, keypoints_visible, np.zeros((), keypoints_visible.dtype)
        )
    return keypoints, keypoints_visible


def check_maps(name: str, maps: Any, ndim: int | None = None, maps_per_keypoint: int = 1) -> None:
    """Passes heatmaps (K, H, W) or (B, K, H, W), arrays or tensors, whose maps are not empty.

    Args:
        name: The parameter's name, for the message.
        maps: The heatmaps.
        ndim: The number of axes, 3 or 4; ``None``: either.
        maps_per_keypoint: How many maps in a row belong to a keypoint.

    Raises:
        ValueError: The shape is another.
    """
    layouts = {3: '(K, H, W)', 4: '(B, K, H, W)'}
    allowed = (3, 4) if ndim is None else (ndim,)
    shape = tuple(maps.shape)
    if len(shape) not in allowed or 0 in shape[-2:]:
        wanted = ' or '.join(layouts[n] for n in allowed)
        raise ValueError(f'{name} has shape {shape}; expected {wanted} with H, W > 0.')
    if shape[-3] % maps_per_keypoint:
        raise ValueError(
            f'{name} has {shape[-3]} maps per sample; expected a multiple of '
            f"{maps_per_keypoint}, the codec's maps of each keypoint. Set the head's "
            '`out_channels` accordingly.'
        )

"""Checks of what enters a codec, with messages that say how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def check_size(name: str, size: Sequence[int], num_axes: int = 2) -> None:
    """Passes a size of the given number of axes, all positive.

    Args:
        name: The parameter's name, for the message.
        size: (w, h), or (w, h, d) with ``num_axes=3``.
        num_axes: How many entries the size must have.

    Raises:
        ValueError: The size is something else.
    """
    entries = size if isinstance(size, (Sequence, np.ndarray)) else ()
    if len(entries) != num_axes or not all(map(_is_positive, entries)):
        wanted = {2: '(w, h)', 3: '(w, h, d)'}[num_axes]
        raise ValueError(
            f'{name} is {size!r}, but must be {num_axes} positive numbers; give it as {wanted}.'
        )


def check_positive(name: str, value: float | Sequence[float], several: bool = True) -> None:
    """Passes a positive number, or several.

    Args:
        name: The parameter's name, for the message.
        value: The number or numbers.
        several: Whether more than one number makes sense.

    Raises:
        ValueError: ``value`` is something else.
    """
    values = value if several and isinstance(value, (Sequence, np.ndarray)) else (value,)
    if len(values) == 0 or not all(map(_is_positive, values)):
        kind = 'positive' if several else 'positive and a single number'
        raise ValueError(f'{name} is {value!r}, but must be {kind}; set a number above 0.')


def check_odd(name: str, kernel_size: int) -> None:
    """Passes a positive odd size, that of a window centred on a cell.

    Raises:
        ValueError: ``kernel_size`` is something else.
    """
    if not _is_positive(kernel_size) or kernel_size % 2 != 1:
        mend = int(kernel_size) // 2 * 2 + 1 if _is_positive(kernel_size) else 1
        raise ValueError(
            f'{name} is {kernel_size!r}, but a window centred on a cell needs an odd size; '
            f'set {mend}.'
        )


def check_choice(name: str, value: Any, allowed: Sequence[Any]) -> None:
    """Passes one of the allowed values.

    Raises:
        ValueError: ``value`` is not among them.
    """
    if value not in allowed:
        raise ValueError(
            f'{name} is {value!r}, but must be one of {", ".join(map(repr, allowed))}.'
        )


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


def _is_positive(value: Any) -> bool:
    return isinstance(value, (int, float, np.number)) and 0 < value < float('inf')

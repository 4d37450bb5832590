"""The parts of a COCO annotation: checked, or made from its keypoints."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .errors import ConversionError

SMALLEST_MARGIN = 8.0  # pixels, so that one keypoint has a box


def checked_keypoints(keypoints: np.ndarray | Sequence, names: Sequence[str]) -> np.ndarray:
    """The keypoints (K, 3), with zeros where one is not labelled or not finite.

    Args:
        keypoints: (K, 3) x, y, v.
        names: The K names.

    Raises:
        ConversionError: The shape is another, or v is not 0, 1 or 2.
    """
    rows = np.array(keypoints, dtype=np.float64)
    if rows.shape != (len(names), 3):
        raise ConversionError(
            f'keypoints have shape {rows.shape}; expected ({len(names)}, 3): x, y and v of '
            f'{", ".join(names)}.'
        )
    if bad := set(rows[:, 2].tolist()) - {0, 1, 2}:
        raise ConversionError(f'v is {bad.pop():g}; expected 0, 1 or 2.')
    rows[(rows[:, 2] == 0) | ~np.isfinite(rows).all(axis=1)] = 0
    return rows


def checked_box(bbox: Sequence[float]) -> list[float]:
    """x, y, w, h of a box.

    Raises:
        ConversionError: They are not four finite numbers, or w or h is negative.
    """
    box = [float(value) for value in bbox]
    if len(box) != 4 or not np.isfinite(box).all() or box[2] < 0 or box[3] < 0:
        raise ConversionError(f'bbox is {box}; expected x, y, w, h, the last two 0 or more.')
    return box


def box_around_keypoints(keypoints: Sequence[float], image: dict, margin: float) -> list[float]:
    """x, y, w, h of a box around the labelled keypoints, held inside the picture.

    Args:
        keypoints: x, y, v, x, y, v, ..., at least one of them labelled.
        image: With ``width`` and ``height``.
        margin: How much wider it is on each side, as a share of the longer side of the box that
            touches the keypoints; at least 8 pixels.
    """
    rows = np.reshape(keypoints, (-1, 3))
    points = rows[rows[:, 2] > 0, :2]
    low, high = points.min(axis=0), points.max(axis=0)
    reach = max(margin * (high - low).max(), SMALLEST_MARGIN)
    size_wh = [image['width'], image['height']]
    low, high = np.clip([low - reach, high + reach], 0, size_wh).round(2)
    return [*low.tolist(), *(high - low).round(2).tolist()]

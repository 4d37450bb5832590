"""Reading COCO style JSON files, with errors that say which file, where and how to mend it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from .required_file import require_file

# what reading a malformed entry can raise
ENTRY_ERRORS = (LookupError, TypeError, AttributeError, ValueError, ArithmeticError)
KINDS = {dict: 'an object', list: 'a list', str: 'a string', int: 'a number', float: 'a number'}


def load_json(path: str, data_root: str | None = None) -> Any:
    """What a JSON file holds.

    Args:
        path: The file, already joined with ``data_root``.
        data_root: Named in the error when the file is absent; ``None`` or ``''``: none was set.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is not JSON; the message has the line and the column.
    """
    require_file(path, data_root, 'ann_file', 'bbox_file')
    try:
        with open(path, encoding='utf-8') as file:
            return json.load(file)
    except json.JSONDecodeError as error:
        raise ValueError(
            f'{path!r} is not JSON: {error.msg} in line {error.lineno}, column {error.colno}. '
            'If it was downloaded or copied, it may be cut short; fetch it again.'
        ) from error
    except (ValueError, RecursionError) as error:  # not UTF-8, absurd numbers or nesting
        raise ValueError(f'{path!r} is not JSON: {error}.') from error


def load_coco(path: str, data_root: str | None = None) -> dict:
    """A COCO style annotation file as a dict whose ``images`` and ``annotations`` are lists.

    Args:
        path: The file, already joined with ``data_root``.
        data_root: As in :func:`load_json`.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is not JSON, or not in the COCO layout.
    """
    content = load_json(path, data_root)
    if not isinstance(content, dict):
        raise ValueError(
            f'{path!r} holds {kind_of(content)}; a COCO annotation file holds an object with the '
            'lists `images` and `annotations`. (A list of detections goes into `bbox_file`.)'
        )
    check_layout(content, path)
    return content


def check_layout(content: dict, path: str) -> None:
    """Checks that ``images`` and ``annotations`` are lists, or something like a list.

    Args:
        content: What the file holds.
        path: The file.

    Raises:
        ValueError: One of them is absent or something else.
    """
    for key in ('images', 'annotations'):
        value = content.get(key)
        if not isinstance(value, Sequence) or isinstance(value, str):
            found = f'`{key}` is {kind_of(value)}' if key in content else f'has no `{key}`'
            raise ValueError(
                f'{path!r} {found}; expected the lists `images` and `annotations`. '
                f'Its keys are {sorted(content)}.'
            )


def unusable(what: str, entry: Any, path: str, error: Exception) -> ValueError:
    """The error to raise for an entry that could not be read.

    Args:
        what: The kind of entry, such as ``'annotation'``.
        entry: The entry, usually a dict.
        path: The file it stands in.
        error: What went wrong, one of :data:`ENTRY_ERRORS`.
    """
    if not isinstance(entry, dict):
        return ValueError(f'{path!r}: an {what} is {kind_of(entry)}; expected an object.')
    name = entry.get('id', f'of image {entry.get("image_id")}')
    reason = f'it has no {error}.' if isinstance(error, KeyError) else error
    return ValueError(f'{path!r}: {what} {name} cannot be used: {reason}')


def kind_of(value: Any) -> str:
    """What JSON calls the value's type, with an article."""
    return 'null' if value is None else KINDS.get(type(value), f'a {type(value).__name__}')


def whole_image_box(image: dict) -> np.ndarray:
    """The box of the whole image, (1, 4) float32, xyxy.

    Args:
        image: With ``width`` and ``height``.
    """
    return np.array([[0, 0, image['width'], image['height']]], dtype=np.float32)


def clipped_box(x: float, y: float, w: float, h: float, image: dict) -> np.ndarray:
    """The box as (1, 4) float32, xyxy, held inside [0, width - 1] x [0, height - 1].

    Args:
        x: Left edge in pixels.
        y: Upper edge in pixels.
        w: Width in pixels.
        h: Height in pixels.
        image: With ``width`` and ``height``; where one is absent or ``None`` that direction is not
            limited.
    """
    width, height = image.get('width'), image.get('height')
    right = np.inf if width is None else width - 1
    bottom = np.inf if height is None else height - 1
    corners = (
        min(max(x, 0), right),
        min(max(y, 0), bottom),
        min(max(x + w, 0), right),
        min(max(y + h, 0), bottom),
    )
    return np.array([corners], dtype=np.float32)


def labelled_box(values: Sequence[float], padding: float = 0.0) -> list[float]:
    """x, y, w, h of the box around the labelled of keypoints x, y, v, x, y, v, ...; 0 if none.

    Args:
        values: In pixels. Points that are not finite count as not labelled.
        padding: As in :func:`box_around`.
    """
    rows = np.asarray(values, dtype=np.float64).reshape(-1, 3)
    return box_around(rows[rows[:, 2] > 0, :2], padding)


def box_around(points: np.ndarray, padding: float = 0.0) -> list[float]:
    """x, y, w, h of the box around points; 0 if there are none.

    Args:
        points: (M, 2), pixels. Those that are not finite are left out.
        padding: How far the box goes beyond the points, on each side, as a share of its longer
            side.
    """
    points = points[np.isfinite(points).all(axis=1)].astype(np.float64)
    if len(points) == 0:
        return [0.0] * 4
    margin = padding * np.ptp(points, axis=0).max()
    low, high = points.min(axis=0) - margin, points.max(axis=0) + margin
    return [*low.tolist(), *(high - low).tolist()]

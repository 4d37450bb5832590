"""Pictures from bytes that nobody has vouched for."""

from __future__ import annotations

import json
from io import BytesIO

import cv2
import numpy as np

from .errors import RequestError
from .limits import Limits

PICTURE_TYPES = ('image/jpeg', 'image/png', 'image/webp')
_FORMATS = ('JPEG', 'PNG', 'WEBP')
_FARTHEST = 1e6  # pixels that a box may reach from the corner of the picture


def decode_picture(data: bytes, limits: Limits) -> np.ndarray:
    """(H, W, 3) uint8 BGR, turned as its EXIF data says.

    Its size is read from the header first, so that a small file cannot ask for much memory.

    Args:
        data: A JPEG, PNG or WebP file.
        limits: How large it may be.

    Raises:
        RequestError: It is no such file, too large or damaged.
    """
    if not data:
        raise RequestError(400, 'no_picture', 'The request has no picture; send a JPEG or PNG.')
    check_size(*_size_of(data), limits, 'picture')
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        picture = None
    if picture is None:
        raise RequestError(
            400, 'damaged', 'The picture cannot be decoded; the file seems to be damaged.'
        )
    return picture


def check_size(width: int, height: int, limits: Limits, what: str) -> None:
    """Refuse a picture or video that is too large to decode.

    Raises:
        RequestError: It is.
    """
    if width * height > limits.max_megapixels * 1e6 or max(width, height) > limits.max_side:
        raise RequestError(
            413,
            'too_many_pixels',
            f'The {what} has {width} x {height} pixels; at most {limits.max_megapixels:g} million '
            f'and {limits.max_side} to a side are taken. Make it smaller before you send it.',
        )


def parse_boxes(text: str | None, limits: Limits) -> np.ndarray | None:
    """(N, 4) float32 xyxy in pixels; ``None`` if none are given.

    Args:
        text: JSON, such as ``[[50, 20, 200, 400]]``.
        limits: How many there may be.

    Raises:
        RequestError: It is something else.
    """
    if text is None:
        return None
    try:
        boxes = np.array(json.loads(text), dtype=np.float64)
    except (ValueError, TypeError, OverflowError, RecursionError):
        boxes = np.empty(())
    if boxes.size == 0 and boxes.ndim:
        return None
    right = (
        boxes.ndim == 2
        and boxes.shape[1] == 4
        and (np.abs(boxes) <= _FARTHEST).all()
        and (boxes[:, 2:] > boxes[:, :2]).all()
    )
    if not right:
        raise RequestError(
            422,
            'bad_boxes',
            f'bboxes is {text[:80]}; give JSON with left, top, right and bottom of each box in '
            'pixels, such as [[50, 20, 200, 400]], where right > left and bottom > top.',
        )
    if len(boxes) > limits.max_boxes:
        raise RequestError(
            422,
            'too_many_boxes',
            f'bboxes has {len(boxes)} boxes; give at most {limits.max_boxes} at a time.',
        )
    return boxes.astype(np.float32)


def _size_of(data: bytes) -> tuple[int, int]:
    """(width, height), from the header."""
    from PIL import Image

    try:
        with Image.open(BytesIO(data), formats=_FORMATS) as header:
            return header.size
    except Image.DecompressionBombError as error:
        raise RequestError(413, 'too_many_pixels', f'{error}. Make the picture smaller.') from error
    # whatever a hostile header makes Pillow's readers raise
    except Exception as error:
        raise RequestError(
            415, 'unknown_format', 'The data is no JPEG, PNG or WebP picture; send one of these.'
        ) from error

"""Reading a pipeline's sample: the keys a transform needs, and pictures that may be several."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import cv2
import numpy as np

CV2_FLIP_CODES = dict(horizontal=1, vertical=0, diagonal=-1)
_Value = TypeVar('_Value')


def require_keys(results: dict, transform: str, keys: tuple[str, ...], remedy: str) -> None:
    """Checks that a sample has what a transform reads.

    Args:
        results: The sample.
        transform: Name of the transform.
        keys: What it reads.
        remedy: Where the keys come from, a whole sentence for the message.

    Raises:
        KeyError: One of the keys is missing.
    """
    for key in keys:
        if key not in results:
            raise KeyError(
                f'{transform} needs {key!r}, but the sample has only {sorted(results)}. {remedy}'
            )


def single_picture(results: dict, transform: str) -> np.ndarray:
    """The sample's picture, (H, W, C) or (H, W).

    Args:
        results: The sample.
        transform: Name of the transform.

    Raises:
        KeyError: There is no picture.
        TypeError: It is something else, such as the frames of a sequence.
    """
    require_keys(results, transform, ('img',), 'Begin the pipeline with LoadImage.')
    img = results['img']
    if not isinstance(img, np.ndarray):
        raise TypeError(
            f"{transform} needs one picture, an array (H, W, C), but 'img' is a "
            f'{type(img).__name__}; give the frames of a sequence one by one.'
        )
    return img


def map_frames(
    function: Callable[[np.ndarray], _Value], img: np.ndarray | list[np.ndarray]
) -> _Value | list[_Value]:
    """What ``function`` makes of the picture, or a list of what it makes of each frame.

    Args:
        function: Takes a picture (H, W, C).
        img: A picture, or a list of frames.
    """
    return [function(frame) for frame in img] if isinstance(img, list) else function(img)


def flip_picture(direction: str, img: np.ndarray) -> np.ndarray:
    """The mirrored picture, or the picture turned by half for 'diagonal'.

    Args:
        direction: 'horizontal', 'vertical' or 'diagonal'.
        img: (H, W) or (H, W, C).
    """
    # several times faster than a copy of a reversed view, but loses an axis of length 1
    return cv2.flip(img, CV2_FLIP_CODES[direction]).reshape(img.shape)

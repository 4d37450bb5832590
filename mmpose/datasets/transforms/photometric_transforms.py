"""Random changes of brightness and colour, which leave every point where it is.

Pictures are uint8, so a change of one channel is a table of 256 entries, computed once and looked
up for every pixel; changes that follow one another become a single table.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import cv2
import numpy as np
from mmcv.transforms import BaseTransform
from mmcv.transforms.utils import cache_randomness

from mmpose.registry import TRANSFORMS

from .sample import map_frames, require_keys

_LEVELS = np.arange(256, dtype=np.uint8)
_NUM_HUES = 180  # OpenCV keeps half of the angle in a uint8


class _Distortion(NamedTuple):
    """One drawn distortion; the defaults change nothing."""

    brightness: float = 0.0
    contrast: float = 1.0
    contrast_first: bool = True
    saturation: float = 1.0
    hue: int = 0
    channels: tuple[int, ...] = (0, 1, 2)


@TRANSFORMS.register_module()
class PhotometricDistortion(BaseTransform):
    """Distorts brightness, contrast, saturation, hue and the order of channels, each at random.

    As for SSD (`Liu et al., ECCV 2016 <https://arxiv.org/abs/1512.02325>`_): each of the five has
    a probability of one half. Brightness comes first, then saturation and hue, then the order of
    channels; contrast comes before or after saturation and hue. Replaces ``img``, uint8 BGR or a
    list of such frames.

    Args:
        brightness_delta: Largest amount added to all channels, either way, of 255.
        contrast_range: Smallest and largest factor on all channels.
        saturation_range: Smallest and largest factor on the saturation.
        hue_delta: Largest turn of the hue back, in steps of two degrees; forward it is one step
            less. Hues are a circle: what leaves it on one side comes in on the other.

    Raises:
        ValueError: A range is not a pair in order, or a delta is negative.
        TypeError: A sample's picture is not uint8 with three channels.
    """

    def __init__(
        self,
        brightness_delta: int = 32,
        contrast_range: Sequence[float] = (0.5, 1.5),
        saturation_range: Sequence[float] = (0.5, 1.5),
        hue_delta: int = 18,
    ) -> None:
        super().__init__()
        _check_deltas(brightness_delta=brightness_delta, hue_delta=hue_delta)
        _check_factors(contrast_range=contrast_range, saturation_range=saturation_range)
        self.brightness_delta = brightness_delta
        self.contrast_range = contrast_range
        self.saturation_range = saturation_range
        self.hue_delta = hue_delta

    @cache_randomness
    def _draw(self) -> _Distortion:
        changes = dict(
            brightness=np.random.uniform(-self.brightness_delta, self.brightness_delta),
            contrast=np.random.uniform(*self.contrast_range),
            saturation=np.random.uniform(*self.saturation_range),
            hue=np.random.randint(-self.hue_delta, max(self.hue_delta, 1)),
            channels=tuple(np.random.permutation(3).tolist()),
        )
        chosen = np.random.rand(len(changes)) < 0.5
        kept = {
            name: value for (name, value), keep in zip(changes.items(), chosen, strict=True) if keep
        }
        return _Distortion(contrast_first=np.random.rand() < 0.5, **kept)

    def transform(self, results: dict) -> dict:
        """The sample with its picture distorted."""
        _check_picture(results, type(self).__name__)
        results['img'] = map_frames(partial(self._distort, self._draw()), results['img'])
        return results

    @staticmethod
    def _distort(change: _Distortion, img: np.ndarray) -> np.ndarray:
        before = _linear(_LEVELS, offset=change.brightness)
        after = _LEVELS
        if change.contrast_first:
            before = _linear(before, factor=change.contrast)
        else:
            after = _linear(after, factor=change.contrast)
        img = _look_up(img, before)
        if change.hue != 0 or change.saturation != 1:
            hue, saturation = _turned(change.hue), _linear(_LEVELS, factor=change.saturation)
            img = _change_hsv(img, (hue, saturation, _LEVELS))
        img = _look_up(img, after)
        if change.channels != (0, 1, 2):
            planes = cv2.split(img)
            img = cv2.merge([planes[i] for i in change.channels])
        return img


@TRANSFORMS.register_module()
class YOLOXHSVRandomAug(BaseTransform):
    """Adds random amounts to hue, saturation and value, each with a probability of one half.

    As for YOLOX (`Ge et al., 2021 <https://arxiv.org/abs/2107.08430>`_). Hues are a circle;
    saturation and value stop at their ends. Replaces ``img``, uint8 BGR or a list of such frames.
    A picture that draws no amount still goes to HSV and back, which rounds its colours.

    Args:
        hue_delta: Largest turn of the hue either way, in steps of two degrees.
        saturation_delta: Largest amount added to the saturation either way, of 255.
        value_delta: Largest amount added to the value either way, of 255.

    Raises:
        ValueError: A delta is negative.
        TypeError: A sample's picture is not uint8 with three channels.
    """

    def __init__(
        self, hue_delta: int = 5, saturation_delta: int = 30, value_delta: int = 30
    ) -> None:
        super().__init__()
        _check_deltas(
            hue_delta=hue_delta, saturation_delta=saturation_delta, value_delta=value_delta
        )
        self.hue_delta = hue_delta
        self.saturation_delta = saturation_delta
        self.value_delta = value_delta

    @cache_randomness
    def _get_hsv_gains(self) -> np.ndarray:
        """Amounts to add to hue, saturation and value, (3,) int16, cut off after the point."""
        deltas = (self.hue_delta, self.saturation_delta, self.value_delta)
        gains = np.random.uniform(-1, 1, 3) * deltas * np.random.randint(0, 2, 3)
        return gains.astype(np.int16)

    def transform(self, results: dict) -> dict:
        """The sample with other colours."""
        _check_picture(results, type(self).__name__)
        hue, saturation, value = self._get_hsv_gains().tolist()
        tables = _turned(hue), _shifted(saturation), _shifted(value)
        results['img'] = map_frames(partial(_change_hsv, tables=tables), results['img'])
        return results


def _linear(levels: np.ndarray, factor: float = 1.0, offset: float = 0.0) -> np.ndarray:
    """``levels * factor + offset`` within 0 and 255, cut off after the point."""
    return np.clip(levels.astype(np.float32) * factor + offset, 0, 255).astype(np.uint8)


def _shifted(amount: int) -> np.ndarray:
    """The table that adds an integer and stops at 0 and 255."""
    return np.clip(np.arange(amount, 256 + amount), 0, 255).astype(np.uint8)


def _turned(amount: int) -> np.ndarray:
    """The table that adds an integer to the hue."""
    table = _LEVELS.copy()
    table[:_NUM_HUES] = np.arange(amount, _NUM_HUES + amount) % _NUM_HUES
    return table


def _changes(table: np.ndarray) -> bool:
    return not np.array_equal(table, _LEVELS)


def _look_up(img: np.ndarray, table: np.ndarray) -> np.ndarray:
    """The picture with one table for all channels."""
    return cv2.LUT(img, table) if _changes(table) else img


def _change_hsv(img: np.ndarray, tables: tuple[np.ndarray, np.ndarray, np.ndarray]) -> np.ndarray:
    """The picture (H, W, 3), BGR, with a table for each of hue, saturation and value."""
    hsv = cv2.cvtColor(img, cv2.COLOR_BGR2HSV)
    # Planes are looked up faster than interleaved channels, and some need not be looked up.
    if any(map(_changes, tables)):
        planes = list(map(_look_up, cv2.split(hsv), tables))
        cv2.merge(planes, dst=hsv)
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR, dst=hsv)


def _check_picture(results: dict, transform: str) -> None:
    require_keys(results, transform, ('img',), 'Begin the pipeline with LoadImage.')
    img = results['img']
    for frame in img if isinstance(img, list) else [img]:
        if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3:
            raise TypeError(
                f'{transform} needs a picture (H, W, 3) of uint8, not {frame.shape} of '
                f"{frame.dtype}; load it with `color_type='color'` and without `to_float32`, and "
                'leave the normalisation to the data preprocessor.'
            )


def _check_deltas(**deltas: float) -> None:
    for name, delta in deltas.items():
        if not delta >= 0:
            raise ValueError(f'{name} is {delta!r}; expected the largest amount, 0 or more.')


def _check_factors(**ranges: Sequence[float]) -> None:
    for name, factors in ranges.items():
        if len(factors) != 2 or not 0 <= factors[0] <= factors[1]:
            raise ValueError(
                f'{name} is {factors!r}; expected the smallest and the largest factor, such as '
                '(0.5, 1.5).'
            )

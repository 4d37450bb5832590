"""The transforms of Albumentations that the published configs use, for pictures alone.

They take the parameters of that package, in its former and its present spelling, with the defaults
of version 1.3, and draw from the same distributions, by :mod:`numpy.random`.
"""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Sequence
from functools import partial
from typing import Any

import cv2
import numpy as np

from .arguments import check_probs
from .sample import map_frames

_Fill = float | Sequence[float]


class PictureTransform(metaclass=ABCMeta):
    """Changes a picture with some probability: ``draw`` decides how, and ``apply`` does it.

    Args:
        p: Probability of the change.
        always_apply: Whether to change every picture, whatever ``p`` is.
    """

    def __init__(self, p: float, always_apply: bool) -> None:
        check_probs(p=p)
        self.p = 1.0 if always_apply else p

    def __call__(self, image: np.ndarray | list[np.ndarray], **others: Any) -> dict:
        """The data with the picture, perhaps changed, as ``image``; the rest stays as it is.

        Args:
            image: (H, W) or (H, W, C), or a list of such frames, which change alike.
            **others: Further entries of the data.
        """
        if np.random.rand() < self.p:
            first = image[0] if isinstance(image, list) else image
            image = map_frames(partial(self.apply, drawn=self.draw(first.shape[:2])), image)
        return dict(others, image=image)

    @abstractmethod
    def draw(self, shape_hw: tuple[int, int]) -> Any:
        """What to do with a picture of this shape, at random."""

    @abstractmethod
    def apply(self, img: np.ndarray, drawn: Any) -> np.ndarray:
        """The changed picture, a new array.

        Args:
            img: (H, W) or (H, W, C).
            drawn: What ``draw`` returned.
        """


class Blur(PictureTransform):
    """Takes the mean of a square around every pixel.

    Args:
        blur_limit: Largest side of the square, odd, pixels; the smallest is 3. Or the pair of both.
        always_apply: See :class:`PictureTransform`.
        p: Probability of the change.
    """

    def __init__(
        self, blur_limit: int | Sequence[int] = 7, always_apply: bool = False, p: float = 0.5
    ) -> None:
        super().__init__(p, always_apply)
        limits = sorted((blur_limit, 3)) if isinstance(blur_limit, int) else list(blur_limit)
        is_pair = len(limits) == 2 and 1 <= limits[0] <= limits[1]
        if not is_pair or any(side % 2 == 0 for side in limits):
            raise ValueError(
                f'blur_limit is {blur_limit!r}; expected the largest odd side in pixels, or the '
                'smallest and the largest, such as (3, 7).'
            )
        self.sides = list(range(limits[0], limits[1] + 1, 2))

    def draw(self, shape_hw: tuple[int, int]) -> int:
        """The side of the square, pixels."""
        return self.sides[np.random.randint(len(self.sides))]

    def apply(self, img: np.ndarray, drawn: int) -> np.ndarray:
        """The picture of means."""
        return cv2.blur(img, (drawn, drawn)).reshape(img.shape)


class MedianBlur(Blur):
    """Takes the median of a square around every pixel. Arguments as for :class:`Blur`."""

    def apply(self, img: np.ndarray, drawn: int) -> np.ndarray:
        """The picture of medians."""
        return cv2.medianBlur(img, drawn).reshape(img.shape)


class CoarseDropout(PictureTransform):
    """Fills rectangles at random places.

    Cutout, `DeVries and Taylor, 2017 <https://arxiv.org/abs/1708.04552>`_, of several sizes.
    Lengths are pixels as int, or shares of the picture's side as float.

    Args:
        max_holes: Largest number of rectangles.
        max_height: Largest height.
        max_width: Largest width.
        min_holes: Smallest number; ``None`` is the largest.
        min_height: Smallest height; ``None`` is the largest.
        min_width: Smallest width; ``None`` is the largest.
        fill_value: What to fill with, for all channels or for each.
        mask_fill_value: Without effect, for there is no mask.
        always_apply: See :class:`PictureTransform`.
        p: Probability of the change.
        num_holes_range: ``(min_holes, max_holes)``.
        hole_height_range: ``(min_height, max_height)``.
        hole_width_range: ``(min_width, max_width)``.
        fill: ``fill_value``.
        fill_mask: ``mask_fill_value``.
    """

    def __init__(
        self,
        max_holes: int = 8,
        max_height: float = 8,
        max_width: float = 8,
        min_holes: int | None = None,
        min_height: float | None = None,
        min_width: float | None = None,
        fill_value: _Fill = 0,
        mask_fill_value: _Fill | None = None,
        always_apply: bool = False,
        p: float = 0.5,
        num_holes_range: Sequence[int] | None = None,
        hole_height_range: Sequence[float] | None = None,
        hole_width_range: Sequence[float] | None = None,
        fill: _Fill | None = None,
        fill_mask: _Fill | None = None,
    ) -> None:
        super().__init__(p, always_apply)
        self.num_holes = _limits('holes', min_holes, max_holes, num_holes_range)
        if isinstance(self.num_holes[1], float):
            raise ValueError(f'The number of holes is {self.num_holes}; expected integers.')
        self.heights = _limits('height', min_height, max_height, hole_height_range)
        self.widths = _limits('width', min_width, max_width, hole_width_range)
        self.fill = _checked_fill(fill_value if fill is None else fill)

    def draw(self, shape_hw: tuple[int, int]) -> np.ndarray:
        """The rectangles (N, 4): left, top, right, bottom, pixels."""
        num_holes = np.random.randint(self.num_holes[0], self.num_holes[1] + 1)
        tops, bottoms = _random_spans(self.heights, shape_hw[0], num_holes)
        lefts, rights = _random_spans(self.widths, shape_hw[1], num_holes)
        return np.stack((lefts, tops, rights, bottoms), axis=1)

    def apply(self, img: np.ndarray, drawn: np.ndarray) -> np.ndarray:
        """The picture with the rectangles filled."""
        img = img.copy()
        for left, top, right, bottom in drawn.tolist():
            img[top:bottom, left:right] = self.fill
        return img


class GridDropout(PictureTransform):
    """Fills one rectangle in each cell of a grid.

    GridMask, `Chen et al., 2020 <https://arxiv.org/abs/2001.04086>`_.

    Args:
        ratio: Side of the rectangle as a share of the cell's.
        unit_size_min: Smallest side of the square cell, pixels. ``None``: see the numbers of holes.
        unit_size_max: Largest side of the square cell, pixels.
        holes_number_x: Cells along the width. ``None`` makes cells a tenth as wide as the picture.
        holes_number_y: Cells along the height. ``None`` makes them as high as they are wide.
        shift_x: Distance of the first rectangle from the left, pixels, within its cell.
        shift_y: Distance of the first rectangle from the top, pixels, within its cell.
        random_offset: Whether to draw both distances instead.
        fill_value: What to fill with, for all channels or for each.
        mask_fill_value: Without effect, for there is no mask.
        always_apply: See :class:`PictureTransform`.
        p: Probability of the change.
        unit_size_range: ``(unit_size_min, unit_size_max)``.
        holes_number_xy: ``(holes_number_x, holes_number_y)``.
        shift_xy: ``(shift_x, shift_y)``.
        fill: ``fill_value``.
        fill_mask: ``mask_fill_value``.
    """

    def __init__(
        self,
        ratio: float = 0.5,
        unit_size_min: int | None = None,
        unit_size_max: int | None = None,
        holes_number_x: int | None = None,
        holes_number_y: int | None = None,
        shift_x: int = 0,
        shift_y: int = 0,
        random_offset: bool = False,
        fill_value: _Fill = 0,
        mask_fill_value: _Fill | None = None,
        always_apply: bool = False,
        p: float = 0.5,
        unit_size_range: Sequence[int] | None = None,
        holes_number_xy: Sequence[int] | None = None,
        shift_xy: Sequence[int] | None = None,
        fill: _Fill | None = None,
        fill_mask: _Fill | None = None,
    ) -> None:
        super().__init__(p, always_apply)
        if not 0 < ratio <= 1:
            raise ValueError(f'ratio is {ratio!r}; expected a share above 0, up to 1.')
        sizes = unit_size_range or (unit_size_min, unit_size_max)
        if sizes == (None, None):
            sizes = None
        elif None in sizes or not 2 <= sizes[0] <= sizes[1]:
            raise ValueError(
                f'unit_size is {sizes}; expected the smallest and the largest side of a cell, in '
                'pixels from 2 on.'
            )
        self.ratio = ratio
        self.unit_sizes = sizes
        self.numbers_xy = holes_number_xy or (holes_number_x, holes_number_y)
        self.shift_xy = shift_xy or (shift_x or 0, shift_y or 0)
        self.random_offset = random_offset
        self.fill = _checked_fill(fill_value if fill is None else fill)

    def draw(self, shape_hw: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        """The rows and the columns that the rectangles cross, indices."""
        h, w = shape_hw
        cell_w, cell_h = self._cell_size(w, h)
        shift_x, shift_y = self.shift_xy
        columns = self._along(w, cell_w, shift_x)
        return self._along(h, cell_h, shift_y), columns

    def _cell_size(self, w: int, h: int) -> tuple[int, int]:
        """Width and height of a cell, pixels."""
        if self.unit_sizes is not None:
            smallest, largest = self.unit_sizes
            if largest > min(w, h):
                raise ValueError(
                    f'The cells have up to {largest} pixels, but the picture has {w} x {h}; lower '
                    'unit_size_max.'
                )
            size = np.random.randint(smallest, largest + 1)
            return size, size
        for number, length in zip(self.numbers_xy, (w, h), strict=True):
            if number is not None and not 1 <= number <= length // 2:
                raise ValueError(
                    f'{number} cells along {length} pixels; expected 1 to {length // 2}.'
                )
        across, down = self.numbers_xy
        width = max(2, w // 10) if across is None else w // across
        return width, max(2, min(width, h)) if down is None else h // down

    def _along(self, length: int, cell: int, shift: int) -> np.ndarray:
        """The pixels along one side that rectangles cross."""
        hole = min(max(int(cell * self.ratio), 1), cell - 1)
        if self.random_offset:
            shift = np.random.randint(0, cell - hole + 1)
        places = np.arange(length) - min(max(shift, 0), cell - hole)
        return np.flatnonzero((places >= 0) & (places % cell < hole))

    def apply(self, img: np.ndarray, drawn: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        """The picture with the rectangles filled."""
        img = img.copy()
        img[np.ix_(*drawn)] = self.fill
        return img


BUILT_IN = {cls.__name__: cls for cls in (Blur, CoarseDropout, GridDropout, MedianBlur)}


def _limits(
    name: str, smallest: float | None, largest: float, both: Sequence[float] | None
) -> tuple[float, float]:
    """The smallest and the largest value, both pixels or both shares."""
    if both is None:
        both = (largest if smallest is None else smallest, largest)
    limits = tuple(both)
    are_pixels = all(isinstance(limit, int) for limit in limits)
    are_shares = all(isinstance(limit, float) and limit <= 1 for limit in limits)
    if len(limits) != 2 or not 0 < limits[0] <= limits[1] or not (are_pixels or are_shares):
        raise ValueError(
            f'The limits of {name} are {limits}; expected the smallest and the largest, both '
            'positive integers, or both floats up to 1 for shares of the picture.'
        )
    return limits


def _random_spans(
    limits: tuple[float, float], length: int, number: int
) -> tuple[np.ndarray, np.ndarray]:
    """Begin and end (N,) of spans within ``length``, whose sizes follow ``limits``."""
    smallest, largest = limits
    if isinstance(largest, float):
        sizes = (length * np.random.uniform(smallest, largest, number)).astype(int)
    else:
        sizes = np.minimum(np.random.randint(smallest, largest + 1, number), length)
    begins = np.random.randint(0, length - sizes + 1)
    return begins, begins + sizes


def _checked_fill(fill: Any) -> np.ndarray:
    values = np.asarray(fill)
    is_number = values.ndim <= 1 and np.issubdtype(values.dtype, np.number)
    if not (is_number and (values >= 0).all() and (values <= 255).all()):
        raise ValueError(
            f'The fill is {fill!r}; the built-in transforms take a number from 0 to 255, or one '
            'for each channel. Others need the package: `pip install albumentations`.'
        )
    return values

"""Several pictures of the data set in one."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
from mmcv.transforms import BaseTransform
from mmengine.dataset import Compose

from mmpose.registry import TRANSFORMS
from mmpose.structures.keypoint.transforms import swap_sides

from .arguments import check_probs, check_range, size_pair
from .instances import count_instances, join_instances
from .picture_warp import warp_labels
from .sample import flip_picture, require_keys, single_picture

_MAX_DRAWS = 100


class MixImageTransform(BaseTransform, metaclass=ABCMeta):
    """The base of transforms that mix other pictures of the data set into the sample's.

    Needs ``img`` and ``dataset``, where the other pictures are drawn. A subclass says in
    ``num_aux_image`` how many it takes, and mixes them in :meth:`apply_mix`.

    Args:
        pre_transform: Transforms of each other picture before it is mixed, at least one that
            loads it.
        prob: Probability of a mix.

    Raises:
        ValueError: ``prob`` is no probability.
        KeyError: A sample has no ``img`` or ``dataset``, or another picture was not loaded.
        RuntimeError: ``pre_transform`` gave nothing for a hundred pictures in a row.
    """

    num_aux_image: int

    def __init__(
        self, pre_transform: Sequence[dict | Callable] | None = None, prob: float = 1.0
    ) -> None:
        super().__init__()
        check_probs(prob=prob)
        self.pre_transform = Compose(
            [TRANSFORMS.build(t) if isinstance(t, dict) else t for t in pre_transform or ()]
        )
        self.prob = prob

    @abstractmethod
    def apply_mix(self, results: dict) -> dict:
        """The sample with the pictures mixed.

        Args:
            results: The sample; ``mix_results`` has the samples of the other pictures.
        """

    def _is_mixed(self) -> bool:
        return np.random.rand() < self.prob

    def _draw_index(self, num_items: int) -> int:
        return np.random.randint(num_items)

    def transform(self, results: dict) -> dict:
        """The sample, perhaps mixed with others."""
        if not self._is_mixed():
            return results
        name = type(self).__name__
        single_picture(results, name)
        remedy = 'Data sets such as CocoDataset hand themselves to their pipeline.'
        require_keys(results, name, ('dataset',), remedy)
        others = [self._draw_other(results['dataset']) for _ in range(self.num_aux_image)]
        results = self.apply_mix(dict(results, mix_results=others))
        results.pop('mix_results', None)
        return results

    def _draw_other(self, dataset: Any) -> dict:
        """The sample of another picture, after ``pre_transform``."""
        for _ in range(_MAX_DRAWS):
            sample = dataset.get_data_info(self._draw_index(len(dataset)))
            # a mix among the transforms draws from it in turn
            sample = self.pre_transform(dict(sample, dataset=dataset))
            if sample is not None:
                remedy = "Set pre_transform=[dict(type='LoadImage')]."
                require_keys(sample, type(self).__name__, ('img',), remedy)
                return sample
        raise RuntimeError(
            f'The pre_transform of {type(self).__name__} gave no picture in {_MAX_DRAWS} draws; '
            'check that the pictures of the data set can be read.'
        )


@TRANSFORMS.register_module()
class Mosaic(MixImageTransform):
    """Puts the picture and three others around a point of a canvas twice as large.

    From YOLOv4 (`Bochkovskiy et al., 2020 <https://arxiv.org/abs/2004.10934>`_), as in YOLOX. Each
    picture is resized to fit ``img_scale``; the sample's own has its bottom right corner at the
    point, the others lie right of it, below it and opposite. The canvas cuts what sticks out.

    Replaces ``img``, ``img_shape`` and ``ori_shape``, and joins the instances of all pictures:
    boxes are moved into the canvas, and keypoints outside of it are marked as not visible.
    ``invalid_segs`` and ``warp_mat`` are removed, for they would describe a single picture.

    Args:
        img_scale: (w, h) that a picture is fitted into, half the canvas.
        center_range: Smallest and largest coordinate of the point, in units of ``img_scale``.
        pad_val: Grey level where there is no picture, or one for each channel.
        pre_transform: See :class:`MixImageTransform`.
        prob: Probability of a mosaic.

    Raises:
        ValueError: An argument is none of what is described here; later, the pictures do not
            have the same keys. See :class:`MixImageTransform`, too.
    """

    num_aux_image = 3

    def __init__(
        self,
        img_scale: tuple[int, int] = (640, 640),
        center_range: tuple[float, float] = (0.5, 1.5),
        pad_val: float | tuple[float, ...] = 114.0,
        pre_transform: Sequence[dict | Callable] | None = None,
        prob: float = 1.0,
    ) -> None:
        super().__init__(pre_transform=pre_transform, prob=prob)
        check_range('center_range', center_range)
        if center_range[1] > 2:
            raise ValueError(f'center_range is {center_range!r}; the canvas ends at 2.')
        self.img_scale = size_pair('img_scale', img_scale)
        self.center_range = center_range
        self.pad_val = pad_val

    def _draw_center(self) -> tuple[int, int]:
        """(x, y) of the point where the four pictures meet, pixels of the canvas."""
        x, y = np.random.uniform(*self.center_range, size=2) * self.img_scale
        return int(x), int(y)

    def apply_mix(self, results: dict) -> dict:
        """The sample with its mosaic; see :meth:`MixImageTransform.apply_mix`."""
        return self._compose(results, self._draw_center())

    def _compose(self, results: dict, center: tuple[int, int]) -> dict:
        canvas_w, canvas_h = 2 * self.img_scale[0], 2 * self.img_scale[1]
        img = results['img']
        canvas = np.full((canvas_h, canvas_w, *img.shape[2:]), self.pad_val, dtype=img.dtype)
        tiles = []
        for i, source in enumerate((results, *results['mix_results'])):
            tile = dict(source)
            size, (zoom_x, zoom_y) = _fit(tile['img'], self.img_scale)
            x, y = center[0] - size[0] * (i % 2 == 0), center[1] - size[1] * (i < 2)
            _paste(canvas, _resized(tile['img'], size), x, y)
            matrix = np.array([[zoom_x, 0, x], [0, zoom_y, y]])
            # only the canvas cuts a tile, so that one clip serves all
            warp_labels(tile, matrix, (canvas_w, canvas_h), clip=True)
            tiles.append(tile)
        shape = (canvas_h, canvas_w)
        results.update(img=canvas, img_shape=shape, ori_shape=shape)
        join_instances(results, tiles)
        for key in ('invalid_segs', 'warp_mat'):
            results.pop(key, None)
        return results


class _Overlay(NamedTuple):
    """How a picture is laid over another."""

    zoom: float
    """Factor on the size to which it is fitted."""
    is_flipped: bool
    offset: tuple[float, float]
    """Where it is cut, as shares of what sticks out in x and y, from 0 up to 1."""


@TRANSFORMS.register_module()
class YOLOXMixUp(MixImageTransform):
    """The mean of the picture and another one, which is resized, flipped and cut at random.

    From mixup (`Zhang et al., ICLR 2018 <https://arxiv.org/abs/1710.09412>`_), as in YOLOX
    (`Ge et al., 2021 <https://arxiv.org/abs/2107.08430>`_). Replaces ``img`` and joins the
    instances of both. Without an instance on the other picture nothing changes.

    Args:
        img_scale: (w, h) that the other picture is fitted into, before ``ratio_range``.
        ratio_range: Smallest and largest factor on its size.
        flip_ratio: Probability of flipping it horizontally.
        pad_val: Grey level where it does not reach, or one for each channel.
        bbox_clip_border: Whether to move boxes into the picture, and to mark the keypoints outside
            of it as not visible.
        pre_transform: See :class:`MixImageTransform`.
        prob: Probability of a mix.

    Raises:
        ValueError: An argument is none of what is described here; later, the pictures do not
            have the same keys. See :class:`MixImageTransform`, too.
    """

    num_aux_image = 1

    def __init__(
        self,
        img_scale: tuple[int, int] = (640, 640),
        ratio_range: tuple[float, float] = (0.5, 1.5),
        flip_ratio: float = 0.5,
        pad_val: float | tuple[float, ...] = 114.0,
        bbox_clip_border: bool = True,
        pre_transform: Sequence[dict | Callable] | None = None,
        prob: float = 1.0,
    ) -> None:
        super().__init__(pre_transform=pre_transform, prob=prob)
        check_range('ratio_range', ratio_range)
        check_probs(flip_ratio=flip_ratio)
        self.img_scale = size_pair('img_scale', img_scale)
        self.ratio_range = ratio_range
        self.flip_ratio = flip_ratio
        self.pad_val = pad_val
        self.bbox_clip_border = bbox_clip_border

    def _draw_overlay(self) -> _Overlay:
        zoom = np.random.uniform(*self.ratio_range)
        # published code flips with the probability 1 - flip_ratio, against its documentation
        return _Overlay(zoom, np.random.rand() < self.flip_ratio, tuple(np.random.rand(2)))

    def apply_mix(self, results: dict) -> dict:
        """The sample with the other picture mixed in; see :meth:`MixImageTransform.apply_mix`."""
        (other,) = results['mix_results']
        if count_instances(other) == 0:
            return results
        return self._blend(results, dict(other), self._draw_overlay())

    def _blend(self, results: dict, other: dict, overlay: _Overlay) -> dict:
        img = results['img']
        h, w = img.shape[:2]
        full_w, full_h = (max(1, int(size * overlay.zoom)) for size in self.img_scale)
        size, (zoom_x, zoom_y) = _fit(other['img'], (full_w, full_h))
        x, y = (
            -int(share * (max(full - visible, 0) + 1))
            for share, full, visible in zip(overlay.offset, (full_w, full_h), (w, h), strict=True)
        )
        resized = _resized(other['img'], size)
        matrix = np.array([[zoom_x, 0, x], [0, zoom_y, y]])
        if overlay.is_flipped:
            # mirrored together with the empty part right of it
            resized = flip_picture('horizontal', resized)
            matrix[0] = -zoom_x, 0, full_w - 1 + x
            x += full_w - size[0]
            _swap_sides(other)
        layer = np.full(img.shape, self.pad_val, dtype=img.dtype)
        _paste(layer, resized, x, y)
        # whole numbers are rounded down
        gamma = 0.0 if img.dtype.kind == 'f' else -0.25
        cv2.addWeighted(img, 0.5, layer, 0.5, gamma, dst=layer)

        if self.bbox_clip_border:
            warp_labels(results, np.eye(2, 3), (w, h), clip=True)
        warp_labels(other, matrix, (w, h), clip=self.bbox_clip_border)
        results.update(img=layer, img_shape=(h, w))
        join_instances(results, (results, other))
        return results


def _fit(img: np.ndarray, limit_wh: tuple[int, int]) -> tuple[tuple[int, int], tuple[float, float]]:
    """The largest size (w, h) of the picture's shape within a limit; the factors on x and y.

    These are of the whole pixels that the picture gets. Published code takes one factor, before
    rounding, for the labels, which then lie up to a pixel beside what they label.
    """
    h, w = img.shape[:2]
    limit_w, limit_h = limit_wh
    if limit_w * h <= limit_h * w:
        size = (limit_w, max(1, h * limit_w // w))
    else:
        size = (max(1, w * limit_h // h), limit_h)
    return size, (size[0] / w, size[1] / h)


def _resized(img: np.ndarray, size_wh: tuple[int, int]) -> np.ndarray:
    if img.shape[1::-1] == size_wh:
        return img
    return cv2.resize(img, size_wh, interpolation=cv2.INTER_LINEAR)


def _paste(canvas: np.ndarray, img: np.ndarray, x: int, y: int) -> None:
    """Writes the picture into the canvas, its top left corner at (x, y), as far as it reaches."""
    (H, W), (h, w) = canvas.shape[:2], img.shape[:2]
    left, top, right, bottom = max(x, 0), max(y, 0), min(x + w, W), min(y + h, H)
    if left < right and top < bottom:
        canvas[top:bottom, left:right] = img[top - y : bottom - y, left - x : right - x]


def _swap_sides(results: dict) -> None:
    """Puts each keypoint in the place of its mirror."""
    if results.get('keypoints') is None:
        return
    remedy = 'It lists the mirror keypoint of each keypoint, from the metainfo.'
    require_keys(results, 'YOLOXMixUp', ('flip_indices',), remedy)
    results['keypoints'], visible = swap_sides(
        results['keypoints'], results.get('keypoints_visible'), results['flip_indices']
    )
    if visible is not None:
        results['keypoints_visible'] = visible

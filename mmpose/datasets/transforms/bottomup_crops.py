"""Random parts and random sizes of whole pictures, as detectors are trained on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mmcv
import numpy as np
from mmcv.transforms import BaseTransform
from mmcv.transforms.utils import cache_randomness

from mmpose.codecs.utils.checks import check_choice, check_size
from mmpose.registry import TRANSFORMS

from .arguments import size_pair
from .instances import select_instances, upright_boxes
from .picture_warp import record_warp, warp_labels
from .sample import single_picture
from .visibility import labelled_keypoints


@TRANSFORMS.register_module()
class BottomupRandomCrop(BaseTransform):
    """Cuts a random part out of the picture and keeps the instances whose boxes reach into it.

    Replaces ``img``, ``img_shape``, ``bbox``, ``keypoints`` and ``keypoints_visible``, those that
    are there; adds the metainfo of :func:`~mmpose.datasets.transforms.picture_warp.record_warp`.

    Args:
        crop_size: What ``crop_type`` says, (w, h) or a range.
        crop_type: 'absolute': ``crop_size`` in pixels, or the picture's where that is smaller.
            'absolute_range': width and height drawn from the range ``crop_size``, pixels.
            'relative': ``crop_size`` in widths and heights of the picture. 'relative_range': the
            height between the first of ``crop_size``, in the same units, and the whole, the width
            between the second and the whole.
        allow_negative_crop: Whether a part without any instance may be returned, instead of
            ``None``, which tells the data set to take another picture.
        recompute_bbox: Whether an instance's box becomes that around its labelled keypoints in the
            part, where these have an extent.
        bbox_clip_border: Whether to move boxes into the part, and to mark the keypoints outside of
            it as not visible.

    Raises:
        ValueError: ``crop_type`` is unknown, or ``crop_size`` does not suit it.
        KeyError: A sample has no ``img``.
    """

    def __init__(
        self,
        crop_size: tuple[float, float],
        crop_type: str = 'absolute',
        allow_negative_crop: bool = False,
        recompute_bbox: bool = False,
        bbox_clip_border: bool = True,
    ) -> None:
        super().__init__()
        types = ('absolute', 'absolute_range', 'relative', 'relative_range')
        check_choice('crop_type', crop_type, types)
        check_size('crop_size', crop_size)
        if crop_type.startswith('relative') and max(crop_size) > 1:
            raise ValueError(
                f'crop_size is {crop_size!r}; expected shares of the picture, from 0 to 1, for '
                f"crop_type={crop_type!r}. For pixels, set crop_type='absolute'."
            )
        if crop_type.startswith('absolute') and any(size % 1 for size in crop_size):
            raise ValueError(
                f'crop_size is {crop_size!r}; expected whole pixels for crop_type={crop_type!r}. '
                "For shares of the picture, set crop_type='relative'."
            )
        if crop_type == 'absolute_range' and crop_size[0] > crop_size[1]:
            raise ValueError(
                f'crop_size is {crop_size!r}; expected the smallest and then the largest length '
                "for crop_type='absolute_range'. For (w, h), set crop_type='absolute'."
            )
        self.crop_size = crop_size
        self.crop_type = crop_type
        self.allow_negative_crop = allow_negative_crop
        self.recompute_bbox = recompute_bbox
        self.bbox_clip_border = bbox_clip_border

    @cache_randomness
    def _get_crop_size(self, picture_wh: tuple[int, int]) -> tuple[int, int]:
        """(w, h) of the part, pixels."""
        if self.crop_type == 'absolute':
            w, h = np.minimum(self.crop_size, picture_wh)
        elif self.crop_type == 'absolute_range':
            lowest, highest = (np.minimum(size, picture_wh) for size in self.crop_size)
            w, h = np.random.randint(lowest, highest + 1)
        else:
            share = np.array(self.crop_size)
            if self.crop_type == 'relative_range':
                # height and width, against the order of the other types, but as published
                share = (share + np.random.rand(2) * (1 - share))[::-1]
            w, h = np.maximum(share * picture_wh + 0.5, 1)
        return int(w), int(h)

    @cache_randomness
    def _get_offset(self, margin_wh: tuple[int, int]) -> tuple[int, int]:
        """(x, y) of the part's top left corner, pixels."""
        x, y = np.random.randint(0, np.array(margin_wh) + 1)
        return int(x), int(y)

    def transform(self, results: dict) -> dict | None:
        """The sample with a part of its picture, or ``None``; see ``allow_negative_crop``."""
        h, w = single_picture(results, 'BottomupRandomCrop').shape[:2]
        crop_w, crop_h = self._get_crop_size((w, h))
        x, y = self._get_offset((w - crop_w, h - crop_h))
        return self._crop(results, (x, y), (crop_w, crop_h))

    def _crop(self, results: dict, offset: tuple[int, int], size: tuple[int, int]) -> dict | None:
        (x, y), (w, h) = offset, size
        matrix = np.array([[1.0, 0, -x], [0, 1.0, -y]])
        record_warp(results, matrix, results['img'].shape[1::-1], size)
        results['img'] = np.ascontiguousarray(results['img'][y : y + h, x : x + w])
        results['img_shape'] = (h, w)
        warp_labels(results, matrix, size, clip=self.bbox_clip_border)
        if results.get('bbox') is None:
            return results

        boxes = upright_boxes(results['bbox'])
        keep = ((boxes[:, 2:] > 0) & (boxes[:, :2] < size)).all(axis=1)
        if not keep.any() and not self.allow_negative_crop:
            return None
        select_instances(results, keep)
        if self.recompute_bbox and results.get('keypoints') is not None:
            results['bbox'] = _boxes_of_keypoints(results, size)
        return results


def _boxes_of_keypoints(results: dict, size: tuple[int, int]) -> np.ndarray:
    """Boxes (N, 4) around the labelled keypoints within (w, h), the old ones without extent."""
    xy = results['keypoints'][..., :2]
    inside = labelled_keypoints(results) & ((xy >= 0) & (xy <= size)).all(axis=-1)
    lowest = np.where(inside[..., None], xy, np.inf).min(axis=1)
    highest = np.where(inside[..., None], xy, -np.inf).max(axis=1)
    has_extent = (highest > lowest).all(axis=1)[:, None]
    boxes = upright_boxes(results['bbox'])
    return np.where(has_extent, np.hstack((lowest, highest)), boxes).astype(boxes.dtype)


@TRANSFORMS.register_module()
class BottomupRandomChoiceResize(BaseTransform):
    """Resizes the picture to one of several sizes, drawn at random.

    Replaces ``img``, ``img_shape``, and ``bbox``, ``keypoints`` and ``area`` where they are there;
    adds ``scale``, the size drawn, ``scale_factor`` (x, y), ``keep_ratio`` and the metainfo of
    :func:`~mmpose.datasets.transforms.picture_warp.record_warp`.

    Args:
        scales: Sizes (w, h), or one. A number stands for both.
        keep_ratio: Whether to keep the aspect ratio: the picture becomes as large as a longer side
            of at most the larger, and a shorter side of at most the smaller number allow.
        clip_object_border: Whether to move boxes into the picture, and to mark the keypoints
            outside of it as not visible.
        backend: 'cv2' or 'pillow', which resizes.
        **resize_kwargs: ``interpolation``, as for :func:`mmcv.imresize`; 'bilinear' otherwise.

    Raises:
        ValueError: A size is not positive, there is none, or the backend is unknown.
        TypeError: Another keyword is given.
        KeyError: A sample has no ``img``.
    """

    def __init__(
        self,
        scales: Sequence[int | tuple[int, int]] | tuple[int, int],
        keep_ratio: bool = False,
        clip_object_border: bool = True,
        backend: str = 'cv2',
        **resize_kwargs: Any,
    ) -> None:
        super().__init__()
        check_choice('backend', backend, ('cv2', 'pillow'))
        if unknown := resize_kwargs.keys() - {'interpolation'}:
            raise TypeError(
                f'BottomupRandomChoiceResize got {sorted(unknown)}; the only further keyword is '
                "'interpolation'."
            )
        sizes = scales if isinstance(scales, list) or not np.isscalar(scales[0]) else [scales]
        if not sizes:
            raise ValueError('scales is empty; give at least one size (w, h).')
        self.scales = [size_pair('scales', size) for size in sizes]
        self.keep_ratio = keep_ratio
        self.clip_object_border = clip_object_border
        self.backend = backend
        self.resize_kwargs = resize_kwargs

    @cache_randomness
    def _choose_scale(self) -> tuple[int, int]:
        return self.scales[np.random.randint(len(self.scales))]

    def transform(self, results: dict) -> dict:
        """The sample with its picture resized."""
        self._resize(results, self._choose_scale())
        return results

    def _resize(self, results: dict, scale: tuple[int, int]) -> None:
        img = single_picture(results, 'BottomupRandomChoiceResize')
        old = img.shape[1::-1]
        resize = mmcv.imrescale if self.keep_ratio else mmcv.imresize
        img = resize(img, scale, backend=self.backend, **self.resize_kwargs)
        new = img.shape[1::-1]
        zoom_x, zoom_y = new[0] / old[0], new[1] / old[1]
        matrix = np.array([[zoom_x, 0, 0], [0, zoom_y, 0]])
        results.update(
            img=img,
            img_shape=img.shape[:2],
            scale=scale,
            scale_factor=(zoom_x, zoom_y),
            keep_ratio=self.keep_ratio,
        )
        record_warp(results, matrix, old, new)
        warp_labels(results, matrix, new, clip=self.clip_object_border)

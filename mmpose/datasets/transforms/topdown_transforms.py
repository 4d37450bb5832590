"""Cropping one instance out of its picture."""

from __future__ import annotations

import math
from functools import partial

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from mmpose.registry import TRANSFORMS
from mmpose.structures.bbox import get_udp_warp_matrix, get_warp_matrix

from .arguments import size_pair
from .bbox_transforms import require_box
from .sample import map_frames, require_keys


@TRANSFORMS.register_module()
class TopdownAffine(BaseTransform):
    """Crops the region of the instance's box, turned upright, to the size of the input.

    Needs ``img`` (or a list of frames), ``bbox_center`` (1, 2) and ``bbox_scale`` (1, 2);
    ``bbox_rotation`` (1,), degrees, and ``keypoints`` (..., K, D) if they are there. The box grows
    along one side to the aspect ratio of the input.

    Replaces ``img`` and ``bbox_scale``. Adds ``input_size`` (w, h); ``input_center`` and
    ``input_scale``, (2,) pixels of the picture; and ``transformed_keypoints``, pixels of the input.

    Args:
        input_size: (w, h) of the input, pixels, or one number for both.
        use_udp: Whether to measure lengths between the centres of pixels (UDP, `Huang et al.,
            CVPR 2020 <https://arxiv.org/abs/1911.07524>`_).

    Raises:
        ValueError: ``input_size`` is not a size in whole pixels; later, a sample has several
            instances or an empty box.
        KeyError: A sample has no ``img``, ``bbox_center`` or ``bbox_scale``.
    """

    def __init__(self, input_size: tuple[int, int] | int, use_udp: bool = False) -> None:
        super().__init__()
        self.input_size = size_pair('input_size', input_size)
        self.use_udp = use_udp

    def transform(self, results: dict) -> dict:
        """The sample with its crop."""
        require_keys(results, 'TopdownAffine', ('img',), 'Begin the pipeline with LoadImage.')
        require_box(results, 'TopdownAffine')
        centers = results['bbox_center']
        if len(centers) != 1:
            raise ValueError(
                f'TopdownAffine crops one instance, but the sample has {len(centers)}; set '
                "`data_mode='topdown'` in the data set."
            )
        center = centers[0]
        if not np.isfinite(center).all():
            raise ValueError(
                f"The box's centre is {tuple(center.tolist())}; check `bbox`, or remove the "
                'instance.'
            )
        scale = self._fit_aspect_ratio(results['bbox_scale'][0])
        rotation = results['bbox_rotation'][0] if 'bbox_rotation' in results else 0.0
        get_matrix = get_udp_warp_matrix if self.use_udp else get_warp_matrix
        matrix = get_matrix(center, scale, rotation, output_size=self.input_size)

        results['img'] = map_frames(partial(self._warp, matrix), results['img'])
        if results.get('keypoints') is not None:
            transformed = results['keypoints'].copy()
            transformed[..., :2] = transformed[..., :2] @ matrix[:, :2].T + matrix[:, 2]
            results['transformed_keypoints'] = transformed
        results['bbox_scale'] = scale[None]
        results['input_size'] = self.input_size
        results['input_center'] = center
        results['input_scale'] = scale
        return results

    def _fit_aspect_ratio(self, scale: np.ndarray) -> np.ndarray:
        """The smallest (w, h) with the input's aspect ratio that holds ``scale``."""
        scale_w, scale_h = scale.tolist()
        input_w, input_h = self.input_size
        ratio = max(scale_w / input_w, scale_h / input_h)
        if not 0 < ratio < math.inf:
            raise ValueError(
                f'The box is {scale_w} x {scale_h} pixels; a crop needs a box of some width or '
                'height. Check `bbox`, or remove the instance.'
            )
        return np.array([ratio * input_w, ratio * input_h], dtype=scale.dtype)

    def _warp(self, matrix: np.ndarray, img: np.ndarray) -> np.ndarray:
        return cv2.warpAffine(img, matrix, self.input_size, flags=cv2.INTER_LINEAR)

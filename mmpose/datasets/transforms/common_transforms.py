"""What all kinds of pipelines share; the public path of transforms that have files of their own.

Each random transform draws its parameters in one method and applies them in another. All take
their numbers from :mod:`numpy.random`, which MMEngine seeds in every worker.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from mmcv.transforms import BaseTransform
from mmcv.transforms.utils import cache_randomness

from mmpose.registry import TRANSFORMS
from mmpose.structures.bbox import flip_bbox
from mmpose.structures.keypoint import flip_keypoints

from .albumentation import Albumentation
from .bbox_transforms import GetBBoxCenterScale, RandomBBoxTransform, RandomHalfBody
from .filter_annotations import FilterAnnotations
from .photometric_transforms import PhotometricDistortion, YOLOXHSVRandomAug
from .sample import CV2_FLIP_CODES, flip_picture, map_frames, require_keys
from .target_transforms import GenerateTarget

__all__ = [
    'Albumentation',
    'FilterAnnotations',
    'GenerateTarget',
    'GetBBoxCenterScale',
    'PhotometricDistortion',
    'RandomBBoxTransform',
    'RandomFlip',
    'RandomHalfBody',
    'YOLOXHSVRandomAug',
]


@TRANSFORMS.register_module()
class RandomFlip(BaseTransform):
    """Flips picture, boxes and keypoints at random.

    Flips ``img`` (or a list of frames), ``img_mask``, ``bbox`` (N, 4) or corners (N, 4, 2),
    ``bbox_center``, ``keypoints`` (..., K, D) and ``keypoints_visible``, those that are there;
    keypoints need ``flip_indices``. Adds ``flip`` and ``flip_direction``, which is ``None``
    without a flip.

    Args:
        prob: Probability of a flip, or of each direction.
        direction: 'horizontal', 'vertical' or 'diagonal' (both), or a list. Several directions
            share a single ``prob`` evenly.

    Raises:
        ValueError: ``direction`` is unknown, or ``prob`` does not suit; later, a sample is already
            cropped.
        KeyError: A sample has no ``img``, or keypoints without ``flip_indices``.

    Example::

        >>> RandomFlip(prob=[0.3, 0.1], direction=['horizontal', 'vertical'])  # 60 % unchanged
    """

    def __init__(
        self, prob: float | list[float] = 0.5, direction: str | list[str] = 'horizontal'
    ) -> None:
        super().__init__()
        directions = [direction] if isinstance(direction, str) else list(direction)
        probs = (
            list(prob) if isinstance(prob, Sequence) else [prob / len(directions)] * len(directions)
        )
        if unknown := set(directions) - set(CV2_FLIP_CODES):
            raise ValueError(
                f'direction has {sorted(unknown)}; choose from {sorted(CV2_FLIP_CODES)}.'
            )
        if len(probs) != len(directions):
            raise ValueError(
                f'prob has {len(probs)} entries for {len(directions)} directions; give one number, '
                'or one for each direction.'
            )
        if min(probs) < 0 or sum(probs) > 1 + 1e-6:
            raise ValueError(f'prob is {prob}; expected numbers from 0 to 1 with a sum up to 1.')
        self.prob = prob
        self.direction = direction
        self._outcomes = [*directions, None]
        self._bounds = np.cumsum(probs)

    @cache_randomness
    def _choose_direction(self) -> str | None:
        return self._outcomes[np.searchsorted(self._bounds, np.random.rand(), side='right')]

    def transform(self, results: dict) -> dict:
        """The sample, perhaps flipped."""
        self._check_sample(results)
        direction = self._choose_direction()
        results['flip'] = direction is not None
        results['flip_direction'] = direction
        if direction is not None:
            self._flip(results, direction)
        return results

    @staticmethod
    def _check_sample(results: dict) -> None:
        require_keys(results, 'RandomFlip', ('img',), 'Begin the pipeline with LoadImage.')
        if results.get('keypoints') is not None:
            remedy = 'It lists the mirror keypoint of each keypoint, from the metainfo.'
            require_keys(results, 'RandomFlip', ('flip_indices',), remedy)
        if 'transformed_keypoints' in results:
            raise ValueError(
                'The sample is already cropped, and RandomFlip flips the whole picture; put it '
                'before TopdownAffine.'
            )

    @staticmethod
    def _flip(results: dict, direction: str) -> None:
        img = results['img']
        h, w = (img[0] if isinstance(img, list) else img).shape[:2]
        results['img'] = map_frames(partial(flip_picture, direction), img)
        if results.get('img_mask') is not None:
            results['img_mask'] = flip_picture(direction, results['img_mask'])
        if results.get('bbox') is not None:
            # corners move as points do, and stay in their order
            bbox_format = 'center' if results['bbox'].ndim == 3 else 'xyxy'
            results['bbox'] = flip_bbox(results['bbox'], (w, h), bbox_format, direction)
        if results.get('bbox_center') is not None:
            results['bbox_center'] = flip_bbox(results['bbox_center'], (w, h), 'center', direction)
        if results.get('keypoints') is not None:
            results['keypoints'], visible = flip_keypoints(
                results['keypoints'],
                results.get('keypoints_visible'),
                image_size=(w, h),
                flip_indices=results['flip_indices'],
                direction=direction,
            )
            if visible is not None:
                results['keypoints_visible'] = visible

"""The region of the picture that an instance's crop shows: its centre, size and rotation.

The random transforms draw in one method, from :mod:`numpy.random`, and apply in another.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from mmcv.transforms import BaseTransform
from mmcv.transforms.utils import cache_randomness

from mmpose.registry import TRANSFORMS
from mmpose.structures.bbox import bbox_xyxy2cs

from .arguments import check_probs, check_range
from .instances import upright_boxes
from .sample import require_keys
from .visibility import labelled_keypoints

# the share of the standard normal distribution below -1
_BELOW = math.erfc(math.sqrt(0.5)) / 2


@TRANSFORMS.register_module()
class GetBBoxCenterScale(BaseTransform):
    """Adds ``bbox_center`` (N, 2) and the padded ``bbox_scale`` (N, 2), pixels, from ``bbox``.

    Boxes are (N, 4), or the corners (N, 4, 2) of boxes that may be turned. A sample that brings
    centres and scales keeps its centres, and its scales are padded.

    Args:
        padding: Factor on the width and height of the box.

    Raises:
        ValueError: ``padding`` is not positive.
        KeyError: A sample has no ``bbox``.
    """

    def __init__(self, padding: float = 1.25) -> None:
        super().__init__()
        if not padding > 0:
            raise ValueError(f'padding is {padding!r}; expected a positive factor, such as 1.25.')
        self.padding = padding

    def transform(self, results: dict) -> dict:
        """The sample with centres and scales."""
        if 'bbox_center' in results and 'bbox_scale' in results:
            results['bbox_scale'] = results['bbox_scale'] * self.padding
        else:
            remedy = 'Give boxes (N, 4): left, top, right, bottom in pixels.'
            require_keys(results, 'GetBBoxCenterScale', ('bbox',), remedy)
            center, scale = bbox_xyxy2cs(upright_boxes(results['bbox']), self.padding)
            results['bbox_center'], results['bbox_scale'] = center, scale
        return results


@TRANSFORMS.register_module()
class RandomHalfBody(BaseTransform):
    """Narrows the boxes of some instances to their upper or lower body.

    Replaces ``bbox_center`` and ``bbox_scale``. Needs ``keypoints``, ``keypoints_visible``,
    ``upper_body_ids`` and ``lower_body_ids``. The new box has the extent of the half's labelled
    keypoints, times ``padding``, around their mean, as for HRNet (`Sun et al., CVPR 2019
    <https://arxiv.org/abs/1902.09212>`_).

    Args:
        min_total_keypoints: Labelled keypoints that an instance needs.
        min_upper_keypoints: Labelled keypoints that an upper body needs.
        min_lower_keypoints: Labelled keypoints that a lower body needs.
        padding: Factor on the extent of the keypoints.
        prob: Probability of choosing a half, for an instance that has one.
        upper_prioritized_prob: Probability of the upper body where both halves will do.

    Raises:
        ValueError: ``padding`` is not positive, or a probability is not one.
        KeyError: A sample lacks something.
    """

    def __init__(
        self,
        min_total_keypoints: int = 9,
        min_upper_keypoints: int = 2,
        min_lower_keypoints: int = 3,
        padding: float = 1.5,
        prob: float = 0.3,
        upper_prioritized_prob: float = 0.7,
    ) -> None:
        super().__init__()
        if not padding > 0:
            raise ValueError(f'padding is {padding!r}; expected a positive factor, such as 1.5.')
        check_probs(prob=prob, upper_prioritized_prob=upper_prioritized_prob)
        self.min_total_keypoints = min_total_keypoints
        self.min_upper_keypoints = min_upper_keypoints
        self.min_lower_keypoints = min_lower_keypoints
        self.padding = padding
        self.prob = prob
        self.upper_prioritized_prob = upper_prioritized_prob

    @cache_randomness
    def _choose_half_bodies(
        self, labelled: np.ndarray, upper_ids: Sequence[int], lower_ids: Sequence[int]
    ) -> dict[int, list[int]]:
        """The labelled keypoints of the chosen half, by the index of the instance.

        Args:
            labelled: (N, K) bool.
            upper_ids: Indices of the upper body's keypoints.
            lower_ids: Indices of the lower body's keypoints.
        """
        halves = {}
        for n, instance in enumerate(labelled):
            if instance.sum() >= self.min_total_keypoints and np.random.rand() < self.prob:
                halves[n] = self._choose_half(
                    [i for i in upper_ids if instance[i]], [i for i in lower_ids if instance[i]]
                )
        return {n: half for n, half in halves.items() if half}

    def _choose_half(self, upper: list[int], lower: list[int]) -> list[int]:
        """One of the halves, or an empty list where neither has enough keypoints."""
        prefer_upper = np.random.rand() < self.upper_prioritized_prob
        enough_upper = len(upper) >= self.min_upper_keypoints
        enough_lower = len(lower) >= self.min_lower_keypoints
        if enough_upper and (prefer_upper or not enough_lower):
            return upper
        return lower if enough_lower else []

    def transform(self, results: dict) -> dict:
        """The sample, perhaps with other boxes."""
        require_box(results, 'RandomHalfBody')
        remedy = 'Keypoints come with the labels, upper_body_ids and lower_body_ids with metainfo.'
        keys = ('keypoints', 'upper_body_ids', 'lower_body_ids')
        require_keys(results, 'RandomHalfBody', keys, remedy)
        halves = self._choose_half_bodies(
            labelled_keypoints(results), results['upper_body_ids'], results['lower_body_ids']
        )
        if halves:
            center, scale = results['bbox_center'].copy(), results['bbox_scale'].copy()
            for n, half in halves.items():
                points = results['keypoints'][n, half, :2]
                extent = np.ptp(points, axis=0)
                if extent.any():  # keypoints at a single place leave nothing to crop
                    center[n], scale[n] = points.mean(axis=0), extent * self.padding
            results['bbox_center'], results['bbox_scale'] = center, scale
        return results


@TRANSFORMS.register_module()
class RandomBBoxTransform(BaseTransform):
    """Shifts, resizes and turns the boxes at random.

    Replaces ``bbox_center`` and ``bbox_scale``, adds ``bbox_rotation`` (N,), degrees. The amounts
    follow a normal distribution cut off at one standard deviation.

    Args:
        shift_factor: Largest shift along x and along y, in widths and heights of the box.
        shift_prob: Probability of a shift.
        scale_factor: Smallest and largest factor on the size of the box.
        scale_prob: Probability of another size.
        rotate_factor: Largest rotation either way, degrees.
        rotate_prob: Probability of a rotation.

    Raises:
        ValueError: ``scale_factor`` is not a pair in order, or a probability is not one.
        KeyError: A sample has no ``bbox_center`` or ``bbox_scale``.
    """

    def __init__(
        self,
        shift_factor: float = 0.16,
        shift_prob: float = 0.3,
        scale_factor: tuple[float, float] = (0.5, 1.5),
        scale_prob: float = 1.0,
        rotate_factor: float = 80.0,
        rotate_prob: float = 0.6,
    ) -> None:
        super().__init__()
        check_range('scale_factor', scale_factor)
        check_probs(shift_prob=shift_prob, scale_prob=scale_prob, rotate_prob=rotate_prob)
        self.shift_factor = shift_factor
        self.shift_prob = shift_prob
        self.scale_factor = scale_factor
        self.scale_prob = scale_prob
        self.rotate_factor = rotate_factor
        self.rotate_prob = rotate_prob

    @cache_randomness
    def _get_transform_params(self, num_bboxes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Offsets (N, 2) in box sizes, factors (N, 1) and rotations (N,) in degrees."""
        amount = truncated_normal((num_bboxes, 4))
        probs = (self.shift_prob, self.scale_prob, self.rotate_prob)
        change = np.random.rand(num_bboxes, 3) < probs
        smallest, largest = self.scale_factor
        factor = (smallest + largest) / 2 + (largest - smallest) / 2 * amount[:, 2:3]
        offset = np.where(change[:, :1], self.shift_factor * amount[:, :2], 0)
        factor = np.where(change[:, 1:2], factor, 1)
        rotation = np.where(change[:, 2], self.rotate_factor * amount[:, 3], 0)
        return offset, factor, rotation

    def transform(self, results: dict) -> dict:
        """The sample with other boxes."""
        require_box(results, 'RandomBBoxTransform')
        center, scale = results['bbox_center'], results['bbox_scale']
        offset, factor, rotation = self._get_transform_params(len(scale))
        results['bbox_center'] = (center + offset * scale).astype(center.dtype)
        results['bbox_scale'] = (scale * factor).astype(scale.dtype)
        results['bbox_rotation'] = rotation.astype(scale.dtype)
        return results


def require_box(results: dict, transform: str) -> None:
    """Checks that a sample has ``bbox_center`` and ``bbox_scale``.

    Args:
        results: The sample.
        transform: Name of the transform that reads them.

    Raises:
        KeyError: One of the two is missing.
    """
    remedy = 'Put GetBBoxCenterScale before it.'
    require_keys(results, transform, ('bbox_center', 'bbox_scale'), remedy)


def truncated_normal(shape: int | tuple[int, ...]) -> np.ndarray:
    """Samples of the standard normal distribution given that they lie in [-1, 1]."""
    from scipy.special import ndtri

    return ndtri(np.random.uniform(_BELOW, 1 - _BELOW, shape))

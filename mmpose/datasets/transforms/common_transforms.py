"""Boxes, random changes and targets: what all kinds of pipelines share.

Each random transform draws its parameters in one method and applies them in another. All take
their numbers from :mod:`numpy.random`, which MMEngine seeds in every worker.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from mmcv.transforms import BaseTransform
from mmcv.transforms.utils import cache_randomness

from mmpose.registry import KEYPOINT_CODECS, TRANSFORMS
from mmpose.structures.bbox import bbox_xyxy2cs, flip_bbox
from mmpose.structures.keypoint import flip_keypoints

from .visibility import labelled_keypoints, split_visibility

_CV2_FLIP_CODES = dict(horizontal=1, vertical=0, diagonal=-1)


@TRANSFORMS.register_module()
class GetBBoxCenterScale(BaseTransform):
    """Adds ``bbox_center`` (N, 2) and the padded ``bbox_scale`` (N, 2), pixels, from ``bbox``.

    A sample that brings both keeps its centres, and its scales are padded.

    Args:
        padding: Factor on the width and height of the box.
    """

    def __init__(self, padding: float = 1.25) -> None:
        super().__init__()
        self.padding = padding

    def transform(self, results: dict) -> dict:
        """The sample with centres and scales."""
        if 'bbox_center' in results and 'bbox_scale' in results:
            results['bbox_scale'] = results['bbox_scale'] * self.padding
        else:
            center, scale = bbox_xyxy2cs(results['bbox'], self.padding)
            results['bbox_center'], results['bbox_scale'] = center, scale
        return results


@TRANSFORMS.register_module()
class RandomFlip(BaseTransform):
    """Flips picture, boxes and keypoints at random.

    Flips ``img`` (or a list of frames), ``bbox``, ``bbox_center``, ``keypoints`` and
    ``keypoints_visible``, those that are there; keypoints need ``flip_indices``. Adds ``flip`` and
    ``flip_direction``, which is ``None`` without a flip.

    Args:
        prob: Probability of a flip, or of each direction.
        direction: 'horizontal', 'vertical' or 'diagonal' (both), or a list. Several directions
            share a single ``prob`` evenly.

    Raises:
        ValueError: ``direction`` is unknown, or ``prob`` does not suit.

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
        if unknown := set(directions) - set(_CV2_FLIP_CODES):
            raise ValueError(
                f'direction has {sorted(unknown)}; choose from {sorted(_CV2_FLIP_CODES)}.'
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
        direction = self._choose_direction()
        results['flip'] = direction is not None
        results['flip_direction'] = direction
        if direction is not None:
            self._flip(results, direction)
        return results

    @staticmethod
    def _flip(results: dict, direction: str) -> None:
        img = results['img']
        frames = img if isinstance(img, list) else [img]
        h, w = frames[0].shape[:2]
        # several times faster than a copy of a reversed view
        flipped = [
            cv2.flip(frame, _CV2_FLIP_CODES[direction]).reshape(frame.shape) for frame in frames
        ]
        results['img'] = flipped if isinstance(img, list) else flipped[0]
        for key, bbox_format in (('bbox', 'xyxy'), ('bbox_center', 'center')):
            if results.get(key) is not None:
                results[key] = flip_bbox(results[key], (w, h), bbox_format, direction)
        if results.get('keypoints') is not None:
            results['keypoints'], results['keypoints_visible'] = flip_keypoints(
                results['keypoints'],
                results['keypoints_visible'],
                image_size=(w, h),
                flip_indices=results['flip_indices'],
                direction=direction,
            )


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
        ValueError: ``scale_factor`` is not a pair in order.
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
        if len(scale_factor) != 2 or not 0 < scale_factor[0] <= scale_factor[1]:
            raise ValueError(
                f'scale_factor is {scale_factor!r}; expected the smallest and the largest factor, '
                'both positive, such as (0.5, 1.5).'
            )
        self.shift_factor = shift_factor
        self.shift_prob = shift_prob
        self.scale_factor = scale_factor
        self.scale_prob = scale_prob
        self.rotate_factor = rotate_factor
        self.rotate_prob = rotate_prob

    @cache_randomness
    def _get_transform_params(self, num_bboxes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Offsets (N, 2) in box sizes, factors (N, 1) and rotations (N,) in degrees."""
        amount = _truncated_normal((num_bboxes, 4))
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
        center, scale = results['bbox_center'], results['bbox_scale']
        offset, factor, rotation = self._get_transform_params(len(scale))
        results['bbox_center'] = (center + offset * scale).astype(center.dtype)
        results['bbox_scale'] = (scale * factor).astype(scale.dtype)
        results['bbox_rotation'] = rotation.astype(scale.dtype)
        return results


def _truncated_normal(shape: tuple[int, ...]) -> np.ndarray:
    """Samples of the standard normal distribution given that they lie in [-1, 1]."""
    from scipy.special import ndtr, ndtri

    return ndtri(np.random.uniform(ndtr(-1), ndtr(1), shape))


@TRANSFORMS.register_module()
class GenerateTarget(BaseTransform):
    """Adds what the codec encodes: heatmaps, weights, or whatever its tables name.

    Encodes ``transformed_keypoints``, or else ``keypoints``; passes on the sample's values that
    the codec asks for in ``auxiliary_encode_keys``. The codec's mapping tables join those in the
    sample, for :class:`~mmpose.datasets.transforms.PackPoseInputs`. Keypoints at NaN are encoded
    as not visible.

    Args:
        encoder: Config of the codec, or of several.
        target_type: Deprecated; the codec knows its targets.
        multilevel: Whether several codecs make the same targets for different levels, which then
            become lists. Otherwise they make different targets, besides ``keypoint_weights``,
            which become a list.
        use_dataset_keypoint_weights: Whether to multiply ``keypoint_weights`` with
            ``dataset_keypoint_weights`` (K,).

    Raises:
        ValueError: ``multilevel`` without several codecs; later, targets that do not go together,
            or a sample without keypoints.
    """

    def __init__(
        self,
        encoder: dict | list[dict],
        target_type: str | None = None,
        multilevel: bool = False,
        use_dataset_keypoint_weights: bool = False,
    ) -> None:
        super().__init__()
        if target_type is not None:
            warnings.warn(
                '`target_type` is deprecated; the codec given as `encoder` names its targets, and '
                '`multilevel=True` stands for `multilevel_heatmap`.',
                DeprecationWarning,
                stacklevel=2,
            )
            multilevel = multilevel or target_type == 'multilevel_heatmap'
        several = not isinstance(encoder, dict)
        if multilevel and not several:
            raise ValueError('multilevel needs a list of codecs as `encoder`, one per level.')
        self.multilevel = multilevel
        self.use_dataset_keypoint_weights = use_dataset_keypoint_weights
        codecs = [KEYPOINT_CODECS.build(cfg) for cfg in (encoder if several else [encoder])]
        self.encoder = codecs if several else codecs[0]
        self._tables = {
            name: {k: v for codec in codecs for k, v in getattr(codec, name).items()}
            for name in ('field_mapping_table', 'instance_mapping_table', 'label_mapping_table')
        }

    def transform(self, results: dict) -> dict:
        """The sample with its targets."""
        split_visibility(results)
        keypoints, visible = _keypoints_to_encode(results)
        several = isinstance(self.encoder, list)
        encoded = [
            codec.encode(
                keypoints=keypoints,
                keypoints_visible=visible,
                **{key: results.get(key) for key in codec.auxiliary_encode_keys},
            )
            for codec in (self.encoder if several else [self.encoder])
        ]
        if self.multilevel:
            targets = _as_levels(encoded)
        elif several:
            targets = _combined(encoded)
        else:
            targets = encoded[0]
        if self.use_dataset_keypoint_weights and 'keypoint_weights' in targets:
            weights, factors = targets['keypoint_weights'], results['dataset_keypoint_weights']
            targets['keypoint_weights'] = (
                [w * factors for w in weights] if isinstance(weights, list) else weights * factors
            )
        results.update(targets)
        for name, table in self._tables.items():
            results[name] = {**results.get(name, {}), **table}
        return results


def _keypoints_to_encode(results: dict) -> tuple[np.ndarray, np.ndarray]:
    """Keypoints (N, K, D) without NaN, and their visibility (N, K), 0 where there was NaN."""
    keypoints = results.get('transformed_keypoints')
    if keypoints is None:
        keypoints = results.get('keypoints')
    if keypoints is None:
        raise ValueError(
            f'The sample has no keypoints to encode, only {sorted(results)}; pipelines for data '
            'without annotations do without GenerateTarget.'
        )
    visible = results['keypoints_visible']
    has_position = np.isfinite(keypoints).all(axis=-1)
    if not has_position.all():
        keypoints = np.where(has_position[..., None], keypoints, keypoints.dtype.type(0))
        visible = np.where(has_position, visible, visible.dtype.type(0))
    return keypoints, visible


def _as_levels(encoded: list[dict[str, Any]]) -> dict[str, list]:
    """Each target with the list of its levels."""
    for level in encoded[1:]:
        if level.keys() != encoded[0].keys():
            raise ValueError(
                f'The levels have different targets, {sorted(encoded[0])} and {sorted(level)}; '
                'use the same type of codec for all, or set `multilevel=False`.'
            )
    return {name: [level[name] for level in encoded] for name in encoded[0]}


def _combined(encoded: list[dict[str, Any]]) -> dict[str, Any]:
    """The targets of all codecs; ``keypoint_weights`` as a list, for they all have some."""
    targets = {}
    for single in encoded:
        for name, value in single.items():
            if name == 'keypoint_weights':
                targets.setdefault(name, []).append(value)
            elif name in targets:
                raise ValueError(
                    f'Two codecs make the target {name!r}; drop one of them, or set '
                    '`multilevel=True` if they stand for levels.'
                )
            else:
                targets[name] = value
    return targets

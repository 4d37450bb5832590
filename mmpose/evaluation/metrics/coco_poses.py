"""The detected poses of a COCO evaluation: gathered, scored and thinned out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from mmpose.utils.tensor_utils import to_numpy

from ..functional import grouped_oks_nms, soft_oks_nms, transform_pred
from .coco_ground_truth import id_array

SCORE_MODES = ('bbox', 'bbox_keypoint', 'bbox_rle', 'keypoint')
NMS_MODES = ('oks_nms', 'soft_oks_nms', 'none')
_MAX_SOFT = 20  # poses per image that the soft suppression leaves, as many as COCO counts


@dataclass
class SamplePrediction:
    """The N poses predicted for a data sample.

    Attributes:
        id: Id of the sample; a tuple of ids if it stands for several instances.
        img_id: Integer or text.
        category_id: Category of all N.
        keypoints: (N, K, 3) x, y in pixels of the image, and score.
        bbox_scores: (N,) scores of the boxes.
        areas: (N,) square pixels, the scale in which poses are compared with each other.
        img_path: Path of the image, '' if unknown.
    """

    id: Any
    img_id: Any
    category_id: int
    keypoints: np.ndarray
    bbox_scores: np.ndarray
    areas: np.ndarray
    img_path: str = ''


class Poses(NamedTuple):
    """D detected poses.

    Attributes:
        ids: (D,) ids of the data samples that they came from.
        image_ids: (D,) integers or text.
        category_ids: (D,) integers.
        keypoints: (D, K, 3) x, y in pixels of the image, and score.
        scores: (D,) that rank the poses.
        areas: (D,) square pixels, the scale in which poses are compared with each other.
    """

    ids: np.ndarray
    image_ids: np.ndarray
    category_ids: np.ndarray
    keypoints: np.ndarray
    scores: np.ndarray
    areas: np.ndarray

    def select(self, index: np.ndarray) -> Poses:
        """Some of the poses, by a mask or by indices."""
        return Poses(*(values[index] for values in self))

    def by_image(self) -> dict[Any, list[dict]]:
        """Of each image ``id``, ``img_id``, ``category_id``, ``score``, ``keypoints`` (K, 3)."""
        images = defaultdict(list)
        names = ('id', 'img_id', 'category_id', 'score')
        columns = (self.ids, self.image_ids, self.category_ids, self.scores)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        for row, keypoints in zip(rows, self.keypoints, strict=True):
            pose = dict(zip(names, row, strict=True), keypoints=keypoints)
            images[pose['img_id']].append(pose)
        return dict(images)


def prediction_of(sample: dict, converter: dict | None, boxes_scored: bool) -> SamplePrediction:
    """The predictions of a data sample.

    Args:
        sample: ``id``, ``img_id``, ``category_id`` and ``pred_instances``.
        converter: ``num_keypoints`` and ``mapping`` of :func:`transform_pred`; ``None`` keeps the
            keypoints.
        boxes_scored: Whether ``bbox_scores`` must be there; else absent ones are 1.

    Raises:
        ValueError: ``bbox_scores`` are absent, or the sample has several categories.
    """
    pred = sample['pred_instances']
    keypoints = to_numpy(pred['keypoints'])[..., :2]
    scores = to_numpy(pred['keypoint_scores'])
    if converter is not None:
        pred_info = dict(keypoints=keypoints, keypoint_scores=scores)
        pred_info = transform_pred(pred_info, converter['num_keypoints'], converter['mapping'])
        keypoints, scores = pred_info['keypoints'], pred_info['keypoint_scores']
    if 'bbox_scores' in pred:
        bbox_scores = to_numpy(pred['bbox_scores'])
    elif not boxes_scored:
        bbox_scores = np.ones(len(keypoints))
    else:
        raise ValueError(
            f'The predictions of image {sample["img_id"]} have no `bbox_scores`; '
            "only score_mode='keypoint' works without."
        )
    scales = sample.get('gt_instances', {}).get('bbox_scales', ())
    matched = len(scales) == len(keypoints) > 0
    return SamplePrediction(
        id=_hashable(sample['id']),
        img_id=sample['img_id'],
        category_id=_single_category(sample.get('category_id', 1), sample['img_id']),
        keypoints=np.concatenate([keypoints, scores[..., None]], axis=-1),
        bbox_scores=bbox_scores,
        areas=to_numpy(scales).prod(1) if matched else extent(keypoints),
        img_path=str(sample.get('img_path') or ''),
    )


def _hashable(sample_id: Any) -> Any:
    """The id of a sample; a sample of several instances has a tuple of their ids."""
    if isinstance(sample_id, np.ndarray):
        sample_id = sample_id.tolist()
    return tuple(sample_id) if isinstance(sample_id, list) else sample_id


def _single_category(category_id: Any, image_id: Any) -> int:
    """The category of all poses of a sample; 1 if the sample names none."""
    categories = set(np.atleast_1d(category_id).tolist()) or {1}
    if len(categories) > 1:
        raise ValueError(
            f'The sample of image {image_id} has the categories {sorted(categories)}, and its '
            'predictions do not say which they belong to; evaluate one category at a time.'
        )
    return categories.pop()


def gather_poses(predictions: list[SamplePrediction], num_keypoints: int) -> Poses:
    """All predicted poses, scored by their boxes, in the order of image and sample.

    Their order does not depend on that of the predictions, of which one per sample counts:
    distributed runs fill up their last batch with repetitions.

    Args:
        predictions: Those of each sample.
        num_keypoints: The K that the evaluation needs.

    Raises:
        TypeError: The image ids are neither all integers nor all text.
        ValueError: Another number of keypoints, or values that are not finite.
    """
    id_array([sample.img_id for sample in predictions], 'The predictions')
    unique: dict[tuple, SamplePrediction] = {}
    for sample in predictions:
        unique.setdefault((sample.img_id, sample.id), sample)
    samples = [unique[key] for key in sorted(unique) if len(unique[key].keypoints)]
    if not samples:
        ids, values = np.empty(0, int), np.empty(0)
        return Poses(ids, ids, ids, np.empty((0, num_keypoints, 3)), values, values)
    for sample in samples:
        if sample.keypoints.shape[1] != num_keypoints:
            raise ValueError(
                f'The prediction of image {sample.img_id} has {sample.keypoints.shape[1]} '
                f'keypoints, the data set has sigmas of {num_keypoints}; evaluate on the keypoints '
                'that the model was trained for, or map them by `pred_converter`.'
            )

    counts = [len(sample.keypoints) for sample in samples]
    ids = np.empty(len(samples), object)
    ids[:] = [sample.id for sample in samples]
    poses = Poses(
        ids=np.repeat(ids, counts),
        image_ids=np.repeat([sample.img_id for sample in samples], counts),
        category_ids=np.repeat([sample.category_id for sample in samples], counts),
        keypoints=_join([sample.keypoints for sample in samples]),
        scores=_join([sample.bbox_scores for sample in samples]),
        areas=_join([sample.areas for sample in samples]),
    )
    _check_finite(poses)
    return poses


def _join(arrays: list[np.ndarray]) -> np.ndarray:
    return np.concatenate(arrays, dtype=np.float64)


def _check_finite(poses: Poses) -> None:
    for name in ('keypoints', 'scores'):
        values = getattr(poses, name)
        broken = ~np.isfinite(values.reshape(len(values), -1)).all(1)
        if broken.any():
            images = np.unique(poses.image_ids[broken]).tolist()
            more = ' and more' if len(images) > 10 else ''
            raise ValueError(
                f'{broken.sum()} of {len(broken)} predictions have NaN or infinite {name}, in the '
                f'images {images[:10]}{more}; the model has probably diverged.'
            )


def pose_scores(
    mode: str, bbox_scores: np.ndarray, keypoint_scores: np.ndarray, keypoint_score_thr: float
) -> np.ndarray:
    """Scores (D,) that rank poses.

    Args:
        mode: One of ``SCORE_MODES``, as described at :class:`CocoMetric`.
        bbox_scores: (D,) scores of the boxes.
        keypoint_scores: (D, K) scores of the keypoints.
        keypoint_score_thr: Keypoint score above which 'bbox_keypoint' takes it into its mean.
    """
    if mode == 'bbox':
        return bbox_scores
    if mode == 'keypoint':
        return keypoint_scores.mean(1)
    if mode == 'bbox_rle':
        return bbox_scores + keypoint_scores.mean(1) + keypoint_scores.max(1)
    sure = keypoint_scores > keypoint_score_thr
    return bbox_scores * (keypoint_scores * sure).sum(1) / sure.sum(1).clip(min=1)


def suppress(poses: Poses, mode: str, thr: float, sigmas: np.ndarray) -> Poses:
    """What is left where poses of one image resemble each other.

    Args:
        poses: All poses.
        mode: One of ``NMS_MODES``.
        thr: Similarity above which a pose goes; the width of the Gaussian of 'soft_oks_nms'.
        sigmas: (K,) spread of each keypoint; those of 0 are left out of the comparison.
    """
    if mode == 'none':
        return poses
    keypoints, sigmas = poses.keypoints[:, sigmas > 0], sigmas[sigmas > 0]
    _, images = np.unique(poses.image_ids, return_inverse=True)
    if mode == 'oks_nms':
        return poses.select(
            grouped_oks_nms(keypoints, poses.scores, poses.areas, images, thr, sigmas)
        )
    keep = np.ones(len(images), bool)
    for image in np.flatnonzero(np.bincount(images) > _MAX_SOFT):
        members = np.flatnonzero(images == image)
        entries = [
            dict(keypoints=keypoints[i], score=poses.scores[i], area=poses.areas[i])
            for i in members
        ]
        chosen = soft_oks_nms(entries, thr, max_dets=_MAX_SOFT, sigmas=sigmas)
        keep[np.delete(members, chosen)] = False
    return poses.select(keep)


def extent(keypoints: np.ndarray) -> np.ndarray:
    """Area (N,) of the boxes around keypoints (N, K, 2 or more)."""
    x, y = keypoints[..., 0], keypoints[..., 1]
    return np.ptp(x, axis=1) * np.ptp(y, axis=1)

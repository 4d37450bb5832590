"""Pose records of metrics that compare each predicted pose with a label of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mmpose.structures.bbox.transforms import BODY_SHARE_OF_BOX, bbox_xyxy2xywh
from mmpose.utils.tensor_utils import to_numpy

from ..functional import KeypointDetections, KeypointGroundTruth
from .names import keypoint_fields
from .records import PoseRecords


def extras_of(sample: Mapping[str, Any], mask: np.ndarray) -> dict[str, np.ndarray]:
    """What the records need of a data sample besides points, an array (N, ...) for each name.

    Args:
        sample: With ``pred_instances`` and ``gt_instances``. Boxes are ``bboxes`` of the labels,
            else those around their keypoints; the area is that of the annotation, else 0.53 times
            that of the box.
        mask: (N, K) which keypoints are labelled.
    """
    pred, gt = sample['pred_instances'], sample['gt_instances']
    N = len(mask)
    boxes = to_numpy(gt['bboxes']) if 'bboxes' in gt else _boxes_around(to_numpy(gt['keypoints']))
    boxes = bbox_xyxy2xywh(boxes.astype(np.float64))
    areas = boxes[:, 2:].prod(1) * BODY_SHARE_OF_BOX
    annotation = sample.get('raw_ann_info')
    if N == 1 and isinstance(annotation, Mapping) and annotation.get('area'):
        areas = np.array([annotation['area']], np.float64)
    scores = to_numpy(pred.get('keypoint_scores', np.ones(mask.shape)))
    path = str(sample.get('img_path') or '')
    return dict(
        boxes=boxes,
        areas=areas,
        keypoint_scores=scores,
        scores=to_numpy(pred.get('bbox_scores', scores.mean(1))),
        images=np.full(N, path or f'image {sample.get("img_id")}', dtype=object),
        paths=np.full(N, path, dtype=object),
    )


def records_of_pairs(
    pred: np.ndarray,
    gt: np.ndarray,
    mask: np.ndarray,
    extras: Mapping[str, np.ndarray],
    meta: Mapping[str, Any],
) -> PoseRecords:
    """What an analysis needs of poses that belong together.

    Args:
        pred: (N, K, 2) predicted points, pixels.
        gt: (N, K, 2) labelled points, pixels.
        mask: (N, K) boolean, which are labelled.
        extras: Those of :func:`extras_of` for all samples.
        meta: The data set's metainfo, parsed.
    """
    N, K = mask.shape
    pred = np.where(np.isfinite(pred) | mask[..., None], pred, 0)  # where it is not measured
    images, index, number = np.unique(
        extras['images'].astype(str), return_index=True, return_inverse=True
    )
    paths = extras['paths'][index].tolist()
    return PoseRecords(
        **keypoint_fields(meta, K),
        image_ids=images,
        image_paths=paths,
        crowd_index=np.full(len(images), np.nan),
        gts=KeypointGroundTruth(
            image_ids=images[number],
            category_ids=np.ones(N, int),
            keypoints=np.concatenate([np.where(mask[..., None], gt, 0), mask[..., None]], axis=-1),
            bboxes=extras['boxes'],
            areas=extras['areas'],
            ignore=~mask.any(1),
            crowd=np.zeros(N, bool),
        ),
        dts=KeypointDetections(
            image_ids=images[number],
            category_ids=np.ones(N, int),
            keypoints=pred,
            scores=extras['scores'],
            areas=np.ptp(pred, axis=1).prod(1),
        ),
        keypoint_scores=extras['keypoint_scores'],
        pairs=np.arange(N),
    )


def _boxes_around(points: np.ndarray) -> np.ndarray:
    """(N, 4) left, top, right, bottom of points (N, K, 2)."""
    return np.concatenate([points.min(1), points.max(1)], axis=1)

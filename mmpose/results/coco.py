"""Results in COCO's format."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from mmpose.structures import bbox_xyxy2xywh

from .numbers import shortest
from .parts import whole_body_fields

if TYPE_CHECKING:
    from .pose_result import PoseResult

_SURE = 0.2  # keypoint score from which on a keypoint counts in the score of its pose


def coco_results(
    result: PoseResult, image_id: int | str | None, category_id: int, boxes: bool
) -> list[dict[str, Any]]:
    """See :meth:`PoseResult.to_coco`."""
    image_id = default_image_id(result, 0) if image_id is None else image_id
    there = np.isfinite(result.keypoints).all(axis=2) & np.isfinite(result.keypoint_scores)
    triples = np.dstack([result.keypoints[..., :2], result.keypoint_scores])
    triples = shortest(np.where(there[..., None], triples, 0))
    fields = whole_body_fields(result.metainfo) or dict(keypoints=slice(None))
    columns = {
        field: [row.ravel().tolist() for row in triples[:, part]] for field, part in fields.items()
    }
    columns['score'] = shortest(_pose_scores(result, there)).tolist()
    if boxes and result.bboxes is not None:
        columns['bbox'] = shortest(bbox_xyxy2xywh(result.bboxes)).tolist()
    shared = dict(image_id=image_id, category_id=category_id)
    rows = zip(*columns.values(), strict=True)
    return [{**shared, **dict(zip(columns, row, strict=True))} for row in rows]


def default_image_id(result: PoseResult, position: int) -> int:
    """The frame, or else the number that its source is called by, or else its position."""
    if result.frame_index is not None:
        return result.frame_index
    stem = PurePath(result.source or '').stem
    return int(stem) if stem.isdecimal() else position


def _pose_scores(result: PoseResult, there: np.ndarray) -> np.ndarray:
    sure = there & (result.keypoint_scores > _SURE)
    sums = np.where(sure, result.keypoint_scores, 0).sum(axis=1)
    scores = sums / sure.sum(axis=1).clip(min=1)
    return scores if result.bbox_scores is None else scores * result.bbox_scores

"""Results for the package ``supervision``."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np

from .optional import require

if TYPE_CHECKING:
    import supervision

    from .pose_result import PoseResult


def supervision_key_points(result: PoseResult) -> supervision.KeyPoints:
    """See :meth:`PoseResult.to_supervision`."""
    kind = require('supervision', 'to_supervision()').KeyPoints
    xy = result.keypoints[..., :2]
    there = np.isfinite(xy).all(axis=2)
    conf = np.where(there, result.keypoint_conf, np.float32(0))
    data = dict(track_id=result.track_ids, xyxy=result.bboxes)
    known = {field.name for field in fields(kind)}
    # older versions call it so, and have no confidence of detections
    confidence = 'keypoint_confidence' if 'keypoint_confidence' in known else 'confidence'
    options = {confidence: conf}
    if 'detection_confidence' in known:
        options['detection_confidence'] = result.bbox_scores
    return kind(
        xy=np.where(there[..., None], xy, np.float32(0)),
        class_id=np.zeros(len(result), int),
        data={key: values for key, values in data.items() if values is not None},
        **options,
    )

"""Pose records of an evaluation in COCO style."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..functional import KeypointDetections
from .names import keypoint_fields
from .records import PoseRecords

if TYPE_CHECKING:  # the metrics import this module
    from ..metrics.coco_ground_truth import CocoGroundTruth
    from ..metrics.coco_poses import Poses


def records_of_coco(
    poses: Poses,
    truth: CocoGroundTruth,
    meta: Mapping[str, Any],
    image_paths: Mapping[Any, str],
    areas: np.ndarray | None = None,
) -> PoseRecords:
    """What an analysis needs of detected poses and annotations in COCO style.

    As in the evaluation, poses of images without annotation are left out, and so are those whose
    keypoints all score 0.

    Args:
        poses: D detected poses, scored and thinned out.
        truth: The annotations.
        meta: The data set's metainfo, parsed; see :func:`keypoint_fields`.
        image_paths: Path of each image by its id, as far as known.
        areas: (D,) sizes of the poses in square pixels; ``None`` means that of the box around
            their keypoints.
    """
    count = np.isin(poses.image_ids, truth.image_ids) & (poses.keypoints[..., 2] > 0).any(1)
    if areas is None:
        areas = np.ptp(poses.keypoints[..., :2], axis=1).prod(1)
    poses, areas = poses.select(count), areas[count]
    crowd_index = truth.crowd_index
    return PoseRecords(
        **keypoint_fields(meta, poses.keypoints.shape[1]),
        image_ids=truth.image_ids,
        image_paths=[image_paths.get(image_id, '') for image_id in truth.image_ids.tolist()],
        crowd_index=np.full(len(truth.image_ids), np.nan) if crowd_index is None else crowd_index,
        gts=truth.instances,
        dts=KeypointDetections(
            image_ids=poses.image_ids,
            category_ids=poses.category_ids,
            keypoints=poses.keypoints[..., :2],
            scores=poses.scores,
            areas=areas,
        ),
        keypoint_scores=poses.keypoints[..., 2],
    )

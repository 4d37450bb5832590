"""Matching of instances between two frames."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmpose.structures import PoseDataSample

Match = tuple[int, list[PoseDataSample], PoseDataSample | dict]


def _compute_iou(bboxA: Sequence[float], bboxB: Sequence[float]) -> float:
    """Intersection over union of two xyxy boxes, 0 to 1; further columns are passed over."""
    a, b = np.asarray(bboxA, dtype=float)[:4], np.asarray(bboxB, dtype=float)[:4]
    sides = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    shared = float(sides.clip(min=0).prod())
    union = float((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod()) - shared
    return shared / union if union > 0 else 0.0


def _track_by_iou(res: PoseDataSample, results_last: list[PoseDataSample], thr: float) -> Match:
    """The track of an instance, found by its box.

    Args:
        res: A sample of one instance.
        results_last: Samples of the last frame, each with ``track_id``; the match is removed.
        thr: The intersection over union that a match exceeds.

    Returns:
        The track's id (-1 for no match), what is left of ``results_last``, and the match ({} for
        none).
    """
    box = res.pred_instances.bboxes[0]
    overlaps = [_compute_iou(box, last.pred_instances.bboxes[0]) for last in results_last]
    return _take_best(overlaps, results_last, thr)


def _track_by_oks(
    res: PoseDataSample,
    results_last: list[PoseDataSample],
    thr: float,
    sigmas: np.ndarray | None = None,
) -> Match:
    """The track of an instance, found by its keypoints.

    Arguments and results are those of :func:`_track_by_iou`, with the object keypoint similarity
    in place of the overlap.

    Args:
        res: A sample of one instance.
        results_last: Samples of the last frame, each with ``track_id``; the match is removed.
        thr: The similarity that a match exceeds.
        sigmas: (K,) spread of each keypoint; ``None`` is COCO's.
    """
    from mmpose.evaluation.functional.nms import oks_iou

    pose, area = _pose_and_area(res)
    others = [_pose_and_area(last) for last in results_last]
    if not others:
        return _take_best([], results_last, thr)
    poses, areas = (np.array(column) for column in zip(*others, strict=True))
    return _take_best(oks_iou(pose, poses, area, areas, sigmas), results_last, thr)


def _pose_and_area(sample: PoseDataSample) -> tuple[np.ndarray, float]:
    """(K * 3,) x, y and score of each keypoint, and the area of the instance."""
    instances = sample.pred_instances
    pose = np.concatenate([instances.keypoints[0], instances.keypoint_scores[0][:, None]], axis=1)
    if 'areas' in instances:
        return pose.ravel(), float(np.ravel(instances.areas)[0])
    box = np.asarray(instances.bboxes[0])
    return pose.ravel(), float((box[2:4] - box[:2]).prod())


def _take_best(scores: Sequence[float], results_last: list[PoseDataSample], thr: float) -> Match:
    if not len(scores) or max(scores) <= thr:
        return -1, results_last, {}
    match = results_last.pop(int(np.argmax(scores)))
    return match.track_id, results_last, match

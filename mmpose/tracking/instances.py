"""The instances of one frame, checked and brought into an order of their own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

STIFFNESS = 0.25  # of a box, in its own sides, against noise of the keypoints
MAX_STRETCH = 1.5  # of a side between two frames


@dataclass
class Instances:
    """N instances of one frame.

    Attributes:
        boxes: (N, 4) left, top, right, bottom in pixels.
        scores: (N,) how certain the detector is.
        points: (N, K, 2) pixels, NaN where a keypoint is missing or not certain enough.
    """

    boxes: np.ndarray
    scores: np.ndarray
    points: np.ndarray

    def __len__(self) -> int:
        return len(self.boxes)

    @property
    def areas(self) -> np.ndarray:
        """(N,) of the boxes, square pixels."""
        return (self.boxes[:, 2:] - self.boxes[:, :2]).prod(-1)

    def take(self, rows: np.ndarray) -> Instances:
        """Those of the given indices, or of a boolean mask."""
        return Instances(self.boxes[rows], self.scores[rows], self.points[rows])


def read_instances(
    boxes: np.ndarray,
    scores: np.ndarray | None,
    keypoints: np.ndarray | None,
    keypoint_scores: np.ndarray | None,
    keypoint_thr: float,
) -> Instances:
    """Instances (N) of arrays whose shapes go together.

    Args:
        boxes: (N, 4) left, top, right, bottom in pixels.
        scores: (N,); ``None`` means 1.
        keypoints: (N, K, 2) or more columns, x and y first; ``None`` means that there are none.
        keypoint_scores: (N, K); ``None`` means 1.
        keypoint_thr: Score from which a keypoint counts.

    Raises:
        ValueError: Shapes do not go together.
    """
    boxes = np.array(boxes, np.float64)
    if boxes.size == 0:
        boxes = boxes.reshape(0, 4)
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError(
            f'boxes have the shape {boxes.shape}, but must be (N, 4): left, top, right, bottom; '
            'pass scores apart from them.'
        )
    N = len(boxes)
    scores = np.ones(N) if scores is None else np.array(scores, np.float64)
    if scores.shape != (N,):
        raise ValueError(f'scores have the shape {scores.shape} for {N} boxes; expected ({N},).')
    return Instances(boxes, scores, _read_points(N, keypoints, keypoint_scores, keypoint_thr))


def _read_points(
    N: int,
    keypoints: np.ndarray | None,
    keypoint_scores: np.ndarray | None,
    keypoint_thr: float,
) -> np.ndarray:
    """Keypoints (N, K, 2) with NaN where one does not count; K is 0 if there are none at all."""
    if keypoints is None or (N == 0 and np.ndim(keypoints) != 3):
        return np.empty((N, 0, 2))
    points = np.array(np.asarray(keypoints)[..., :2], np.float64)
    if points.ndim != 3 or points.shape[0] != N or points.shape[2] != 2:
        raise ValueError(
            f'keypoints have the shape {np.shape(keypoints)} for {N} boxes; expected ({N}, K, 2), '
            'one pose for each box.'
        )
    missing = ~np.isfinite(points).all(-1)
    if keypoint_scores is not None:
        if np.shape(keypoint_scores) != points.shape[:2]:
            raise ValueError(
                f'keypoint_scores have the shape {np.shape(keypoint_scores)} for keypoints of '
                f'{np.shape(keypoints)}; expected {points.shape[:2]}.'
            )
        missing |= ~(np.asarray(keypoint_scores) >= keypoint_thr)
    points[missing] = np.nan
    return points


def usable_in_order(instances: Instances) -> np.ndarray:
    """Indices (M,) of the instances that can be tracked, by falling score and then by place.

    The others have a score or a box that is not finite, or a box without area. The order does not
    depend on that of the instances, unless two of them have the same score and the same box.
    """
    boxes, scores = instances.boxes, instances.scores
    usable = (boxes[:, 2:] > boxes[:, :2]).all(-1) & np.isfinite(scores)
    usable &= np.isfinite(boxes).all(-1)
    order = np.lexsort((*boxes.T, -scores))
    return order[usable[order]]


def follow_points(boxes: np.ndarray, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Boxes (N, 4) moved and stretched as the poses in them were.

    What maps the extent of the keypoints before to their extent after, in x and in y, maps the
    boxes: margins around a pose are kept.

    Args:
        boxes: (N, 4) left, top, right, bottom in pixels, with an area.
        before: (N, K, 2) pixels, NaN where a keypoint is missing.
        after: (N, K, 2), likewise. Keypoints count that are there before and after, of which each
            pose has at least one.
    """
    missing = np.isnan(before + after)
    extents = []
    for points in (before, after):
        low = np.where(missing, np.inf, points).min(1)
        high = np.where(missing, -np.inf, points).max(1)
        extents.append(((low + high) / 2, high - low))
    (centre, size), (new_centre, new_size) = extents
    # part of the box itself, so that a pose of hardly any extent does not stretch it at random
    least = STIFFNESS * (boxes[:, 2:] - boxes[:, :2])
    stretch = np.clip((new_size + least) / (size + least), 1 / MAX_STRETCH, MAX_STRETCH)
    corners = boxes.reshape(-1, 2, 2)
    return (new_centre[:, None] + (corners - centre[:, None]) * stretch[:, None]).reshape(-1, 4)

"""Average precision of the joints of poses in videos, by the protocol of PoseTrack.

Andriluka et al., 2018, `PoseTrack: A Benchmark for Human Pose Estimation and Tracking
<https://arxiv.org/abs/1710.10000>`_. Two joints match when their distance is at most half the size
of the true head.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise
from operator import add

import numpy as np

from .mot_eval import MotCounts, MotFrame, clear_mot
from .oks import position_in_run

JOINT_GROUPS = {
    'Head': ('nose', 'head_bottom', 'head_top'),
    'Shou': ('right_shoulder', 'left_shoulder'),
    'Elb': ('right_elbow', 'left_elbow'),
    'Wri': ('right_wrist', 'left_wrist'),
    'Hip': ('right_hip', 'left_hip'),
    'Knee': ('right_knee', 'left_knee'),
    'Ankl': ('right_ankle', 'left_ankle'),
}
JOINTS = tuple(name for names in JOINT_GROUPS.values() for name in names)
MAX_DISTANCE = 0.5  # head sizes, at which joints still match

_CHUNK = 4096  # pairs whose distances are computed together: their arrays stay in the cache


@dataclass
class FramePoses:
    """N poses in numbered frames.

    Attributes:
        frames: (N,) number of each pose's frame, rising.
        joints: (N, J, 3) x, y in pixels, and a score or flag: above 0 where the joint exists.
        track_ids: (N,) integers; ``None`` if the poses are not tracked.
    """

    frames: np.ndarray
    joints: np.ndarray
    track_ids: np.ndarray | None = None

    @property
    def exists(self) -> np.ndarray:
        """(N, J) boolean."""
        return self.joints[..., 2] > 0


@dataclass
class PosePairs:
    """Every detected pose with every true pose of its frame: P pairs.

    Attributes:
        dt: (P,) index of the detected pose, rising.
        gt: (P,) index of the true pose, rising for each detected one.
        distances: (P, J) between joints, in sizes of the true head; infinite where they do not
            match, for they are too far apart or one of them does not exist.
    """

    dt: np.ndarray
    gt: np.ndarray
    distances: np.ndarray


@dataclass
class JointPrecision:
    """Numbers of J joints in percent, NaN where there is no true joint.

    Attributes:
        ap: (J,) average precision.
        precision: (J,) share of the detected joints that are right; 0 if there are none.
        recall: (J,) share of the true joints that are found.
    """

    ap: np.ndarray
    precision: np.ndarray
    recall: np.ndarray


def pair_poses(
    dts: FramePoses,
    gts: FramePoses,
    head_sizes: np.ndarray,
    max_distance: float = MAX_DISTANCE,
) -> PosePairs:
    """All pairs of a detected and a true pose in one frame, with the distances of their joints.

    Args:
        dts: Detected poses.
        gts: G true poses.
        head_sizes: (G,) pixels; where it is 0 no joint matches.
        max_distance: Head sizes up to which joints match.
    """
    first = np.searchsorted(gts.frames, dts.frames)
    partners = np.searchsorted(gts.frames, dts.frames, side='right') - first
    dt = np.repeat(np.arange(len(dts.frames)), partners)
    gt = np.repeat(first, partners) + position_in_run(dt)

    units = np.where(head_sizes > 0, head_sizes, np.nan)
    distances = np.full((len(dt), dts.joints.shape[1]), np.inf)
    for start in range(0, len(dt), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        d, g = dts.joints[dt[chunk]], gts.joints[gt[chunk]]
        distance = np.hypot(d[..., 0] - g[..., 0], d[..., 1] - g[..., 1])
        distance /= units[gt[chunk], None]
        match = (distance <= max_distance) & (d[..., 2] > 0) & (g[..., 2] > 0)
        distances[chunk][match] = distance[match]
    return PosePairs(dt, gt, distances)


def joint_precision(dts: FramePoses, gts: FramePoses, pairs: PosePairs) -> JointPrecision:
    """Average precision of each joint, and precision and recall over all detections.

    Args:
        dts: Detected poses; the score of a joint ranks it.
        gts: True poses.
        pairs: What :func:`pair_poses` returns for the two.
    """
    right, exists = _right_joints(dts, gts, pairs), dts.exists
    numbers = [
        _average_precision(dts.joints[exists[:, j], j, 2], right[exists[:, j], j], num_true)
        for j, num_true in enumerate(gts.exists.sum(0))
    ]
    return JointPrecision(*(100 * np.array(numbers, float).reshape(-1, 3).T))


def _right_joints(dts: FramePoses, gts: FramePoses, pairs: PosePairs) -> np.ndarray:
    """Which detected joints (D, J) match that of the true pose which theirs is assigned to.

    A detected pose is for the true pose with the largest share of matching joints; of the detected
    poses that are for it, a true pose takes the one with the largest share.
    """
    match = np.isfinite(pairs.distances)
    share = match.sum(1) / gts.exists.sum(1).clip(min=1)[pairs.gt]
    chosen = np.flatnonzero(share > 0)
    for side in (pairs.dt, pairs.gt):
        chosen = chosen[_best_of_each(side[chosen], share[chosen])]
    right = np.zeros(dts.joints.shape[:2], bool)
    right[pairs.dt[chosen]] = match[chosen]
    return right


def _best_of_each(groups: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The index of each group's largest value, the first of equal ones."""
    order = np.lexsort((-values, groups))
    return order[position_in_run(groups[order]) == 0]


def _average_precision(
    scores: np.ndarray, right: np.ndarray, num_true: int
) -> tuple[float, float, float]:
    """Area under the falling envelope of precision over recall, and the two at the end; 0 to 1."""
    if num_true == 0:
        return np.nan, np.nan, np.nan
    if len(scores) == 0:
        return 0.0, 0.0, 0.0
    right = right[np.argsort(-scores, kind='stable')]
    found = np.cumsum(right)
    precision = found / np.arange(1, len(right) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    # recall rises by 1 / num_true at each joint that is right, and nowhere else
    return envelope[right].sum() / num_true, precision[-1], found[-1] / num_true


def count_tracks(
    dts: FramePoses, gts: FramePoses, pairs: PosePairs, videos: np.ndarray
) -> MotCounts:
    """What happened to the tracks of each joint, over all videos.

    Args:
        dts: Detected poses with track ids, no id twice in a frame.
        gts: True poses with track ids.
        pairs: What :func:`pair_poses` returns for the two.
        videos: (I,) video of each frame, I at least 1. The frames of a video follow each other in
            their order in time.
    """
    numbers = np.arange(len(videos) + 1)
    dt_bounds, gt_bounds = (np.searchsorted(poses.frames, numbers) for poses in (dts, gts))
    bounds = zip(dt_bounds, gt_bounds, np.searchsorted(pairs.dt, dt_bounds), strict=True)
    dt_exists, gt_exists = dts.exists, gts.exists
    frames = []
    for starts, stops in pairwise(bounds):
        d, g, p = map(slice, starts, stops)
        objects, hypotheses = gt_exists[g], dt_exists[d]
        frames.append(
            MotFrame(
                object_ids=gts.track_ids[g],
                hypothesis_ids=dts.track_ids[d],
                objects=objects,
                hypotheses=hypotheses,
                distances=pairs.distances[p].reshape(len(hypotheses), *objects.shape),
            )
        )
    changes = np.flatnonzero(videos[1:] != videos[:-1]) + 1
    ends = [0, *changes.tolist(), len(videos)]
    return reduce(add, [clear_mot(frames[start:stop]) for start, stop in pairwise(ends)])


def joint_group_means(values: np.ndarray) -> dict[str, float]:
    """The mean of each group of joints, and of all as ``Total``; -1 where all are NaN.

    Args:
        values: (15,) in the order of ``JOINTS``; a NaN is left out.
    """
    names = {**JOINT_GROUPS, 'Total': JOINTS}
    groups = {group: values[[JOINTS.index(j) for j in joints]] for group, joints in names.items()}
    return {
        group: -1.0 if np.isnan(members).all() else float(np.nanmean(members))
        for group, members in groups.items()
    }


def drop_joints_inside(
    poses: FramePoses, regions: Mapping[int, Sequence[np.ndarray]]
) -> FramePoses:
    """The poses without the joints that lie inside a region of their frame.

    Args:
        poses: Poses whose joints there will not exist.
        regions: By number of the frame, polygons of (V, 2) pixels, (x, y).
    """
    joints = poses.joints.copy()
    for frame, polygons in regions.items():
        rows = slice(*np.searchsorted(poses.frames, (frame, frame + 1)))
        for polygon in polygons:
            joints[rows, :, 2][points_inside(joints[rows, :, :2], polygon)] = 0
    return replace(poses, joints=joints)


def points_inside(points: np.ndarray, polygon: np.ndarray) -> np.ndarray:
    """Which of points (...) lie inside a polygon and not on its border.

    Where the polygon overlaps itself, an even number of layers is outside.

    Args:
        points: (..., 2) as (x, y).
        polygon: (V, 2) corners; the last is joined to the first.
    """
    inside = ((points > polygon.min(0)) & (points < polygon.max(0))).all(-1)
    x, y = points[inside].T
    stop = polygon.T[..., None]
    start = stop[:, np.arange(len(polygon)) - 1]
    side = (stop[0] - start[0]) * (y - start[1]) - (stop[1] - start[1]) * (x - start[0])
    straddles = (start[1] > y) != (stop[1] > y)
    crossed = straddles & ((side > 0) == (stop[1] > start[1]))
    touches = (side == 0) & ((start[0] - x) * (stop[0] - x) <= 0)
    touches &= (start[1] - y) * (stop[1] - y) <= 0
    inside[inside] = (crossed.sum(0) % 2 == 1) & ~touches.any(0)
    return inside

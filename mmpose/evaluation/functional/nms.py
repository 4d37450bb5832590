"""Non-maximum suppression of boxes and poses."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from mmpose.structures.bbox import bbox_overlaps

from .oks import position_in_run

# keypoint spreads of COCO's 17 body keypoints, https://cocodataset.org/#keypoints-eval
# fmt: off
COCO_SIGMAS = np.array([
    .026, .025, .025, .035, .035, .079, .079, .072, .072,
    .062, .062, .107, .107, .087, .087, .089, .089])
# fmt: on

_CHUNK = 4096  # pairs of poses compared together: their arrays stay in the cache
_BLOCK = 1024  # boxes that are compared with all others together


def nms(dets: np.ndarray, thr: float) -> list[int]:
    """Indices of the boxes that greedy suppression keeps, by falling score.

    Boxes are pixel ranges with both ends included, so a box is ``x2 - x1 + 1`` wide.

    Args:
        dets: (N, 5) left, top, right, bottom, score.
        thr: A box goes when its IoU with a kept one is higher.
    """
    if len(dets) == 0:
        return []
    low, high = dets[:, :2], dets[:, 2:4] + 1
    areas = (high - low).prod(1)
    order = np.argsort(-dets[:, 4], kind='stable')
    keep = []
    while len(order):
        best, order = order[0], order[1:]
        keep.append(int(best))
        sides = np.minimum(high[best], high[order]) - np.maximum(low[best], low[order])
        overlap = sides.clip(min=0).prod(1)
        order = order[overlap / (areas[best] + areas[order] - overlap) <= thr]
    return keep


def oks_iou(
    g: np.ndarray,
    d: np.ndarray,
    a_g: float,
    a_d: np.ndarray,
    sigmas: np.ndarray | None = None,
    vis_thr: float | None = None,
) -> np.ndarray:
    """Object keypoint similarity (N,), 0 to 1, of one pose with N others.

    Args:
        g: (K * 3,) x, y in pixels and score of each keypoint.
        d: (N, K * 3) the other poses.
        a_g: Area of ``g``, square pixels; a pair is measured by its mean area.
        a_d: (N,) areas of ``d``.
        sigmas: (K,) spread of each keypoint; ``None`` means those of COCO's 17.
        vis_thr: Compare keypoints that score higher than this in both poses, 0 if there are none;
            ``None`` compares all.
    """
    pose, others = np.reshape(g, (1, -1, 3)), np.reshape(d, (len(d), -1, 3))
    areas = (a_g + np.asarray(a_d)) / 2
    return _pose_oks(pose, others, areas, _variances(sigmas, pose.shape[1]), vis_thr)


def _pose_oks(
    poses1: np.ndarray,
    poses2: np.ndarray,
    areas: np.ndarray,
    variances: np.ndarray,
    vis_thr: float | None,
) -> np.ndarray:
    """Similarities (P,) of aligned poses (P, K, 3), measured by areas (P,)."""
    squared = (poses1[..., 0] - poses2[..., 0]) ** 2 + (poses1[..., 1] - poses2[..., 1]) ** 2
    similarity = np.exp(-squared / variances / (areas[:, None] + np.spacing(1)) / 2)
    if vis_thr is None:
        return similarity.mean(-1)
    counted = (poses1[..., 2] > vis_thr) & (poses2[..., 2] > vis_thr)
    return (similarity * counted).sum(-1) / counted.sum(-1).clip(min=1)


def _variances(sigmas: np.ndarray | None, num_keypoints: int) -> np.ndarray:
    sigmas = COCO_SIGMAS if sigmas is None else np.asarray(sigmas)
    if len(sigmas) != num_keypoints:
        raise ValueError(
            f'There are {len(sigmas)} sigmas for poses of {num_keypoints} keypoints; '
            'pass `sigmas` of the dataset.'
        )
    return (sigmas * 2) ** 2


def _unpack(
    kpts_db: list[dict], score_per_joint: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Poses (N, K, 3), scores (N,) and areas (N,) of the entries."""
    poses = np.stack([np.reshape(entry['keypoints'], (-1, 3)) for entry in kpts_db])
    areas = np.array([entry['area'] for entry in kpts_db])
    return poses, _scores(kpts_db, score_per_joint), areas


def _scores(kpts_db: list[dict], score_per_joint: bool) -> np.ndarray:
    if score_per_joint:
        return np.array([np.mean(entry['score']) for entry in kpts_db])
    return np.array([entry['score'] for entry in kpts_db])


def oks_nms(
    kpts_db: list[dict],
    thr: float,
    sigmas: np.ndarray | None = None,
    vis_thr: float | None = None,
    score_per_joint: bool = False,
) -> np.ndarray:
    """Indices of the poses that greedy suppression keeps, by falling score.

    Args:
        kpts_db: N poses: ``keypoints`` (K, 3) x, y in pixels and score, ``score``, and ``area`` in
            square pixels.
        thr: A pose goes when its similarity with a kept one is higher.
        sigmas: (K,) spread of each keypoint; ``None`` means those of COCO's 17.
        vis_thr: See :func:`oks_iou`.
        score_per_joint: Whether ``score`` has one value per keypoint, to be averaged.
    """
    if len(kpts_db) == 0:
        return np.empty(0, int)
    poses, scores, areas = _unpack(kpts_db, score_per_joint)
    keep = grouped_oks_nms(poses, scores, areas, np.zeros(len(poses), int), thr, sigmas, vis_thr)
    order = np.argsort(-scores, kind='stable')
    return order[keep[order]]


def grouped_oks_nms(
    keypoints: np.ndarray,
    scores: np.ndarray,
    areas: np.ndarray,
    groups: np.ndarray,
    thr: float,
    sigmas: np.ndarray | None = None,
    vis_thr: float | None = None,
) -> np.ndarray:
    """Which poses (N,) :func:`oks_nms` keeps when it runs on each group by itself.

    All groups are compared in one go, which matters for the thousands of images of a dataset.

    Args:
        keypoints: (N, K, 3) x, y in pixels, and score.
        scores: (N,) scores of the poses.
        areas: (N,) square pixels.
        groups: (N,) number of the group, such as the image.
        thr: A pose goes when its similarity with a kept one is higher.
        sigmas: (K,) spread of each keypoint; ``None`` means those of COCO's 17.
        vis_thr: See :func:`oks_iou`.
    """
    variances = _variances(sigmas, keypoints.shape[1])
    order = np.lexsort((-scores, groups))
    groups = groups[order]
    # every pose with those of its group that score lower
    followers = np.searchsorted(groups, groups, side='right') - np.arange(len(order)) - 1
    first = np.repeat(np.arange(len(order)), followers)
    second = first + 1 + position_in_run(first)

    first, second = order[first], order[second]
    alike = _oks_of_pairs(keypoints, areas, first, second, variances, vis_thr) > thr
    keep = np.ones(len(order), bool)
    # pairs come by falling score of the first, whose own fate is settled by then
    for a, b in zip(first[alike].tolist(), second[alike].tolist(), strict=True):
        keep[b] &= not keep[a]
    return keep


def _oks_of_pairs(
    poses: np.ndarray,
    areas: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    variances: np.ndarray,
    vis_thr: float | None,
) -> np.ndarray:
    """Similarities (P,) of the poses (N, K, 3) with indices ``first`` and ``second``, (P,) each."""
    oks = np.empty(len(first))
    for start in range(0, len(first), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        a, b = first[chunk], second[chunk]
        mean_areas = (areas[a] + areas[b]) / 2
        oks[chunk] = _pose_oks(poses[a], poses[b], mean_areas, variances, vis_thr)
    return oks


def soft_oks_nms(
    kpts_db: list[dict],
    thr: float,
    max_dets: int = 20,
    sigmas: np.ndarray | None = None,
    vis_thr: float | None = None,
    score_per_joint: bool = False,
) -> np.ndarray:
    """Indices of at most ``max_dets`` poses, by the score that is left when their turn comes.

    A pose chosen lowers the scores of the others by ``exp(-oks**2 / thr)``; no pose is removed.
    Bodla et al., 2017, `Soft-NMS <https://arxiv.org/abs/1704.04503>`_.

    Args:
        kpts_db: N poses, as in :func:`oks_nms`.
        thr: Width of the Gaussian.
        max_dets: How many to choose.
        sigmas: (K,) spread of each keypoint; ``None`` means those of COCO's 17.
        vis_thr: See :func:`oks_iou`.
        score_per_joint: Whether ``score`` has one value per keypoint, to be averaged.
    """
    if len(kpts_db) == 0:
        return np.empty(0, int)
    poses, scores, areas = _unpack(kpts_db, score_per_joint)
    variances = _variances(sigmas, poses.shape[1])
    first, second = np.triu_indices(len(poses), 1)
    overlaps = np.zeros((len(poses), len(poses)))
    overlaps[first, second] = overlaps[second, first] = _oks_of_pairs(
        poses, areas, first, second, variances, vis_thr
    )
    decay = np.exp(-(overlaps**2) / thr)
    left = np.argsort(-scores, kind='stable')
    chosen = []
    while len(left) and len(chosen) < max_dets:
        turn = scores[left].argmax()
        best, left = left[turn], np.delete(left, turn)
        chosen.append(best)
        scores[left] = scores[left] * decay[best, left]
    return np.array(chosen, int)


def nearby_joints_nms(
    kpts_db: list[dict],
    dist_thr: float = 0.05,
    num_nearby_joints_thr: int | None = None,
    score_per_joint: bool = False,
    max_dets: int = 30,
) -> list[int]:
    """Indices of the poses left when those with many keypoints at the same places are merged.

    Two poses are close when more than ``num_nearby_joints_thr`` keypoints of theirs lie nearer
    than ``dist_thr`` times the diagonal of the pose's extent. Of each close set the best stays.
    Geng et al., 2021, `Bottom-Up Human Pose Estimation Via Disentangled Keypoint Regression
    <https://arxiv.org/abs/2104.02300>`_.

    Args:
        kpts_db: N poses: ``keypoints`` (K, 2) or (K, 3), x, y in pixels first, and ``score``.
        dist_thr: Share of the diagonal.
        num_nearby_joints_thr: Keypoints; ``None`` means half of all.
        score_per_joint: Whether ``score`` has one value per keypoint, to be averaged.
        max_dets: How many poses to return at most, the best; 0 or less means no limit.

    Raises:
        ValueError: ``dist_thr`` is not positive, or ``num_nearby_joints_thr`` not below K.
    """
    if len(kpts_db) == 0:
        return []
    points = np.stack([np.asarray(entry['keypoints'])[:, :2] for entry in kpts_db])
    scores = _scores(kpts_db, score_per_joint)
    num_keypoints = points.shape[1]
    if num_nearby_joints_thr is None:
        num_nearby_joints_thr = num_keypoints // 2
    if dist_thr <= 0 or num_nearby_joints_thr >= num_keypoints:
        raise ValueError(
            f'dist_thr is {dist_thr} and num_nearby_joints_thr {num_nearby_joints_thr}; expected '
            f'a positive distance and fewer than the {num_keypoints} keypoints.'
        )
    diagonals = np.linalg.norm(np.ptp(points, axis=1), axis=-1)
    distances = np.linalg.norm(points[:, None] - points, axis=-1)
    near = (distances < dist_thr * diagonals[:, None, None]).sum(-1)
    close = near > num_nearby_joints_thr
    np.fill_diagonal(close, True)  # a pose of no extent is close to itself, too

    keep: list[int] = []
    merged = np.zeros(len(points), bool)
    for i in np.argsort(-scores, kind='stable'):
        if merged[i]:
            continue
        members = np.flatnonzero(close[i])
        best = members[scores[members].argmax()]
        # a set whose best pose went into another set goes with it
        if not merged[best]:
            keep.append(int(best))
            merged[members] = True
    if 0 < max_dets < len(keep):
        keep = sorted(keep, key=lambda i: -scores[i])[:max_dets]
    return keep


def nms_torch(
    bboxes: Tensor,
    scores: Tensor,
    threshold: float = 0.65,
    iou_calculator: Callable[[Tensor, Tensor], Tensor] = bbox_overlaps,
    return_group: bool = False,
) -> Tensor | list[Tensor]:
    """Indices of the boxes that greedy suppression keeps, by falling score.

    Args:
        bboxes: (N, ...) boxes, or whatever ``iou_calculator`` compares.
        scores: (N,) scores.
        threshold: A box goes when its overlap with a kept one is higher.
        iou_calculator: Maps (M, ...) and (N, ...) boxes to their overlaps (M, N).
        return_group: Whether to return, for each kept box, the indices of it and of those that
            went because of it.
    """
    left = scores.argsort(descending=True, stable=True)
    keep, groups = [left[:0]], []
    while len(left):
        # Blocks bound the memory, and each costs a GPU one wait.
        block = left[:_BLOCK]
        close = iou_calculator(bboxes[block], bboxes[left]) > threshold
        close[:, : len(block)].fill_diagonal_(True)  # a box of no area overlaps nothing
        kept = torch.from_numpy(_greedy(close[:, : len(block)].cpu().numpy())).to(left.device)
        close = close[kept]
        keep.append(block[kept])
        if return_group:
            first = close.int().argmax(0)
            groups += [left[close.any(0) & (first == i)] for i in range(len(close))]
        left = left[~close.any(0)]
    return groups if return_group else torch.cat(keep)


def _greedy(close: np.ndarray) -> np.ndarray:
    """Which of N items (N,) stay when each that stays removes the later ones close to it.

    Args:
        close: (N, N) boolean.
    """
    keep = np.ones(len(close), bool)
    for i in range(len(close)):
        if keep[i]:
            keep[i + 1 :] &= ~close[i, i + 1 :]
    return keep

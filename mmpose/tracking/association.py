"""Which instance of a frame belongs to which track."""

from __future__ import annotations

import numpy as np
import torch

from mmpose.structures.bbox import bbox_cs2xyxy, bbox_overlaps, bbox_xyxy2cs

SIGMA = 0.05  # of keypoints that no data set describes, near the mean of COCO's
MIN_COMMON = 3  # keypoints that two poses must share to be compared


def default_sigmas(num_keypoints: int) -> np.ndarray:
    """Spreads (K,) of keypoints: COCO's for its 17, else 0.05 for all."""
    from mmpose.evaluation.functional.nms import COCO_SIGMAS

    if num_keypoints == len(COCO_SIGMAS):
        return COCO_SIGMAS
    return np.full(num_keypoints, SIGMA)


def box_overlaps(boxes1: np.ndarray, boxes2: np.ndarray) -> np.ndarray:
    """Intersection over union (T, N) of all pairs of boxes (T, 4) and (N, 4), xyxy."""
    return bbox_overlaps(torch.from_numpy(boxes1), torch.from_numpy(boxes2)).numpy()


def enlarged(boxes: np.ndarray, share: float) -> np.ndarray:
    """Boxes (T, 4), xyxy, that reach farther on every side by a share of their size."""
    return bbox_cs2xyxy(*bbox_xyxy2cs(boxes, padding=1 + 2 * share))


def pose_similarity(
    points1: np.ndarray,
    points2: np.ndarray,
    areas1: np.ndarray,
    areas2: np.ndarray,
    sigmas: np.ndarray,
    compared: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Object keypoint similarity (T, N), 0 to 1, and the share (T, N) of keypoints it rests on.

    It is the mean of ``exp(-d**2 / (2 * area * (2 * sigma)**2))`` over the keypoints that both
    poses have, with the mean area of both. Pairs with fewer than 3 such keypoints (or than all, if
    there are fewer) have a similarity and a share of 0.

    Args:
        points1: (T, K, 2) pixels, NaN where a pose has no keypoint.
        points2: (N, K, 2), likewise.
        areas1: (T,) square pixels, positive.
        areas2: (N,) square pixels, positive.
        sigmas: (K,) spread of each keypoint.
        compared: (T, N) boolean, the pairs to compare, the others have 0; ``None`` means all.
    """
    shape, K = (len(points1), len(points2)), len(sigmas)
    first, second = np.nonzero(np.ones(shape, bool) if compared is None else compared)
    areas = (areas1[first] + areas2[second]) / 2
    terms = ((points1[first] - points2[second]) ** 2).sum(-1)
    terms /= -8 * sigmas**2
    terms /= areas[:, None]
    common = ~np.isnan(terms)
    np.exp(terms, out=terms)
    terms[~common] = 0
    count = np.count_nonzero(common, axis=-1)
    count[count < min(MIN_COMMON, K)] = 0
    oks, share = np.zeros((2, *shape))
    oks[first, second] = np.where(count > 0, terms.sum(-1), 0) / count.clip(min=1)
    share[first, second] = count / max(K, 1)
    return oks, share


def match(similarity: np.ndarray, threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns (M,) of the pairs with the greatest total similarity.

    Args:
        similarity: (T, N) positive; no row and no column is used twice.
        threshold: Pairs below it are never matched.
    """
    from scipy.optimize import linear_sum_assignment

    allowed = similarity >= threshold
    rows, columns = linear_sum_assignment(np.where(allowed, similarity, 0), maximize=True)
    chosen = allowed[rows, columns]
    return rows[chosen], columns[chosen]

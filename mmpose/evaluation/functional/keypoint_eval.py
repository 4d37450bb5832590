"""Distances and accuracies of predicted keypoints.

Everywhere N counts instances, K keypoints, and a mask says which keypoints are labelled.
"""

from __future__ import annotations

import numpy as np

from mmpose.codecs.utils import get_heatmap_maximum, get_simcc_maximum

from .mesh_eval import compute_similarity_transform


def _distances(
    pred: np.ndarray, gt: np.ndarray, mask: np.ndarray, norm_factor: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Distances (N, K) in units of the norm, and which of them count.

    Args:
        pred: (N, K, D) points.
        gt: (N, K, D) points.
        mask: (N, K) boolean.
        norm_factor: (N, D) unit along each axis; without a positive one nothing counts.
    """
    usable = (norm_factor > 0).all(-1, keepdims=True)
    offsets = (pred - gt) / np.where(usable, norm_factor, 1)[:, None]
    return np.linalg.norm(offsets, axis=-1), usable & np.asarray(mask, bool)


def keypoint_pck_accuracy(
    pred: np.ndarray, gt: np.ndarray, mask: np.ndarray, thr: float, norm_factor: np.ndarray
) -> tuple[np.ndarray, float, int]:
    """The share of keypoints nearer to the truth than a threshold (PCK).

    Args:
        pred: (N, K, 2) points.
        gt: (N, K, 2) points.
        mask: (N, K) boolean, the labelled keypoints.
        thr: Distance, in units of the norm, below which a keypoint is right.
        norm_factor: (N, 2) the unit along x and y; an instance with 0 or less does not count.

    Returns:
        acc: (K,) share of each keypoint, -1 where none is labelled.
        avg_acc: Mean over the K that have one, 0 if none has.
        cnt: How many of the K have one.
    """
    distances, counts = _distances(pred, gt, mask, norm_factor)
    labelled = counts.sum(0)
    right = ((distances < thr) & counts).sum(0)
    acc = np.where(labelled > 0, right / labelled.clip(min=1), -1.0)
    counted = acc[labelled > 0]
    return acc, float(counted.mean()) if counted.size else 0.0, counted.size


def keypoint_auc(
    pred: np.ndarray,
    gt: np.ndarray,
    mask: np.ndarray,
    norm_factor: float,
    num_thrs: int = 20,
) -> float:
    """The mean of the PCK over the thresholds 0, 1/num_thrs, ... below 1: the area under it.

    Args:
        pred: (N, K, 2) points.
        gt: (N, K, 2) points.
        mask: (N, K) boolean, the labelled keypoints.
        norm_factor: The distance that the threshold 1 stands for.
        num_thrs: How many thresholds.
    """
    norm = np.full((len(pred), 2), norm_factor)
    thresholds = np.arange(num_thrs) / num_thrs
    return float(
        np.mean([keypoint_pck_accuracy(pred, gt, mask, thr, norm)[1] for thr in thresholds])
    )


def keypoint_nme(
    pred: np.ndarray, gt: np.ndarray, mask: np.ndarray, normalize_factor: np.ndarray
) -> float:
    """The mean distance of the labelled keypoints in units of the norm; 0 if none is labelled.

    Args:
        pred: (N, K, 2) points.
        gt: (N, K, 2) points.
        mask: (N, K) boolean, the labelled keypoints.
        normalize_factor: (N, 2) the unit along x and y; an instance with 0 or less does not count.
    """
    distances, counts = _distances(pred, gt, mask, normalize_factor)
    return float(distances[counts].mean()) if counts.any() else 0.0


def keypoint_epe(pred: np.ndarray, gt: np.ndarray, mask: np.ndarray) -> float:
    """The mean distance of the labelled keypoints, the end-point error; 0 if none is labelled.

    Args:
        pred: (N, K, D) points.
        gt: (N, K, D) points.
        mask: (N, K) boolean, the labelled keypoints.
    """
    return keypoint_nme(pred, gt, mask, np.ones((len(pred), pred.shape[-1])))


def pose_pck_accuracy(
    output: np.ndarray,
    target: np.ndarray,
    mask: np.ndarray,
    thr: float = 0.05,
    normalize: np.ndarray | None = None,
) -> tuple[np.ndarray | None, float, int]:
    """The PCK of the maxima of heatmaps; see :func:`keypoint_pck_accuracy` for what comes out.

    Args:
        output: (N, K, H, W) predicted heatmaps.
        target: (N, K, H, W) true heatmaps.
        mask: (N, K) boolean, the labelled keypoints.
        thr: Distance, in units of the norm, below which a keypoint is right.
        normalize: (N, 2) the unit along x and y in cells; ``None`` means the map's size.

    Returns:
        As :func:`keypoint_pck_accuracy`; the first is ``None`` if K is 0.
    """
    N, K, H, W = output.shape
    if K == 0:
        return None, 0.0, 0
    if normalize is None:
        normalize = _map_size(N, H, W)
    pred, _ = get_heatmap_maximum(output)
    gt, _ = get_heatmap_maximum(target)
    return keypoint_pck_accuracy(pred, gt, mask, thr, normalize)


def simcc_pck_accuracy(
    output: tuple[np.ndarray, np.ndarray],
    target: tuple[np.ndarray, np.ndarray],
    simcc_split_ratio: float,
    mask: np.ndarray,
    thr: float = 0.05,
    normalize: np.ndarray | None = None,
) -> tuple[np.ndarray, float, int]:
    """The PCK of the maxima of SimCC vectors; see :func:`keypoint_pck_accuracy`.

    Args:
        output: Predicted vectors (N, K, Wx) along x and (N, K, Wy) along y.
        target: True vectors of the same shapes.
        simcc_split_ratio: Bins per pixel.
        mask: (N, K) boolean, the labelled keypoints.
        thr: Distance, in units of the norm, below which a keypoint is right.
        normalize: (N, 2) the unit along x and y in pixels; ``None`` means the size of the input.
    """
    N, _, bins_x = output[0].shape
    W, H = int(bins_x / simcc_split_ratio), int(output[1].shape[-1] / simcc_split_ratio)
    if normalize is None:
        normalize = _map_size(N, H, W)
    pred, _ = get_simcc_maximum(*output)
    gt, _ = get_simcc_maximum(*target)
    return keypoint_pck_accuracy(
        pred / simcc_split_ratio, gt / simcc_split_ratio, mask, thr, normalize
    )


def _map_size(N: int, H: int, W: int) -> np.ndarray:
    """Norm (N, 2) of an accuracy on maps of H x W cells.

    The height is the unit along x and the width along y. This is how the accuracies in published
    training logs were computed; a fixed order would make new logs incomparable with them.
    """
    return np.tile([[H, W]], (N, 1))


def multilabel_classification_accuracy(
    pred: np.ndarray, gt: np.ndarray, mask: np.ndarray, thr: float = 0.5
) -> float:
    """The share of instances whose labels are all right, 0 if no instance counts.

    Args:
        pred: (N, L) scores of L labels.
        gt: (N, L) labels, 0 or 1.
        mask: (N,) or (N, L) above 0 where labelled; an instance counts if all its labels are.
        thr: Score that parts 0 from 1; a score or label equal to it is wrong.
    """
    valid = mask > 0 if mask.ndim == 1 else (mask > 0).all(1)
    if not valid.any():
        return 0.0
    right = (pred[valid] - thr) * (gt[valid] - thr) > 0
    return float(right.all(1).mean())


def keypoint_mpjpe(
    pred: np.ndarray, gt: np.ndarray, mask: np.ndarray, alignment: str = 'none'
) -> float:
    """The mean distance of the labelled keypoints, per joint (MPJPE), in the unit of the points.

    Args:
        pred: (N, K, D) points.
        gt: (N, K, D) points.
        mask: (N, K) boolean, the labelled keypoints.
        alignment: What each instance is allowed before it is measured, by all K keypoints:
            'none'; 'scale', the scale about the origin that fits best; 'procrustes', scale,
            rotation and shift.

    Raises:
        ValueError: Unknown ``alignment``.
    """
    if alignment == 'scale':
        scale = (pred * gt).sum((1, 2)) / (pred**2).sum((1, 2))
        pred = pred * scale[:, None, None]
    elif alignment == 'procrustes':
        pred = compute_similarity_transform(pred, gt)
    elif alignment != 'none':
        raise ValueError(f"alignment is {alignment!r}; expected 'none', 'scale' or 'procrustes'.")
    return float(np.linalg.norm(pred - gt, axis=-1)[mask].mean())

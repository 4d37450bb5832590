"""Training accuracy, computed where the outputs are so that no step waits for the device."""

from __future__ import annotations

import torch
from torch import Tensor

from mmpose.codecs.utils.simcc_tensors import get_simcc_maximum


def heatmap_peaks(heatmaps: Tensor) -> Tensor:
    """(B, K, 2) cells (x, y) of the maxima of (B, K, H, W); -1 where no value is positive."""
    W = heatmaps.shape[-1]
    values, index = heatmaps.flatten(2).max(dim=-1)
    peaks = torch.stack([index % W, index // W], dim=-1)
    return peaks.masked_fill(values[..., None] <= 0, -1)


def keypoint_pck(errors: Tensor, valid: Tensor, thr: float) -> Tensor:
    """The share of correct keypoints: first per keypoint, then the mean over keypoints.

    A keypoint that is valid in no instance does not count; with none at all the result is 0.

    Args:
        errors: (N, K, D) differences between prediction and truth.
        valid: (N, K) which keypoints count.
        thr: Length of an error that is no longer correct.
    """
    hits = ((torch.linalg.vector_norm(errors, dim=-1) < thr) & valid).sum(0)
    total = valid.sum(0)
    return (hits / total.clamp(min=1)).sum() / (total > 0).sum().clamp(min=1)


@torch.no_grad()
def heatmap_pck(output: Tensor, target: Tensor, valid: Tensor, thr: float = 0.05) -> Tensor:
    """The share of heatmaps whose peak lies within ``thr`` of the map's sides of the true one.

    Args:
        output: (B, K, H, W) predicted heatmaps.
        target: (B, K, H, W) true heatmaps.
        valid: (B, K) which keypoints count.
        thr: Length of an error that is no longer correct.

    Raises:
        ValueError: There is not one heatmap for each keypoint.
    """
    if output.shape[1] != valid.shape[1]:
        raise ValueError(
            f'There are {output.shape[1]} maps for {valid.shape[1]} keypoints, and the training '
            'accuracy needs one heatmap each; set `model.train_cfg=dict(compute_acc=False)` where '
            'the codec adds offsets to the heatmaps, or give both the same number of keypoints.'
        )
    offsets = heatmap_peaks(output) - heatmap_peaks(target)
    return _pck_by_sides(offsets, output.shape[-1], output.shape[-2], valid, thr)


@torch.no_grad()
def simcc_pck(
    output: tuple[Tensor, Tensor],
    target: tuple[Tensor, Tensor],
    simcc_split_ratio: float,
    valid: Tensor,
    thr: float = 0.05,
) -> Tensor:
    """The share of SimCC maxima within ``thr`` of the input's sides of the true ones.

    Args:
        output: Predicted vectors (B, K, Wx) along x and (B, K, Wy) along y.
        target: True vectors of the same shapes.
        simcc_split_ratio: Bins per pixel of the input.
        valid: (B, K) which keypoints count.
        thr: Length of an error that is no longer correct.
    """
    W, H = (int(vector.shape[-1] / simcc_split_ratio) for vector in output)
    offsets = get_simcc_maximum(*output)[0] - get_simcc_maximum(*target)[0]
    return _pck_by_sides(offsets / simcc_split_ratio, W, H, valid, thr)


@torch.no_grad()
def mean_distance(output: Tensor, target: Tensor, valid: Tensor) -> Tensor:
    """The mean distance of valid keypoints from the truth; 0 where none is valid.

    Args:
        output: (..., K, D) predicted coordinates.
        target: (..., K, D) true coordinates.
        valid: (..., K) which keypoints count.
    """
    distances = torch.linalg.vector_norm(output - target, dim=-1)
    return distances.where(valid, 0).sum() / valid.sum().clamp(min=1)


@torch.no_grad()
def multilabel_accuracy(logits: Tensor, labels: Tensor, valid: Tensor) -> Tensor:
    """The share of valid samples all of whose labels are predicted right; 0 where none is valid.

    Args:
        logits: (B, C), above 0 where a label is predicted.
        labels: (B, C) bool.
        valid: (B,) which samples count.
    """
    hits = ((logits > 0) == labels).all(dim=1) & valid
    return hits.sum() / valid.sum().clamp(min=1)


def _pck_by_sides(offsets: Tensor, W: int, H: int, valid: Tensor, thr: float) -> Tensor:
    """:func:`keypoint_pck` of offsets (B, K, 2) on maps of W x H."""
    dx, dy = offsets.unbind(-1)
    # x by the height and y by the width, as the accuracy in every published log was computed
    return keypoint_pck(torch.stack([dx / H, dy / W], dim=-1), valid, thr)

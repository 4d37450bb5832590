"""Training accuracy, computed where the outputs are so that no step waits for the device."""

from __future__ import annotations

import torch
from torch import Tensor


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
    """
    H, W = output.shape[-2:]
    dx, dy = (heatmap_peaks(output) - heatmap_peaks(target)).unbind(-1)
    # x by the height and y by the width, as the accuracy in every published log was computed
    return keypoint_pck(torch.stack([dx / H, dy / W], dim=-1), valid, thr)

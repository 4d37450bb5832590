"""From the peaks of heatmaps and their tags to instances.

Associative embedding, `Newell et al., NeurIPS 2017 <https://arxiv.org/abs/1611.05424>`_, with the
matching of `HigherHRNet <https://arxiv.org/abs/1908.10357>`_.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Peaks(NamedTuple):
    """P peaks of the heatmaps of one sample, those of a keypoint in a row."""

    keypoint_ids: np.ndarray  # (P,)
    cells: np.ndarray  # (P, 2), (x, y)
    values: np.ndarray  # (P,)
    tags: np.ndarray  # (P, L)


def group_peaks(
    peaks: Peaks, keypoint_order: Sequence[int], tag_thr: float, max_instances: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """Cells (N, K, 2) and values (N, K) of the instances, 0 where a keypoint is missing.

    Args:
        peaks: The peaks.
        keypoint_order: The K keypoint indices in the order of grouping.
        tag_thr: Distance to the mean tag of an instance from which on a peak cannot belong to it.
        max_instances: The greatest N; ``None``: any.
    """
    instances = np.empty(len(peaks.values), dtype=int)
    tag_sums, counts = np.zeros_like(peaks.tags), np.zeros((len(peaks.tags), 1))
    N = 0
    for k in keypoint_order:
        own = peaks.keypoint_ids == k
        matched = _match(peaks.values[own], peaks.tags[own], tag_sums[:N] / counts[:N], tag_thr)
        instances[own] = matched
        tag_sums[matched] += peaks.tags[own]
        counts[matched] += 1
        N = max(N, matched.max(initial=-1) + 1)
        if max_instances is not None and max_instances < N:
            N = max_instances
            tag_sums[N:] = counts[N:] = 0  # forgotten; later peaks may found others

    kept = instances < N
    index = instances[kept], peaks.keypoint_ids[kept]
    keypoints = np.zeros((N, len(keypoint_order), 2), dtype=np.float32)
    scores = np.zeros((N, len(keypoint_order)), dtype=np.float32)
    keypoints[index], scores[index] = peaks.cells[kept], peaks.values[kept]
    return keypoints, scores


def _match(
    values: np.ndarray, tags: np.ndarray, instance_tags: np.ndarray, tag_thr: float
) -> np.ndarray:
    """Index of the instance of each of M peaks of one keypoint; new ones count on from G.

    The distance between tags decides, rounded to a whole number; where that is equal, higher
    peaks come first.

    Args:
        values: (M,) heights of the peaks.
        tags: (M, L).
        instance_tags: (G, L) mean tags of the instances so far.
        tag_thr: As in :func:`group_peaks`.
    """
    from scipy.optimize import linear_sum_assignment

    M, G = len(values), len(instance_tags)
    distances = np.linalg.norm(tags[:, None] - instance_tags, axis=2)
    # The published matching is made square so, which decides between equal assignments.
    costs = np.full((M, max(M, G)), 1e10)
    costs[:, :G] = np.round(distances) * 100 - values[:, None]
    peaks, matches = linear_sum_assignment(costs)
    peaks, matches = peaks[matches < G], matches[matches < G]
    near = distances[peaks, matches] < tag_thr
    instances = np.full(M, -1)
    instances[peaks[near]] = matches[near]
    is_new = instances < 0
    instances[is_new] = G + _count_distinct(tags[is_new])
    return instances


def _count_distinct(tags: np.ndarray) -> np.ndarray:
    """Number of each of M tags (M, L), counted from 0 in the order of first appearance.

    Peaks with the very same tag are cells of a plateau, which resizing leaves at the border.
    """
    _, first, inverse = np.unique(tags, axis=0, return_index=True, return_inverse=True)
    return first.argsort().argsort()[inverse.reshape(-1)]


def fill_missing(
    keypoints: np.ndarray, scores: np.ndarray, heatmaps: np.ndarray, tags: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Cells (N, K, 2) and values (N, K) without gaps.

    A missing keypoint gets the highest cell among those whose tags are nearest to the mean tag of
    its instance, by their distance rounded to a whole number.

    Args:
        keypoints: (N, K, 2) cells.
        scores: (N, K), 0 where a keypoint is missing.
        heatmaps: (K, H, W).
        tags: (L, K, H, W).
    """
    H, W = heatmaps.shape[1:]
    found = scores > 0
    x, y = np.moveaxis(np.clip(keypoints.astype(int), 0, (W - 1, H - 1)), -1, 0)
    own_tags = tags[:, np.arange(len(heatmaps)), y, x]
    instance_tags = np.where(found, own_tags, 0).sum(axis=2) / found.sum(axis=1)
    instance_tags = instance_tags.astype(tags.dtype)
    keypoints, scores = keypoints.copy(), scores.copy()
    costs, spare = np.empty((2, H, W), dtype=tags.dtype)  # reused: making them anew costs more
    for k, n in np.argwhere(~found.T):  # in turn the maps that lie in the cache
        _tag_distances(tags[:, k], instance_tags[:, n], costs, spare)
        np.round(costs, out=costs)
        costs *= 100
        costs -= heatmaps[k]
        y, x = np.unravel_index(costs.argmin(), (H, W))
        keypoints[n, k], scores[n, k] = (x, y), heatmaps[k, y, x]
    return keypoints, scores


def _tag_distances(tags: np.ndarray, tag: np.ndarray, out: np.ndarray, spare: np.ndarray) -> None:
    """Writes the distance of each cell's tags (L, H, W) to a tag (L,) into ``out`` (H, W)."""
    np.subtract(tags[0], tag[0], out=out)
    if len(tags) == 1:
        np.abs(out, out=out)
        return
    np.square(out, out=out)
    for others, other in zip(tags[1:], tag[1:], strict=True):
        np.subtract(others, other, out=spare)
        np.square(spare, out=spare)
        out += spare
    np.sqrt(out, out=out)

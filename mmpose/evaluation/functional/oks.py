"""Object keypoint similarity (OKS), and detections matched to ground truth by it.

The numbers are those of pycocotools' keypoint evaluation, digit for digit, with everything done on
arrays: the similarity of all pairs of all images at once, and the greedy matching for all images,
thresholds and size ranges together, one score rank after the other. One deliberate difference:
matches are kept by index, where pycocotools stores the annotation's id and so takes an annotation
whose id is 0 for unmatched.

Lin et al., 2014, `Microsoft COCO <https://arxiv.org/abs/1405.0312>`_; the protocol is at
https://cocodataset.org/#keypoints-eval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

OKS_THRESHOLDS = np.linspace(0.5, 0.95, 10)
# square pixels: all, medium, large; the limits belong to both neighbours
AREA_RANGES = ((0.0, 1e10), (32.0**2, 96.0**2), (96.0**2, 1e10))

_CHUNK = 4096  # pairs whose similarities are computed together: their arrays stay in the cache


@dataclass
class KeypointGroundTruth:
    """G annotated instances.

    Attributes:
        image_ids: (G,) ids that can be sorted.
        category_ids: (G,) integers.
        keypoints: (G, K, 3) x, y in pixels of the image, and the COCO flag: above 0 if labelled.
        bboxes: (G, 4) left, top, width, height in pixels.
        areas: (G,) square pixels; the scale of the similarity, and the size for the ranges.
        ignore: (G,) boolean, instances that count neither as found nor as missed.
        crowd: (G,) boolean, instances that any number of detections may match.
    """

    image_ids: np.ndarray
    category_ids: np.ndarray
    keypoints: np.ndarray
    bboxes: np.ndarray
    areas: np.ndarray
    ignore: np.ndarray
    crowd: np.ndarray


@dataclass
class KeypointDetections:
    """D detected instances.

    Attributes:
        image_ids: (D,) ids, as in the ground truth.
        category_ids: (D,) integers.
        keypoints: (D, K, 2) x, y in pixels of the image.
        scores: (D,) the higher, the earlier matched.
        areas: (D,) square pixels, for the size ranges only.
    """

    image_ids: np.ndarray
    category_ids: np.ndarray
    keypoints: np.ndarray
    scores: np.ndarray
    areas: np.ndarray


@dataclass
class OksMatches:
    """What became of each detection, for A size ranges and T thresholds.

    Detections stand by image, then category, then falling score; those past the limit per image
    are left out.

    Attributes:
        image_ids: (D,) images of the detections.
        categories: (D,) index into the C sorted categories of the ground truth and detections.
        scores: (D,) scores of the detections.
        matched: (A, T, D) boolean, the detection took a ground truth.
        ignored: (A, T, D) boolean, the detection does not count.
        gt_image_ids: (G,) images of the ground truth.
        gt_categories: (G,) index of the categories of the ground truth.
        gt_ignored: (A, G) boolean, ignored or outside the size range.
        num_categories: C.
    """

    image_ids: np.ndarray
    categories: np.ndarray
    scores: np.ndarray
    matched: np.ndarray
    ignored: np.ndarray
    gt_image_ids: np.ndarray
    gt_categories: np.ndarray
    gt_ignored: np.ndarray
    num_categories: int


def oks_of_pairs(
    gts: KeypointGroundTruth,
    dt_keypoints: np.ndarray,
    gt_index: np.ndarray,
    dt_index: np.ndarray,
    sigmas: np.ndarray,
) -> np.ndarray:
    """The similarity (P,), 0 to 1, of P pairs of a ground truth and a detection.

    It is the mean over the labelled keypoints of ``exp(-d**2 / (2 * area * (2 * sigma)**2))``. For
    a ground truth without any, ``d`` is how far each keypoint lies outside the box of doubled size
    on every side.

    Args:
        gts: G instances.
        dt_keypoints: (D, K, 2) pixels, (x, y).
        gt_index: (P,) ground truth of each pair.
        dt_index: (P,) detection of each pair.
        sigmas: (K,) spread of each keypoint's annotation.
    """
    variances = (np.asarray(sigmas, np.float64) * 2) ** 2
    labelled = gts.keypoints[..., 2] > 0
    num_labelled = np.count_nonzero(labelled, axis=1)
    scale = gts.areas + np.spacing(1)
    corner, size = gts.bboxes[:, :2], gts.bboxes[:, 2:]
    low, high = corner - size, corner + size * 2

    oks = np.empty(len(gt_index))
    pair_count = num_labelled[gt_index]
    # Pairs with equally many labelled keypoints go together: their terms form a full array, whose
    # row sums round as the sum over a single pair does.
    for count in np.unique(pair_count):
        members = np.flatnonzero(pair_count == count)
        for start in range(0, len(members), _CHUNK):
            pairs = members[start : start + _CHUNK]
            g, d = gt_index[pairs], dt_index[pairs]
            points = dt_keypoints[d]
            if count:
                delta = points - gts.keypoints[g, :, :2]
            else:
                delta = np.maximum(0, low[g, None] - points) + np.maximum(0, points - high[g, None])
            exponent = (delta[..., 0] ** 2 + delta[..., 1] ** 2) / variances / scale[g, None] / 2
            if count:
                exponent = exponent[labelled[g]].reshape(-1, count)
            oks[pairs] = np.exp(-exponent).sum(1) / exponent.shape[1]
    return oks


def match_by_oks(
    gts: KeypointGroundTruth,
    dts: KeypointDetections,
    sigmas: np.ndarray,
    thresholds: np.ndarray = OKS_THRESHOLDS,
    area_ranges: Sequence[tuple[float, float]] = AREA_RANGES,
    max_dets: int = 20,
) -> OksMatches:
    """Detections matched greedily to the ground truth of their image and category.

    By falling score, a detection takes the free ground truth of the highest similarity at or above
    the threshold, one that counts before one that is ignored.

    Args:
        gts: The ground truth.
        dts: The detections.
        sigmas: (K,) spread of each keypoint's annotation.
        thresholds: (T,) similarities.
        area_ranges: A pairs of smallest and largest area, both included.
        max_dets: Detections per image and category that count, by falling score.
    """
    gt_cells, dt_cells, category_ids = _cells(gts, dts)
    num_cells = int(max(gt_cells.max(initial=-1), dt_cells.max(initial=-1))) + 1

    dt_order = np.lexsort((-dts.scores, dt_cells))
    rank = position_in_run(dt_cells[dt_order])
    dt_order, rank = dt_order[rank < max_dets], rank[rank < max_dets]

    # every detection with every ground truth of its cell
    gt_order = np.argsort(gt_cells, kind='stable')
    gt_count = np.bincount(gt_cells, minlength=num_cells)
    gt_start = np.cumsum(gt_count) - gt_count
    partners = gt_count[dt_cells[dt_order]]
    pair_dt = np.repeat(np.arange(len(dt_order)), partners)
    pair_gt = gt_order[np.repeat(gt_start[dt_cells[dt_order]], partners) + position_in_run(pair_dt)]
    oks = oks_of_pairs(gts, dts.keypoints, pair_gt, dt_order[pair_dt], sigmas)

    ranges = np.asarray(area_ranges, np.float64)[:, :, None]
    gt_ignored = gts.ignore | (gts.areas < ranges[:, 0]) | (gts.areas > ranges[:, 1])
    dt_areas = dts.areas[dt_order]
    out_of_range = (dt_areas < ranges[:, 0]) | (dt_areas > ranges[:, 1])

    matched, ignored = _match_ranks(
        pair_dt, pair_gt, oks, rank, np.asarray(thresholds), gt_ignored, gts.crowd
    )
    ignored |= ~matched & out_of_range[:, None]
    return OksMatches(
        image_ids=dts.image_ids[dt_order],
        categories=np.searchsorted(category_ids, dts.category_ids[dt_order]),
        scores=dts.scores[dt_order],
        matched=matched,
        ignored=ignored,
        gt_image_ids=gts.image_ids,
        gt_categories=np.searchsorted(category_ids, gts.category_ids),
        gt_ignored=gt_ignored,
        num_categories=len(category_ids),
    )


def _cells(
    gts: KeypointGroundTruth, dts: KeypointDetections
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Number the pairs of image and category: of the ground truth, of the detections, and the ids.

    Cells rise with the image id, which settles the order of equal scores.
    """
    _, image_index = np.unique(np.concatenate([gts.image_ids, dts.image_ids]), return_inverse=True)
    categories, category_index = np.unique(
        np.concatenate([gts.category_ids, dts.category_ids]), return_inverse=True
    )
    cells = image_index * max(len(categories), 1) + category_index
    num_gts = len(gts.image_ids)
    return cells[:num_gts], cells[num_gts:], categories


def position_in_run(values: np.ndarray) -> np.ndarray:
    """How many entries with the same value stand directly before each entry."""
    index = np.arange(len(values))
    first = np.ones(len(values), bool)
    first[1:] = values[1:] != values[:-1]
    return index - np.maximum.accumulate(np.where(first, index, 0))


def _match_ranks(
    pair_dt: np.ndarray,
    pair_gt: np.ndarray,
    oks: np.ndarray,
    rank: np.ndarray,
    thresholds: np.ndarray,
    gt_ignored: np.ndarray,
    crowd: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Whether each detection took a ground truth, and an ignored one: two arrays (A, T, D)."""
    A, T, D, G = len(gt_ignored), len(thresholds), len(rank), len(crowd)
    thresholds = np.minimum(thresholds, 1 - 1e-10)
    taken = np.zeros((A, T, G), bool)
    matched, ignored = np.zeros((2, A, T, D), bool)

    near = oks >= thresholds.min()
    pair_dt, pair_gt, oks = pair_dt[near], pair_gt[near], oks[near]
    order = np.lexsort((oks, pair_dt, rank[pair_dt]))
    pair_dt, pair_gt, oks = pair_dt[order], pair_gt[order], oks[order]
    blocks = np.searchsorted(rank[pair_dt], np.arange(rank.max(initial=-1) + 2))

    for start, stop in pairwise(blocks):
        if start == stop:
            continue
        dt, gt = pair_dt[start:stop], pair_gt[start:stop]
        first = np.flatnonzero(position_in_run(dt) == 0)
        available = (oks[start:stop] >= thresholds[:, None]) & (crowd[gt] | ~taken[:, :, gt])
        # A detection's pairs stand by rising similarity, so its best is the last that is
        # available; ground truth that counts goes above all that is ignored.
        count = stop - start
        preference = np.arange(count) + np.where(gt_ignored[:, gt], 0, count)
        best = np.maximum.reduceat(np.where(available, preference[:, None], -1), first, axis=-1)
        a, t, winner = np.nonzero(best >= 0)
        won_gt, won_dt = gt[best[a, t, winner] % count], dt[first[winner]]
        taken[a, t, won_gt] = True
        matched[a, t, won_dt] = True
        ignored[a, t, won_dt] = gt_ignored[a, won_gt]
    return matched, ignored

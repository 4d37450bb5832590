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
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

OKS_THRESHOLDS = np.linspace(0.5, 0.95, 10)
# square pixels: all, medium, large; the limits belong to both neighbours
AREA_RANGES = ((0.0, 1e10), (32.0**2, 96.0**2), (96.0**2, 1e10))

_CHUNK = 1 << 14  # terms of similarities that are computed together: they stay in the cache
_BLOCK = 1 << 20  # those of several parts, where many at a time cost fewer steps


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
class OksPairs:
    """Every detection that counts beside every ground truth of its image and category.

    Attributes:
        detections: (D,) indices of the detections that count, by image, then category, then
            falling score.
        ranks: (D,) place of each among those of its image and category, from 0.
        dt: (P,) the detection of each pair, a rising index into ``detections``.
        gt: (P,) the ground truth of each pair.
        category_ids: (C,) sorted ids of the ground truth and detections.
    """

    detections: np.ndarray
    ranks: np.ndarray
    dt: np.ndarray
    gt: np.ndarray
    category_ids: np.ndarray


@dataclass
class OksMatches:
    """What became of each detection, for A size ranges and T thresholds.

    Detections stand by image, then category, then falling score; those past the limit per image
    are left out.

    Attributes:
        detections: (D,) indices of the detections.
        image_ids: (D,) images of the detections.
        categories: (D,) index into the C sorted categories of the ground truth and detections.
        scores: (D,) scores of the detections.
        gt_index: (A, T, D) the ground truth that the detection took, -1 if none.
        matched: (A, T, D) boolean, the detection took a ground truth.
        ignored: (A, T, D) boolean, the detection does not count.
        gt_image_ids: (G,) images of the ground truth.
        gt_categories: (G,) index of the categories of the ground truth.
        gt_ignored: (A, G) boolean, ignored or outside the size range.
        num_categories: C.
    """

    detections: np.ndarray
    image_ids: np.ndarray
    categories: np.ndarray
    scores: np.ndarray
    gt_index: np.ndarray
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
    scale = (gts.areas + np.spacing(1)) * -2
    corner, size = gts.bboxes[:, :2], gts.bboxes[:, 2:]
    low, high = corner - size, corner + size * 2
    gt_x, gt_y = np.ascontiguousarray(np.moveaxis(gts.keypoints[..., :2], -1, 0))
    dt_x, dt_y = np.ascontiguousarray(np.moveaxis(dt_keypoints, -1, 0))

    oks = np.empty(len(gt_index))
    pair_count = num_labelled[gt_index]
    chunk = max(_CHUNK // max(len(variances), 1), 1)
    # Pairs with equally many labelled keypoints go together: their terms form a full array, whose
    # row sums round as the sum over a single pair does.
    for count in np.unique(pair_count):
        members = np.flatnonzero(pair_count == count)
        for start in range(0, len(members), chunk):
            pairs = members[start : start + chunk]
            g, d = gt_index[pairs], dt_index[pairs]
            x, y = dt_x[d], dt_y[d]
            if count:
                x -= gt_x[g]
                y -= gt_y[g]
            else:
                x = np.maximum(0, low[g, :1] - x) + np.maximum(0, x - high[g, :1])
                y = np.maximum(0, low[g, 1:] - y) + np.maximum(0, y - high[g, 1:])
            x *= x
            y *= y
            x += y
            x /= variances
            x /= scale[g, None]
            if 0 < count < x.shape[1]:
                x = x[labelled[g]].reshape(-1, count)
            oks[pairs] = np.exp(x, out=x).sum(1) / x.shape[1]
    return oks


def oks_of_parts(
    gts: KeypointGroundTruth,
    dt_keypoints: np.ndarray,
    gt_index: np.ndarray,
    dt_index: np.ndarray,
    sigmas: np.ndarray,
    parts: Sequence[slice],
) -> np.ndarray:
    """What :func:`oks_of_pairs` returns for each part of the keypoints alone: (len(parts), P).

    The term of a keypoint is computed once for all parts that have it.

    Args:
        gts: As there, like the following four.
        dt_keypoints: See there.
        gt_index: See there.
        dt_index: See there.
        sigmas: See there.
        parts: The keypoints of each part.
    """
    variances = (np.asarray(sigmas, np.float64) * 2) ** 2
    labelled = gts.keypoints[..., 2] > 0
    scale = (gts.areas + np.spacing(1)) * -2
    oks = np.empty((len(parts), len(gt_index)))
    block = max(_BLOCK // len(variances), 1)
    for start in range(0, len(gt_index), block):
        pairs = slice(start, start + block)
        g, d = gt_index[pairs], dt_index[pairs]
        x, y = (dt_keypoints[d, :, axis] - gts.keypoints[g, :, axis] for axis in (0, 1))
        x *= x
        y *= y
        x += y
        x /= variances
        x /= scale[g, None]
        np.exp(x, out=x)
        for row, part in zip(oks, parts, strict=True):
            row[pairs] = _means(x[:, part], labelled[g, part])
    for row, part in zip(oks, parts, strict=True):
        unlabelled = np.flatnonzero(~labelled[gt_index, part].any(1))
        points = dt_keypoints[dt_index[unlabelled], part]
        of_part = replace(gts, keypoints=gts.keypoints[:, part])
        each = np.arange(len(points))
        row[unlabelled] = oks_of_pairs(of_part, points, gt_index[unlabelled], each, sigmas[part])
    return oks


def _means(values: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """The mean of the chosen values of each row, rounded as if it was the only one; 0 of none."""
    counts = np.count_nonzero(chosen, axis=1)
    order = np.argsort(counts, kind='stable')
    flat, means = values[order][chosen[order]], np.zeros(len(values))
    numbers, starts = np.unique(counts[order], return_index=True)
    place = 0
    for count, rows in zip(numbers.tolist(), np.split(order, starts[1:]), strict=True):
        if count:
            end = place + count * len(rows)
            means[rows] = flat[place:end].reshape(-1, count).sum(1) / count
            place = end
    return means


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
    pairs = pairs_to_match(gts, dts, max_dets)
    oks = oks_of_pairs(gts, dts.keypoints, pairs.gt, pairs.detections[pairs.dt], sigmas)
    return match_pairs(gts, dts, pairs, oks, thresholds, area_ranges)


def pairs_to_match(
    gts: KeypointGroundTruth, dts: KeypointDetections, max_dets: int = 20
) -> OksPairs:
    """What :func:`match_by_oks` compares.

    Args:
        gts: The ground truth.
        dts: The detections.
        max_dets: Detections per image and category that count, by falling score.
    """
    gt_cells, dt_cells, category_ids = _cells(gts, dts)
    num_cells = int(max(gt_cells.max(initial=-1), dt_cells.max(initial=-1))) + 1

    dt_order = np.lexsort((-dts.scores, dt_cells))
    rank = position_in_run(dt_cells[dt_order])
    dt_order, rank = dt_order[rank < max_dets], rank[rank < max_dets]

    gt_order = np.argsort(gt_cells, kind='stable')
    gt_count = np.bincount(gt_cells, minlength=num_cells)
    gt_start = np.cumsum(gt_count) - gt_count
    partners = gt_count[dt_cells[dt_order]]
    pair_dt = np.repeat(np.arange(len(dt_order)), partners)
    pair_gt = gt_order[np.repeat(gt_start[dt_cells[dt_order]], partners) + position_in_run(pair_dt)]
    return OksPairs(dt_order, rank, pair_dt, pair_gt, category_ids)


def match_pairs(
    gts: KeypointGroundTruth,
    dts: KeypointDetections,
    pairs: OksPairs,
    oks: np.ndarray,
    thresholds: np.ndarray = OKS_THRESHOLDS,
    area_ranges: Sequence[tuple[float, float]] = AREA_RANGES,
) -> OksMatches:
    """What :func:`match_by_oks` returns, from pairs whose similarity is known.

    Args:
        gts: The ground truth.
        dts: The detections.
        pairs: What :func:`pairs_to_match` returns for both.
        oks: (P,) similarity of each pair.
        thresholds: (T,) similarities.
        area_ranges: A pairs of smallest and largest area, both included.
    """
    ranges = np.asarray(area_ranges, np.float64)[:, :, None]
    gt_ignored = gts.ignore | (gts.areas < ranges[:, 0]) | (gts.areas > ranges[:, 1])
    dt_areas = dts.areas[pairs.detections]
    out_of_range = (dt_areas < ranges[:, 0]) | (dt_areas > ranges[:, 1])

    gt_index, ignored = _match_ranks(pairs, oks, np.asarray(thresholds), gt_ignored, gts.crowd)
    matched = gt_index >= 0
    ignored |= ~matched & out_of_range[:, None]
    return OksMatches(
        detections=pairs.detections,
        image_ids=dts.image_ids[pairs.detections],
        categories=np.searchsorted(pairs.category_ids, dts.category_ids[pairs.detections]),
        scores=dts.scores[pairs.detections],
        gt_index=gt_index,
        matched=matched,
        ignored=ignored,
        gt_image_ids=gts.image_ids,
        gt_categories=np.searchsorted(pairs.category_ids, gts.category_ids),
        gt_ignored=gt_ignored,
        num_categories=len(pairs.category_ids),
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
    pairs: OksPairs,
    oks: np.ndarray,
    thresholds: np.ndarray,
    gt_ignored: np.ndarray,
    crowd: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """The ground truth of each detection, -1 if none, and if it is ignored: arrays (A, T, D)."""
    A, T, D, G = len(gt_ignored), len(thresholds), len(pairs.ranks), len(crowd)
    thresholds = np.minimum(thresholds, 1 - 1e-10)
    taken = np.zeros((A, T, G), bool)
    gt_index, ignored = np.full((A, T, D), -1, np.int32), np.zeros((A, T, D), bool)

    near = oks >= thresholds.min()
    pair_dt, pair_gt, oks = pairs.dt[near], pairs.gt[near], oks[near]
    order = np.lexsort((oks, pair_dt, pairs.ranks[pair_dt]))
    pair_dt, pair_gt, oks = pair_dt[order], pair_gt[order], oks[order]
    blocks = np.searchsorted(pairs.ranks[pair_dt], np.arange(pairs.ranks.max(initial=-1) + 2))

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
        gt_index[a, t, won_dt] = won_gt
        ignored[a, t, won_dt] = gt_ignored[a, won_gt]
    return gt_index, ignored

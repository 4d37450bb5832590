"""Numbers of a group of keypoints or instances; ``None`` where there is nothing to measure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ..functional import (
    KeypointDetections,
    KeypointGroundTruth,
    OksMatches,
    match_pairs,
    oks_of_pairs,
    pairs_to_match,
    precision_recall,
)
from ..functional.oks import AREA_RANGES
from .error_kinds import KINDS, KeypointErrors


def mean(values: np.ndarray) -> float | None:
    """The mean of any number of values."""
    return float(values.mean()) if values.size else None


def known(number: float) -> float | None:
    """A number of COCO's protocol, which is -1 where there is nothing to find."""
    return None if number < 0 else float(number)


def keypoint_measures(
    errors: KeypointErrors, index: Any, pck_thr: float
) -> dict[str, float | None]:
    """PCK, median error and the shares of the kinds of error of some keypoints.

    Args:
        errors: Those of (M, K) keypoints.
        index: Which of these, as NumPy takes it.
        pck_thr: Distance, in longer sides of the annotated box, below which a keypoint is right.

    Returns:
        ``PCK``, the share of labelled keypoints that are right; ``median_error``, the median
        distance from the label in pixels; and by the name of each kind of error its share of the
        judged keypoints.
    """
    relative, distances = errors.relative[index], errors.distances[index]
    kinds = errors.kinds[index]
    right = relative[~np.isnan(relative)] < pck_thr
    distances = distances[~np.isnan(distances)]
    return dict(
        PCK=mean(right),
        median_error=float(np.median(distances)) if distances.size else None,
        **kind_shares(kinds),
    )


def kind_shares(kinds: np.ndarray) -> dict[str, float | None]:
    """By name the share of each kind among the keypoints that are judged; they sum to 1."""
    judged = kinds[kinds >= 0]
    return {name: mean(judged == kind) for kind, name in enumerate(KINDS)}


def average(matches: OksMatches, image_ids: np.ndarray | None = None) -> list[dict]:
    """Average precision ``AP`` and recall ``AR`` for each of A size ranges.

    Args:
        matches: What was matched.
        image_ids: The images to look at; ``None`` means all.
    """
    precision, recall = precision_recall(matches, image_ids)
    return [
        dict(AP=mean(p[p > -1]), AR=mean(r[r > -1]))
        for p, r in zip(np.moveaxis(precision, -1, 0), np.moveaxis(recall, -1, 0), strict=True)
    ]


def keypoint_average_precision(
    gts: KeypointGroundTruth, dts: KeypointDetections, sigmas: np.ndarray
) -> list[float | None]:
    """Average precision of each of K keypoints, as if instances consisted of it alone.

    Instances that lack it are ignored.

    Args:
        gts: The annotations.
        dts: The predictions.
        sigmas: (K,) spread of each keypoint's annotation.
    """
    pairs = pairs_to_match(gts, dts)
    dt_index = pairs.detections[pairs.dt]
    precisions = []
    for k in range(len(sigmas)):
        only = slice(k, k + 1)
        lacking = ~(gts.keypoints[:, k, 2] > 0)
        alone = replace(gts, keypoints=gts.keypoints[:, only], ignore=gts.ignore | lacking)
        oks = oks_of_pairs(alone, dts.keypoints[:, only], pairs.gt, dt_index, sigmas[only])
        matches = match_pairs(alone, dts, pairs, oks, area_ranges=AREA_RANGES[:1])
        precisions.append(average(matches)[0]['AP'])
    return precisions

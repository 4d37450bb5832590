"""Which prediction belongs to which annotated instance, and what became of the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..functional import OksPairs, match_pairs, oks_of_pairs
from .records import PoseRecords

# Similarity from which Ronchi and Perona, 2017, take a prediction for a poor one of an instance.
MATCH_OKS = 0.1


@dataclass
class Pairing:
    """Predictions and the instances that count.

    Predictions on ignored instances and, where they had to be matched, those past the best 20 of
    their image and category are in none of the groups.

    Attributes:
        gt: (M,) annotations that were found.
        dt: (M,) the prediction of each.
        oks: (M,) their similarity, NaN where the annotation has no area.
        background: Predictions that are similar to no annotation.
        duplicate: Predictions that are similar to an annotation that another one took.
        missed: Annotations that count and have no prediction.
    """

    gt: np.ndarray
    dt: np.ndarray
    oks: np.ndarray
    background: np.ndarray
    duplicate: np.ndarray
    missed: np.ndarray


def pair_poses(records: PoseRecords, pairs: OksPairs, oks: np.ndarray) -> Pairing:
    """The pairs by construction or, where there are none, by COCO's greedy matching at OKS 0.1.

    Args:
        records: What :func:`judged_records` returns.
        pairs: All predictions beside all annotations of their image.
        oks: (P,) the similarity of each.
    """
    if records.pairs is None:
        gt, dt, background, duplicate = _matched(records, pairs, oks)
    else:
        gt, dt, background, duplicate = _given(records)
    gts = records.gts
    similarity = oks_of_pairs(gts, records.dts.keypoints, gt, dt, records.sigmas)
    missed = ~gts.ignore
    missed[gt] = False
    return Pairing(
        gt=gt,
        dt=dt,
        oks=np.where(gts.areas[gt] > 0, similarity, np.nan),
        background=background,
        duplicate=duplicate,
        missed=np.flatnonzero(missed),
    )


def _matched(records: PoseRecords, pairs: OksPairs, oks: np.ndarray) -> tuple[np.ndarray, ...]:
    """The matched annotations and predictions, and the background and duplicate predictions."""
    matches = match_pairs(
        records.gts, records.dts, pairs, oks, np.array([MATCH_OKS]), [(0, np.inf)]
    )
    gt = matches.gt_index[0, 0]
    counts = (gt >= 0) & ~matches.ignored[0, 0]
    similar = np.zeros(len(gt), bool)
    similar[pairs.dt[oks >= MATCH_OKS]] = True
    background, duplicate = (gt < 0) & ~similar, (gt < 0) & similar
    dt = pairs.detections
    return gt[counts], dt[counts], dt[background], dt[duplicate]


def _given(records: PoseRecords) -> tuple[np.ndarray, ...]:
    """The same by construction; of several predictions for one annotation the surest counts."""
    dt = np.flatnonzero(~records.gts.ignore[records.pairs])
    dt = dt[np.argsort(-records.dts.scores[dt], kind='stable')]
    gt, first = np.unique(records.pairs[dt], return_index=True)
    return gt, dt[first], dt[:0], np.delete(dt, first)

"""The kind of error of each predicted keypoint, and predictions with errors put right.

Ronchi and Perona, 2017, `Benchmarking and Error Diagnosis in Multi-Instance Pose Estimation
<https://arxiv.org/abs/1707.05388>`_. The similarity of a predicted keypoint to a label is
``exp(-d**2 / (2 * area * (2 * sigma)**2))`` with the sigma of the label's keypoint and the area of
the label's person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .pairing import Pairing
from .pictures import Neighbours
from .records import PoseRecords

ERRORS = ('jitter', 'inversion', 'swap', 'miss')
KINDS = ('good', *ERRORS)
GOOD, JITTER, INVERSION, SWAP, MISS = range(len(KINDS))
UNJUDGED = -1

GOOD_FROM, NEAR_FROM = 0.85, 0.5  # similarities


@dataclass
class KeypointErrors:
    """What became of the K keypoints of M instances that were found.

    Attributes:
        gt: (M,) the annotations.
        dt: (M,) their predictions.
        kinds: (M, K) index into :data:`KINDS`; -1 where there is no label or no area.
        distances: (M, K) pixels from the label, NaN where there is none.
        relative: (M, K) the same in longer sides of the annotated box, NaN where it has none.
        mended: (M, K, 2) pixels, where a keypoint would be without its error.
    """

    gt: np.ndarray
    dt: np.ndarray
    kinds: np.ndarray
    distances: np.ndarray
    relative: np.ndarray
    mended: np.ndarray

    def counts(self) -> np.ndarray:
        """(M, 5) how many keypoints of each instance are of each kind."""
        return np.stack([(self.kinds == kind).sum(1) for kind in range(len(KINDS))], axis=1)


def find_errors(records: PoseRecords, pairing: Pairing) -> KeypointErrors:
    """The kinds of error of all keypoints of the instances that were found.

    A keypoint is good at a similarity of 0.85 or more to its own label, a jitter at 0.5 or more.
    Below that it is an inversion where it has 0.5 or more to the mirrored label of its own person,
    a swap where it has that to the same or mirrored label of another person in the picture (of
    both the one with the higher similarity), else a miss.

    Args:
        records: What :func:`judged_records` returns.
        pairing: Their pairs.
    """
    gts, gt = records.gts, pairing.gt
    points, labels = records.dts.keypoints[pairing.dt], gts.keypoints[gt, :, :2]
    labelled = gts.keypoints[gt, :, 2] > 0
    judged = labelled & (gts.areas[gt] > 0)[:, None]
    spread = _spread(gts.areas[gt, None], records.sigmas)

    offsets = points - labels
    distances = np.hypot(offsets[..., 0], offsets[..., 1])
    own = _similarity(distances**2, spread, judged)
    kinds = np.select([~judged, own >= GOOD_FROM, own >= NEAR_FROM], [UNJUDGED, GOOD, JITTER], MISS)

    rows, columns = np.nonzero(kinds == MISS)
    far = points[rows, columns]
    kinds[rows, columns], others = _confusions(records, gt[rows], columns, far)
    mended = labels + offsets * _shrinking(kinds, distances, spread)[..., None]
    confused = kinds[rows, columns] != MISS
    shift = labels[rows, columns] - others
    mended[rows[confused], columns[confused]] = (far + shift)[confused]
    side = gts.bboxes[gt, 2:].max(1, initial=0)[:, None]
    distances[~labelled] = np.nan
    return KeypointErrors(
        gt=gt,
        dt=pairing.dt,
        kinds=kinds.astype(np.int8),
        distances=distances,
        relative=np.divide(distances, side, out=np.full_like(distances, np.nan), where=side > 0),
        mended=mended,
    )


def mend(keypoints: np.ndarray, errors: KeypointErrors, kinds: Sequence[str]) -> np.ndarray:
    """Predictions (D, K, 2) in which the errors of some kinds are put right.

    Jitter goes towards the label to where its similarity is 0.85, a miss to where it is 0.5; the
    keypoint of an inversion or swap gets the offset to its own label that it has to the other one.

    Args:
        keypoints: (D, K, 2) pixels; they stay as they are.
        errors: Those of the predictions.
        kinds: Some of :data:`ERRORS`.
    """
    rows, columns = np.nonzero(np.isin(errors.kinds, [KINDS.index(kind) for kind in kinds]))
    keypoints = keypoints.copy()
    keypoints[errors.dt[rows], columns] = errors.mended[rows, columns]
    return keypoints


def _confusions(
    records: PoseRecords, gt: np.ndarray, columns: np.ndarray, points: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What E points (E, 2) far from their label are taken for: kinds (E,) and labels (E, 2)."""
    own = _Confusion.to_mirrored(records, gt, columns, points)
    other = _Confusion.to_others(records, gt, columns, points)
    swapped = other.similarity > own.similarity
    near = np.maximum(own.similarity, other.similarity) >= NEAR_FROM
    kinds = np.select([~near, swapped], [MISS, SWAP], INVERSION)
    return kinds, np.where(swapped[:, None], other.labels, own.labels)


@dataclass
class _Confusion:
    """The label of another keypoint that each of E keypoints is most similar to.

    Attributes:
        similarity: (E,) 0 where there is no such label.
        labels: (E, 2) pixels.
    """

    similarity: np.ndarray
    labels: np.ndarray

    @classmethod
    def to_mirrored(
        cls, records: PoseRecords, gt: np.ndarray, columns: np.ndarray, points: np.ndarray
    ) -> _Confusion:
        """With the mirrored keypoint of the same person."""
        mirrored = records.flip_indices[columns]
        similarity, labels = _to_labels(records, gt, mirrored, points)
        return cls(np.where(mirrored != columns, similarity, 0), labels)

    @classmethod
    def to_others(
        cls, records: PoseRecords, gt: np.ndarray, columns: np.ndarray, points: np.ndarray
    ) -> _Confusion:
        """With the same or the mirrored keypoint of another person in the picture."""
        best = cls(np.zeros(len(gt)), np.zeros((len(gt), 2)))
        for entry, other in Neighbours(records.gts).pairs(gt):
            last = np.flatnonzero(np.diff(entry, append=-1))
            for keypoints in (columns, records.flip_indices[columns]):
                similarity, labels = _to_labels(records, other, keypoints[entry], points[entry])
                highest = np.lexsort((similarity, entry))[last]
                better = highest[similarity[highest] > best.similarity[entry[highest]]]
                best.similarity[entry[better]] = similarity[better]
                best.labels[entry[better]] = labels[better]
        return best


def _to_labels(
    records: PoseRecords, gt: np.ndarray, columns: np.ndarray, points: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Similarity (E,) of points (E, 2) to the labels of some keypoints, and these labels (E, 2)."""
    labels = records.gts.keypoints[gt, columns]
    exists = (labels[:, 2] > 0) & (records.gts.areas[gt] > 0)
    squared = ((points - labels[:, :2]) ** 2).sum(1)
    spread = _spread(records.gts.areas[gt], records.sigmas[columns])
    return _similarity(squared, spread, exists), labels[:, :2]


def _spread(areas: np.ndarray, sigmas: np.ndarray) -> np.ndarray:
    """The squared distance at which the similarity is 1 / e."""
    return 2 * areas * (2 * sigmas) ** 2


def _similarity(squared: np.ndarray, spread: np.ndarray, exists: np.ndarray) -> np.ndarray:
    """The similarity at squared distances from labels; 0 from those that do not exist."""
    return np.where(exists, np.exp(-squared / np.where(exists, spread, 1)), 0)


def _shrinking(kinds: np.ndarray, distances: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """The factors that bring the distances of jitter and misses to the next better similarity."""
    limits = np.select([kinds == JITTER, kinds == MISS], [GOOD_FROM, NEAR_FROM], 1)
    # a trace inside the ring, so that rounding does not undo what was mended: similarities of 0.5
    # and 0.85 are thresholds of the average precision, too
    radius = np.sqrt(-np.log(limits) * spread) * (1 - 1e-9)
    return np.divide(radius, distances, out=np.ones_like(distances), where=limits < 1)

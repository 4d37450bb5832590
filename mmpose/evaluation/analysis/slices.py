"""The numbers by the size of instances and by how close people are."""

from __future__ import annotations

import numpy as np

from ..functional import KeypointGroundTruth, OksPairs, match_pairs
from ..functional.average_precision import EASY_BELOW, HARD_FROM
from ..functional.oks import AREA_RANGES
from .error_kinds import KeypointErrors
from .measures import average, keypoint_measures
from .pictures import Neighbours
from .records import PoseRecords

_MEDIUM_FROM, _MEDIUM_TO = AREA_RANGES[1]
# square pixels, both limits included; every area is in one range only
SIZES = {
    'small': (0.0, np.nextafter(_MEDIUM_FROM, 0)),
    'medium': (_MEDIUM_FROM, _MEDIUM_TO),
    'large': (np.nextafter(_MEDIUM_TO, np.inf), np.inf),
}
# largest IoU of the boxes of two people in the picture
CLOSE_FROM, OVERLAPPING_FROM = 0.1, 0.3


def slices_by_size(
    records: PoseRecords, pairs: OksPairs, oks: np.ndarray, errors: KeypointErrors, pck_thr: float
) -> list[dict]:
    """The numbers of small, medium and large instances by their area.

    Args:
        records: What :func:`judged_records` returns.
        pairs: All predictions beside all annotations of their image.
        oks: (P,) the similarity of each.
        errors: Those of the instances that were found.
        pck_thr: See :func:`keypoint_measures`.
    """
    gts = records.gts
    matches = match_pairs(gts, records.dts, pairs, oks, area_ranges=list(SIZES.values()))
    members = [(low <= gts.areas) & (gts.areas <= high) for low, high in SIZES.values()]
    return [
        _slice(name, gts, inside, numbers, errors, pck_thr)
        for name, inside, numbers in zip(SIZES, members, average(matches), strict=True)
    ]


def slices_by_crowd(
    records: PoseRecords, pairs: OksPairs, oks: np.ndarray, errors: KeypointErrors, pck_thr: float
) -> list[dict]:
    """The numbers of images by crowd index, or by how much people's boxes overlap.

    Crowd indices count where all images have one; else an image goes by the largest
    intersection over union (IoU) of the boxes of two instances that count.

    Args:
        records: As for :func:`slices_by_size`.
        pairs: As for :func:`slices_by_size`.
        oks: As for :func:`slices_by_size`.
        errors: As for :func:`slices_by_size`.
        pck_thr: As for :func:`slices_by_size`.
    """
    gts = records.gts
    matches = match_pairs(gts, records.dts, pairs, oks, area_ranges=AREA_RANGES[:1])
    slices = []
    for name, image_ids in _images_by_crowd(records).items():
        numbers = average(matches, image_ids)[0]
        inside = np.isin(gts.image_ids, image_ids)
        slices.append(_slice(name, gts, inside, numbers, errors, pck_thr))
    return slices


def _slice(
    name: str,
    gts: KeypointGroundTruth,
    inside: np.ndarray,
    numbers: dict[str, float | None],
    errors: KeypointErrors,
    pck_thr: float,
) -> dict:
    """The numbers of a slice of annotations; ``inside`` is (G,) boolean."""
    return dict(
        name=name,
        instances=int((inside & ~gts.ignore).sum()),
        **numbers,
        **keypoint_measures(errors, inside[errors.gt], pck_thr),
    )


def _images_by_crowd(records: PoseRecords) -> dict[str, np.ndarray]:
    """By the name of a level the ids of its images."""
    crowd = records.crowd_index
    if len(crowd) and np.isfinite(crowd).all():
        easy, hard = crowd < EASY_BELOW, crowd >= HARD_FROM
        levels = {'easy': easy, 'medium': ~easy & ~hard, 'hard': hard}
        return {name: records.image_ids[inside] for name, inside in levels.items()}
    gts = records.gts
    neighbours = Neighbours(gts)
    alone = ~gts.ignore & (neighbours.per_instance == 1)
    together = ~gts.ignore & (neighbours.per_instance > 1)
    overlap = _largest_overlap(gts, neighbours)
    levels = {
        'alone': alone,
        'apart': together & (overlap < CLOSE_FROM),
        'close': together & (overlap >= CLOSE_FROM) & (overlap < OVERLAPPING_FROM),
        'overlapping': together & (overlap >= OVERLAPPING_FROM),
    }
    return {name: np.unique(gts.image_ids[inside]) for name, inside in levels.items()}


def _largest_overlap(gts: KeypointGroundTruth, neighbours: Neighbours) -> np.ndarray:
    """(G,) the largest IoU of the boxes of two instances in the picture of each annotation."""
    largest = np.zeros(neighbours.images.max(initial=-1) + 1)
    counting = np.flatnonzero(~gts.ignore)
    for entry, second in neighbours.pairs(counting):
        first = counting[entry]
        overlap = _iou(gts.bboxes[first], gts.bboxes[second])
        np.maximum.at(largest, neighbours.images[first], overlap)
    return largest[neighbours.images]


def _iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """IoU (P,) of boxes (P, 4) left, top, width, height; 0 where they have no extent."""
    corner = np.maximum(a[:, :2], b[:, :2])
    end = np.minimum(a[:, :2] + a[:, 2:], b[:, :2] + b[:, 2:])
    shared = (end - corner).clip(min=0).prod(1)
    union = a[:, 2:].prod(1) + b[:, 2:].prod(1) - shared
    return np.divide(shared, union, out=np.zeros_like(union), where=union > 0)

"""The predictions and annotations that are worth looking at first."""

from __future__ import annotations

from itertools import chain, zip_longest

import numpy as np

from .error_kinds import ERRORS, KeypointErrors
from .pairing import Pairing
from .records import PoseRecords


def worst_cases(
    records: PoseRecords, pairing: Pairing, errors: KeypointErrors, number: int = 24
) -> list[dict]:
    """The worst wrong pose, missed instance and background prediction, then the next of each.

    Wrong poses have a keypoint with an error and come by (1 - OKS) x score, missed instances by
    area, background predictions by score.

    Args:
        records: What :func:`judged_records` returns.
        pairing: Their pairs.
        errors: Those of the pairs.
        number: How many cases at most.

    Returns:
        Of each ``image_id``, ``image_path``, ``instance`` and ``detection`` (indices or
        ``None``), ``oks`` (0 if there is no pair), ``kind`` ('wrong pose', 'missed' or
        'background'), and ``errors``, how many keypoints have each kind of error.
    """
    gts, dts = records.gts, records.dts
    counts = errors.counts()[:, 1:]
    cost = (1 - pairing.oks) * dts.scores[pairing.dt]
    wrong = _highest(cost, counts.any(1))[:number]
    missed = pairing.missed[_highest(gts.areas[pairing.missed])[:number]]
    background = pairing.background[_highest(dts.scores[pairing.background])[:number]]

    none = np.zeros(len(ERRORS), int)
    cases = zip_longest(
        [(pairing.gt[m], pairing.dt[m], pairing.oks[m], 'wrong pose', counts[m]) for m in wrong],
        [(gt, None, 0, 'missed', none) for gt in missed],
        [(None, dt, 0, 'background', none) for dt in background],
    )
    in_turn = [case for case in chain.from_iterable(cases) if case is not None]
    paths = dict(zip(records.image_ids.tolist(), records.image_paths, strict=True))
    return [_described(records, paths, *case) for case in in_turn[:number]]


def _highest(cost: np.ndarray, eligible: np.ndarray | None = None) -> np.ndarray:
    """Indices of the highest that are eligible, falling; of all if ``None``."""
    order = np.argsort(-cost, kind='stable')
    return order if eligible is None else order[eligible[order]]


def _described(
    records: PoseRecords,
    paths: dict,
    gt: int | None,
    dt: int | None,
    oks: float,
    kind: str,
    counts: np.ndarray,
) -> dict:
    ids = records.dts.image_ids[dt] if gt is None else records.gts.image_ids[gt]
    image_id = ids.item()
    return dict(
        image_id=image_id,
        image_path=paths[image_id],
        instance=None if gt is None else int(gt),
        detection=None if dt is None else int(dt),
        oks=float(oks),
        kind=kind,
        errors=dict(zip(ERRORS, counts.tolist(), strict=True)),
    )

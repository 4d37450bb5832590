"""The analysis of a set of predictions as one nested dictionary."""

from __future__ import annotations

import numpy as np

from ..functional import OksPairs, coco_stats, match_pairs, oks_of_pairs, pairs_to_match
from ..functional.oks import AREA_RANGES
from .calibration import calibration
from .error_kinds import ERRORS, JITTER, KeypointErrors, find_errors, mend
from .judging import judged_keypoints, judged_records
from .measures import average, keypoint_average_precision, keypoint_measures, kind_shares, known
from .pairing import Pairing, pair_poses
from .records import PoseRecords
from .slices import slices_by_crowd, slices_by_size
from .worst import worst_cases


def analyse(records: PoseRecords, pck_thr: float = 0.05, num_worst: int = 24) -> dict:
    """What a set of predictions is worth, where it errs, and how far its scores can be trusted.

    Predictions belong to annotated instances by ``records.pairs``, else by COCO's greedy matching
    at an OKS of 0.1. Average precision (AP) and recall (AR) always are COCO's. Instances of a
    crowd and ignored ones count for nothing, and neither do predictions on them. The similarity
    of a keypoint and the kinds of error are defined in :func:`find_errors`.

    Args:
        records: Annotations and predictions; they stay as they are. Without sigmas 0.05 is
            assumed for every keypoint; keypoints with a sigma of 0 are not judged.
        pck_thr: Distance, in longer sides of the annotated box, below which a keypoint is right.
        num_worst: How many of the worst cases to list at most.

    Returns:
        Strings, numbers, lists and dictionaries only; ``None`` where there is nothing to measure.

        - ``dataset``, ``sigmas_assumed``, ``pck_thr``: what was analysed, and how.
        - ``images``, ``instances`` (those that count), ``detections`` (all): how many.
        - ``outcomes``: instances ``found`` and ``missed``; detections that are ``background``
          (OKS below 0.1 to everything) or a ``duplicate`` (similar to an instance already taken).
          The other detections lie on ignored instances or come after the best 20 of an image.
        - ``numbers``: ``AP``, ``AP .5``, ``AP .75``, ``AR``; ``PCK``, the share of labelled
          keypoints of found instances that are right; ``median_error``, the median of their
          distances from the label in pixels.
        - ``keypoints``: of each keypoint ``name``; ``labelled``, in how many instances that count;
          ``matched``, in how many of these that were found and have an area, so that it can be
          judged; ``AP`` as if instances consisted of it alone; ``PCK`` and ``median_error``; the
          shares ``good``, ``jitter``, ``inversion``, ``swap`` and ``miss`` of those matched.
        - ``errors``: ``keypoints``, all that are matched; ``share``, the kinds of error among
          them; ``AP_if_mended``, the AP if all errors of a kind, or ``all``, were put right as
          :func:`mend` does.
        - ``calibration``: see :func:`calibration`; ``pose``, scores of detections against the OKS
          they reach, 0 if they are background or duplicates; ``keypoint``, scores of matched
          keypoints against the share with a similarity of 0.5 or more.
        - ``slices``: the numbers by ``size`` and by ``crowd``; see :func:`slices_by_size` and
          :func:`slices_by_crowd`.
        - ``worst``: see :func:`worst_cases`.

    Raises:
        ValueError: ``pck_thr`` is not above 0.
    """
    if not 0 < pck_thr < np.inf:
        raise ValueError(
            f'pck_thr is {pck_thr}; expected a share of the box above 0, such as 0.05.'
        )
    judged = judged_records(records)
    gts, dts = judged.gts, judged.dts
    pairs = pairs_to_match(gts, dts)
    oks = _similarities(judged, pairs, dts.keypoints)
    pairing = pair_poses(judged, pairs, oks)
    errors = find_errors(judged, pairing)
    stats = coco_stats(match_pairs(gts, dts, pairs, oks))
    return dict(
        dataset=str(records.dataset_name),
        sigmas_assumed=records.sigmas_assumed,
        pck_thr=float(pck_thr),
        images=len(records.image_ids),
        instances=int((~gts.ignore).sum()),
        detections=len(dts.scores),
        outcomes=dict(
            found=len(pairing.gt),
            missed=len(pairing.missed),
            background=len(pairing.background),
            duplicate=len(pairing.duplicate),
        ),
        numbers=_numbers(stats, errors, pck_thr),
        keypoints=_keypoints(records, judged, errors, pck_thr),
        errors=dict(
            keypoints=int((errors.kinds >= 0).sum()),
            share=kind_shares(errors.kinds),
            AP_if_mended=_precision_if_mended(judged, pairs, errors),
        ),
        calibration=dict(
            pose=_pose_calibration(judged, pairing),
            keypoint=_keypoint_calibration(judged, errors),
        ),
        slices=dict(
            size=slices_by_size(judged, pairs, oks, errors, pck_thr),
            crowd=slices_by_crowd(judged, pairs, oks, errors, pck_thr),
        ),
        worst=worst_cases(judged, pairing, errors, num_worst),
    )


def _similarities(judged: PoseRecords, pairs: OksPairs, keypoints: np.ndarray) -> np.ndarray:
    """The OKS (P,) of pairs when the predictions have keypoints (D, K, 2)."""
    dt_index = pairs.detections[pairs.dt]
    return oks_of_pairs(judged.gts, keypoints, pairs.gt, dt_index, judged.sigmas)


def _numbers(
    stats: dict[str, float], errors: KeypointErrors, pck_thr: float
) -> dict[str, float | None]:
    """The numbers over everything."""
    measures = keypoint_measures(errors, slice(None), pck_thr)
    precisions = {name: known(stats[name]) for name in ('AP', 'AP .5', 'AP .75', 'AR')}
    return precisions | {name: measures[name] for name in ('PCK', 'median_error')}


def _keypoints(
    records: PoseRecords, judged: PoseRecords, errors: KeypointErrors, pck_thr: float
) -> list[dict]:
    """The numbers of each keypoint, of those too that are not judged."""
    gts = judged.gts
    labelled = (gts.keypoints[~gts.ignore, :, 2] > 0).sum(0).tolist()
    matched = (errors.kinds >= 0).sum(0).tolist()
    precisions = keypoint_average_precision(gts, judged.dts, judged.sigmas)
    place = {k: column for column, k in enumerate(judged_keypoints(records).tolist())}
    rows = []
    for k, name in enumerate(records.keypoint_names):
        column = place.get(k)
        judged_as = slice(0) if column is None else column
        row = dict(
            name=name,
            labelled=0 if column is None else labelled[column],
            matched=0 if column is None else matched[column],
            AP=None if column is None else precisions[column],
        )
        rows.append(row | keypoint_measures(errors, (slice(None), judged_as), pck_thr))
    return rows


def _precision_if_mended(
    judged: PoseRecords, pairs: OksPairs, errors: KeypointErrors
) -> dict[str, float | None]:
    """The AP if the errors of each kind, and of all, were put right."""
    precisions = {}
    for name, kinds in {**{kind: [kind] for kind in ERRORS}, 'all': ERRORS}.items():
        oks = _similarities(judged, pairs, mend(judged.dts.keypoints, errors, kinds))
        matches = match_pairs(judged.gts, judged.dts, pairs, oks, area_ranges=AREA_RANGES[:1])
        precisions[name] = average(matches)[0]['AP']
    return precisions


def _pose_calibration(judged: PoseRecords, pairing: Pairing) -> dict:
    """Scores of detections against the similarity that they reach."""
    measured = ~np.isnan(pairing.oks)
    apart = np.concatenate([pairing.background, pairing.duplicate])
    quality = np.concatenate([pairing.oks[measured], np.zeros(len(apart))])
    return calibration(judged.dts.scores[np.concatenate([pairing.dt[measured], apart])], quality)


def _keypoint_calibration(judged: PoseRecords, errors: KeypointErrors) -> dict:
    """Scores of keypoints against whether they are near their label."""
    matched = errors.kinds >= 0
    near = errors.kinds[matched] <= JITTER  # good or jitter: a similarity of 0.5 or more
    return calibration(judged.keypoint_scores[errors.dt][matched], near.astype(float))

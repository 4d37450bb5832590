"""Average precision and recall of matched detections, by COCO's protocol and by CrowdPose's."""

from __future__ import annotations

import numpy as np

from .oks import OksMatches

RECALL_THRESHOLDS = np.linspace(0, 1, 101)
# The levels of Li et al., 2019, `CrowdPose <https://arxiv.org/abs/1812.00324>`_. The paper names
# 0.1 for the easy ones; the evaluation that the published numbers come from parts them at 0.2.
EASY_BELOW, HARD_FROM = 0.2, 0.8


def precision_recall(
    matches: OksMatches, image_ids: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Precision (T, R, C, A) at R = 101 recalls, and the highest recall (T, C, A).

    A category and size range without ground truth has -1 throughout.

    Args:
        matches: The outcome of :func:`match_by_oks`.
        image_ids: The images to look at; ``None`` means all.
    """
    A, T, _ = matches.matched.shape
    C, R = matches.num_categories, len(RECALL_THRESHOLDS)
    precision, recall = np.full((T, R, C, A), -1.0), np.full((T, C, A), -1.0)
    in_dt, in_gt = True, True
    if image_ids is not None:
        in_dt = np.isin(matches.image_ids, image_ids)
        in_gt = np.isin(matches.gt_image_ids, image_ids)

    for c in range(C):
        wanted = matches.gt_ignored[:, in_gt & (matches.gt_categories == c)]
        positives = np.count_nonzero(~wanted, axis=1)
        dt = np.flatnonzero(in_dt & (matches.categories == c))
        dt = dt[np.argsort(-matches.scores[dt], kind='stable')]
        hits, ignored = matches.matched[..., dt], matches.ignored[..., dt]
        true = np.cumsum(hits & ~ignored, axis=-1, dtype=np.int32)
        counted = np.cumsum(~ignored, axis=-1, dtype=np.int32)
        envelope = true / (counted + np.spacing(1))
        envelope = np.maximum.accumulate(envelope[..., ::-1], axis=-1)[..., ::-1]
        for a in np.flatnonzero(positives):
            recalls = true[a] / positives[a]
            recall[:, c, a] = recalls[:, -1] if len(dt) else 0
            for t in range(T):
                reached = np.searchsorted(recalls[t], RECALL_THRESHOLDS)
                within = reached < len(dt)
                precision[t, :, c, a] = 0
                precision[t, within, c, a] = envelope[a, t, reached[within]]
    return precision, recall


def coco_stats(matches: OksMatches) -> dict[str, float]:
    """The ten COCO keypoint numbers, -1 where there is no ground truth.

    Args:
        matches: The outcome of :func:`match_by_oks` with the default thresholds and ranges.

    Returns:
        Average precision and recall over the thresholds, at 0.5 and 0.75, and for medium and
        large instances: ``AP``, ``AP .5``, ``AP .75``, ``AP (M)``, ``AP (L)``, and ``AR`` alike.
    """
    stats = {}
    for name, values in zip(('AP', 'AR'), precision_recall(matches), strict=True):
        stats |= _by_threshold(name, values)
        stats[f'{name} (M)'] = _mean_valid(values[..., 1])
        stats[f'{name} (L)'] = _mean_valid(values[..., 2])
    return stats


def crowd_stats(
    matches: OksMatches, image_ids: np.ndarray, crowd_index: np.ndarray
) -> dict[str, float]:
    """The nine CrowdPose numbers, -1 where there is no ground truth.

    Args:
        matches: The outcome of :func:`match_by_oks`.
        image_ids: (I,) all images.
        crowd_index: (I,) crowd index of each image, 0 to 1.

    Returns:
        Average precision and recall over the thresholds, at 0.5 and 0.75, and the precision on
        images of easy, medium and hard crowds: ``AP(E)``, ``AP(M)``, ``AP(H)``.
    """
    stats = {}
    for name, values in zip(('AP', 'AR'), precision_recall(matches), strict=True):
        stats |= _by_threshold(name, values)
    easy, hard = crowd_index < EASY_BELOW, crowd_index >= HARD_FROM
    for level, selected in (('E', easy), ('M', ~easy & ~hard), ('H', hard)):
        precision, _ = precision_recall(matches, image_ids[selected])
        stats[f'AP({level})'] = _mean_valid(precision[..., 0])
    return stats


def _by_threshold(name: str, values: np.ndarray) -> dict[str, float]:
    """The means over all thresholds, at 0.5 and at 0.75, of values (T, ..., A)."""
    values = values[..., 0]
    return {
        name: _mean_valid(values),
        f'{name} .5': _mean_valid(values[0]),
        f'{name} .75': _mean_valid(values[5]),
    }


def _mean_valid(values: np.ndarray) -> float:
    """The mean of the entries above -1; -1 if there are none."""
    values = values[values > -1]
    return float(values.mean()) if values.size else -1.0

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
        matched, counts = matches.matched[..., dt], ~matches.ignored[..., dt]
        for a in np.flatnonzero(positives):
            for t in range(T):
                recall[t, c, a], precision[t, :, c, a] = _curve(
                    matched[a, t], counts[a, t], positives[a]
                )
    return precision, recall


def _curve(matched: np.ndarray, counts: np.ndarray, positives: int) -> tuple[float, np.ndarray]:
    """The highest recall, and the precision (R,) at each of the R recalls.

    Recall rises, and the precision of all detections up to one can be highest, only where a
    detection is right; so the others need not be looked at.

    Args:
        matched: (D,) boolean, by falling score, the detection took a ground truth.
        counts: (D,) boolean, it is not ignored.
        positives: How many ground truths there are to find.
    """
    right = np.flatnonzero(matched & counts)
    found = np.arange(1, len(right) + 1)
    precision = found / (np.cumsum(counts, dtype=np.int32)[right] + np.spacing(1))
    envelope = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0)
    reached = np.searchsorted(found / positives, RECALL_THRESHOLDS)
    return len(right) / positives, envelope[reached]


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

"""How well scores tell what a prediction is worth."""

from __future__ import annotations

import numpy as np

from .measures import mean

NUM_BINS = 10


def calibration(scores: np.ndarray, quality: np.ndarray) -> dict:
    """Scores beside what they promise, in equal bins of the score from 0 to 1.

    Guo et al., 2017, `On Calibration of Modern Neural Networks
    <https://arxiv.org/abs/1706.04599>`_.

    Args:
        scores: (N,) scores; where the largest is above 1 they are divided by it, and those below
            0 count as 0.
        quality: (N,) what they promise, 0 to 1.

    Returns:
        ``bins`` of ``low``, ``high``, ``count`` and the means of ``score`` and ``quality``; a
        score on the border of two bins is in the upper one. ``ece``, the expected calibration
        error: the mean over all of how far the mean score of their bin is from its mean quality.
        ``correlation``, Pearson's, of scores and quality; ``None`` where either is constant.
    """
    scores = np.clip(scores / max(1, scores.max(initial=0)), 0, 1)
    edges = np.arange(NUM_BINS + 1) / NUM_BINS
    place = np.minimum(np.searchsorted(edges, scores, side='right') - 1, NUM_BINS - 1)
    bins = []
    for i in range(NUM_BINS):
        inside = place == i
        bins.append(
            dict(
                low=float(edges[i]),
                high=float(edges[i + 1]),
                count=int(inside.sum()),
                score=mean(scores[inside]),
                quality=mean(quality[inside]),
            )
        )
    gaps = [b['count'] * abs(b['score'] - b['quality']) for b in bins if b['count']]
    return dict(
        bins=bins,
        ece=sum(gaps) / len(scores) if gaps else None,
        correlation=_correlation(scores, quality),
    )


def _correlation(a: np.ndarray, b: np.ndarray) -> float | None:
    if len(a) == 0 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    return float(np.corrcoef(a, b)[0, 1])

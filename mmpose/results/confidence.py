"""Scores of any codec on one scale."""

from __future__ import annotations

from typing import Any

import numpy as np

# the codecs whose scores for no and for a clear answer are not 0 and the peak of their target
_RANGES = dict(MegviiHeatmap=(0.5, 1.5))


def keypoint_confidence(
    scores: np.ndarray, score_range: tuple[float, float] = (0.0, 1.0)
) -> np.ndarray:
    """Scores as float32 from 0 to 1: ``score_range`` stretched to that, and what lies outside cut.

    A higher score never gets a lower confidence. It is no probability of being right: how the two
    compare depends on the model, and ``mmpose report`` shows it for a data set.

    Args:
        scores: Of any shape, as a codec gives them; NaN has confidence 0.
        score_range: The scores whose confidence is 0 and 1.

    Raises:
        ValueError: ``score_range`` is not two rising numbers.
    """
    low, high = score_range
    if not low < high:
        raise ValueError(f'score_range is {score_range!r}; give the lower score first: (0, 1).')
    scores = np.asarray(scores, dtype=np.float32)
    if (low, high) != (0, 1):
        scores = (scores - np.float32(low)) / np.float32(high - low)
    return np.nan_to_num(scores.clip(0, 1), copy=False)


def score_range_of(codec: Any) -> tuple[float, float]:
    """The scores of a codec that :func:`keypoint_confidence` maps to 0 and 1.

    Args:
        codec: Such as ``model.head.decoder``; ``None`` is a codec like most.
    """
    return _RANGES.get(type(codec).__name__, (0.0, float(getattr(codec, 'max_bound', 1))))

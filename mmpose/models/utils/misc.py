"""Choosing among scored boxes."""

from __future__ import annotations

from typing import TypeVar

from torch import Tensor

Results = TypeVar('Results', dict, list, Tensor, None)


def filter_scores_and_topk(
    scores: Tensor, score_thr: float, topk: int, results: Results = None
) -> tuple[Tensor, Tensor, Tensor, Results]:
    """The best scores above a threshold, from the highest down.

    Args:
        scores: (N, C) score of each box for each class.
        score_thr: What a score must exceed.
        topk: Most scores to keep.
        results: Tensors with N rows in a dict or a list, or one such tensor, whose rows are
            chosen alike. ``None`` for none.

    Returns:
        The scores (M,), their classes (M,), their boxes (M,), and ``results`` with M rows.

    Raises:
        TypeError: ``results`` is something else.

    Example:
        >>> filter_scores_and_topk(torch.tensor([[0.1, 0.9], [0.6, 0.2]]), 0.15, topk=2)
        (tensor([0.9000, 0.6000]), tensor([1, 0]), tensor([0, 1]), None)
    """
    above = scores > score_thr
    places = above.nonzero()
    scores, order = scores[above].sort(descending=True, stable=True)
    keep, labels = places[order[:topk]].unbind(1)
    return scores[:topk], labels, keep, _rows(results, keep)


def _rows(results: Results, keep: Tensor) -> Results:
    if results is None:
        return None
    if isinstance(results, Tensor):
        return results[keep]
    if isinstance(results, dict):
        return {name: value[keep] for name, value in results.items()}
    if isinstance(results, list):
        return [value[keep] for value in results]
    raise TypeError(
        f'results is a {type(results).__name__}; give a tensor, a dict or a list of tensors.'
    )

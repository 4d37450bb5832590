import pytest
import torch

from mmpose.models.utils import filter_scores_and_topk

SCORES = torch.tensor([[0.1, 0.9], [0.6, 0.2], [0.9, 0.0]])


def test_best_scores_above_the_threshold():
    scores, labels, keep, results = filter_scores_and_topk(SCORES, 0.15, topk=3)
    torch.testing.assert_close(scores, torch.tensor([0.9, 0.9, 0.6]))
    assert labels.tolist() == [1, 0, 0]  # equal scores keep their order
    assert keep.tolist() == [0, 2, 1]
    assert results is None


def test_threshold_is_exceeded_and_fewer_than_topk():
    scores, labels, keep, _ = filter_scores_and_topk(SCORES, 0.6, topk=10)
    assert len(scores) == 2
    assert keep.tolist() == [0, 2]
    assert labels.tolist() == [1, 0]


def test_nothing_left():
    outputs = filter_scores_and_topk(SCORES, 1.0, topk=10, results=torch.zeros(3, 4))
    assert [tuple(x.shape) for x in outputs] == [(0,), (0,), (0,), (0, 4)]


def test_results_follow():
    boxes = torch.arange(3)
    for results, expected in (
        (boxes, [0, 2]),
        (dict(boxes=boxes), dict(boxes=[0, 2])),
        ([boxes], [[0, 2]]),
    ):
        chosen = filter_scores_and_topk(SCORES, 0.15, 2, results)[3]
        if isinstance(chosen, dict):
            chosen = {name: value.tolist() for name, value in chosen.items()}
        else:
            chosen = [v.tolist() for v in chosen] if isinstance(chosen, list) else chosen.tolist()
        assert chosen == expected


def test_errors():
    with pytest.raises(TypeError, match='results is a tuple; give a tensor, a dict or a list'):
        filter_scores_and_topk(SCORES, 0.15, 2, (SCORES,))

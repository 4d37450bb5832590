"""Every family of heads learns: the loss of a small model falls."""

import pytest
import torch
from mmengine.logging import MessageHub

smoke = pytest.importorskip('train_smoke', reason='benchmarks/ is not part of this installation')


@pytest.fixture(autouse=True)
def outside_of_runs(monkeypatch):
    """The epoch that an earlier test left behind does not count."""
    hub = MessageHub('smoke')
    monkeypatch.setattr(MessageHub, 'get_current_instance', lambda: hub)


@pytest.mark.parametrize('dtype', [torch.float32, torch.bfloat16], ids=['float32', 'bfloat16'])
@pytest.mark.parametrize('family', smoke.FAMILIES.values(), ids=smoke.FAMILIES)
def test_the_loss_falls(family, dtype):
    result = smoke.train(family, steps=6, dtype=dtype)
    assert result.falls, result.losses


def test_results():
    result = smoke.Result([4.0, 2.0] + [3.0] * 17 + [1.0], 1.0)
    assert (result.first, result.last, result.finite, result.falls) == (3.0, 2.0, True, True)
    assert not smoke.Result([1.0, 2.0], 1.0).falls
    assert not smoke.Result([2.0, float('inf'), 1.0], 1.0).finite
    assert not smoke.Result([2.0, float('nan'), 1.0], 1.0).falls

"""Training with torch.compile, and without a compiler."""

import logging
from itertools import pairwise

import pytest
import torch

from mmpose.engine.compilation import compile_losses

LOGGER = logging.getLogger(__name__)


@pytest.fixture(autouse=True)
def fresh():
    """Graphs of earlier tests count for nothing."""
    torch._dynamo.reset()


def weights(runner):
    return {name: value.clone() for name, value in runner.model.state_dict().items()}


# 'eager' and 'aot_eager' trace as 'inductor' does, but need no C++ compiler
@pytest.mark.parametrize('backend', ['eager', 'aot_eager'])
def test_it_learns_the_same(toy_runner, tmp_path, backend):
    results = []
    for settings in (None, dict(backend=backend, fullgraph=True)):
        torch.manual_seed(0)
        runner = toy_runner(cfg=dict(compile=settings), work_dir=str(tmp_path / backend))
        runner.train()
        results.append(weights(runner))
    torch.testing.assert_close(*results)
    saved = torch.load(tmp_path / backend / 'epoch_2.pth', weights_only=False)
    assert set(saved['state_dict']) == {'linear.weight', 'linear.bias'}
    toy_runner(
        cfg=dict(compile=dict(backend=backend)),
        work_dir=str(tmp_path / backend), resume=True, max_epochs=3,
    ).train()  # fmt: skip


def test_predictions_are_not_compiled(toy_runner):
    model, calls = toy_runner().model, []
    compile_losses(model, dict(backend=lambda graph, _: calls.append(1) or graph.forward), LOGGER)
    sample = dict(inputs=torch.ones(1, 1), factor=torch.ones(1))
    model(**sample, mode='predict')
    assert not calls
    model(**sample, mode='loss')
    assert len(calls) == 1


def test_it_goes_on_without_a_compiler(toy_runner, caplog):
    def broken(graph, inputs):
        raise RuntimeError('no working C++ compiler')

    model = toy_runner().model
    compile_losses(model, dict(backend=broken), LOGGER)
    sample = dict(inputs=torch.ones(1, 1), factor=torch.ones(1))
    losses = [model(**sample, mode='loss')['loss_kpt'] for _ in range(2)]
    assert losses[0] == losses[1]
    (warning,) = [r.message for r in caplog.records if r.levelname == 'WARNING']
    assert 'it trains uncompiled' in warning
    assert 'no working C++ compiler' in warning
    assert 'g++' in warning


def test_settings(toy_runner):
    model = toy_runner().model
    plain = model.forward
    for settings in (None, False):
        compile_losses(model, settings, LOGGER)
        assert model.forward == plain
    with pytest.raises(TypeError, match="compile is 'fast'; expected True, False, or a dict"):
        compile_losses(model, 'fast', LOGGER)


@pytest.mark.slow
def test_a_pose_estimator(monkeypatch):
    """Compiled for real, forward and backward, and one graph only."""
    smoke = pytest.importorskip('train_smoke', reason='benchmarks/ are not part of this')
    import shutil

    if not any(shutil.which(name) for name in ('c++', 'g++', 'clang++')):
        pytest.skip('there is no C++ compiler')
    build = smoke.build

    def compiled(family):
        model = build(family)
        compile_losses(model, True, LOGGER)
        return model

    name, family = next(iter(smoke.FAMILIES.items()))
    plain = smoke.train(family, steps=3)
    monkeypatch.setattr(smoke, 'build', compiled)
    torch._dynamo.utils.counters.clear()
    result = smoke.train(family, steps=3)
    assert result.losses == pytest.approx(plain.losses, rel=1e-3), name
    assert not torch._dynamo.utils.counters['graph_break']
    assert all(later < sooner for sooner, later in pairwise(result.losses))

"""Averaged weights: which weights are validated, saved and tested."""

import pytest
import torch
from mmengine.evaluator import BaseMetric
from mmengine.hooks import EMAHook, Hook
from torch.utils.data import DataLoader


class Weights(Hook):
    """Notes the weight that predicts; after EMAHook, as its priority is lower."""

    def __init__(self):
        self.seen = []

    def before_val_iter(self, runner, batch_idx, data_batch=None):
        self.seen.append(runner.model.linear.weight.item())

    def before_test_iter(self, runner, batch_idx, data_batch=None):
        self.before_val_iter(runner, batch_idx)


class Nothing(BaseMetric):
    def process(self, data_batch, data_samples):
        self.results.append(0)

    def compute_metrics(self, results):
        return dict(nothing=0.0)


@pytest.fixture
def build(toy_runner, monkeypatch):
    from mmpose.utils import register_all_modules

    register_all_modules()
    data = [dict(inputs=torch.ones(1), factor=torch.ones(1))]

    def build(**kwargs):
        ema = dict(
            type='EMAHook', ema_type='ExpMomentumEMA', momentum=0.1, gamma=1, update_buffers=True,
            priority=49,
        )  # fmt: skip
        noted = Weights()
        evaluated = {}
        for stage in ('val', 'test'):
            evaluated |= {
                f'{stage}_dataloader': DataLoader(data),
                f'{stage}_evaluator': [Nothing()],
                f'{stage}_cfg': {},
            }
        runner = toy_runner(custom_hooks=[ema, noted], **evaluated, **kwargs)
        runner.model.forward = _predicting(runner.model)
        return runner, noted

    return build


def _predicting(model):
    plain = model.forward

    def forward(inputs, factor, mode='loss'):
        return [inputs] if mode == 'predict' else plain(inputs, factor, mode)

    return forward


def test_which_weights_are_where(build, tmp_path):
    runner, noted = build(max_epochs=2)
    hook = next(hook for hook in runner.hooks if isinstance(hook, EMAHook))
    runner.train()
    trained, averaged = (
        runner.model.linear.weight.item(),
        hook.ema_model.module.linear.weight.item(),
    )
    assert abs(trained - averaged) > 1e-3
    assert noted.seen[-1] == averaged  # validation used the average, and gave the weights back

    path = tmp_path / 'epoch_2.pth'
    saved = torch.load(path, weights_only=False)
    assert saved['state_dict']['linear.weight'].item() == averaged
    assert saved['ema_state_dict']['module.linear.weight'].item() == trained
    assert saved['ema_state_dict']['steps'].item() == 6

    # a test takes `state_dict`, with the hook and without
    runner, noted = build(load_from=str(path))
    runner.test()
    assert noted.seen == [averaged]
    runner._hooks = [hook for hook in runner._hooks if not isinstance(hook, EMAHook)]
    runner.load_checkpoint(str(path))
    assert runner.model.linear.weight.item() == averaged

    # a training that is resumed has both
    runner, noted = build(resume=True, max_epochs=2)
    runner.train()
    hook = next(hook for hook in runner.hooks if isinstance(hook, EMAHook))
    assert runner.model.linear.weight.item() == trained
    assert hook.ema_model.module.linear.weight.item() == averaged
    assert hook.ema_model.steps.item() == 6

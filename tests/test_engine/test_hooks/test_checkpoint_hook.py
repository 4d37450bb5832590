"""Checkpoints make room for others only when those are complete."""

import os

import pytest
import torch
from mmengine.hooks import Hook

from mmpose.engine.hooks import CheckpointHook


def files(folder):
    return sorted(name for name in os.listdir(folder) if name.endswith(('.pth', 'checkpoint')))


def test_the_old_one_goes_last(toy_runner, tmp_path, monkeypatch):
    seen = []
    remove = CheckpointHook._remove

    def watched(self, path):
        seen.append((files(tmp_path), (tmp_path / 'last_checkpoint').read_text()[-11:]))
        remove(self, path)

    monkeypatch.setattr(CheckpointHook, '_remove', watched)
    hook = dict(type='CheckpointHook', interval=1, max_keep_ckpts=1)
    toy_runner(max_epochs=3, default_hooks=dict(checkpoint=hook)).train()
    assert seen == [
        (['epoch_1.pth', 'epoch_2.pth', 'last_checkpoint'], 'epoch_2.pth'),
        (['epoch_2.pth', 'epoch_3.pth', 'last_checkpoint'], 'epoch_3.pth'),
    ]
    assert files(tmp_path) == ['epoch_3.pth', 'last_checkpoint']


def test_a_resumed_training_removes_what_a_killed_one_could_not(toy_runner, tmp_path, monkeypatch):
    def dies(*_):
        raise KeyboardInterrupt

    hook = dict(type='CheckpointHook', interval=1, max_keep_ckpts=1)
    runner = toy_runner(max_epochs=3, default_hooks=dict(checkpoint=hook))
    with monkeypatch.context() as patch:
        patch.setattr(CheckpointHook, '_remove', dies)
        with pytest.raises(KeyboardInterrupt):
            runner.train()
    assert files(tmp_path) == ['epoch_1.pth', 'epoch_2.pth', 'last_checkpoint']
    (tmp_path / 'last_checkpoint').write_text(str(tmp_path / 'epoch_1.pth'))  # not renamed in time
    toy_runner(max_epochs=3, resume=True, default_hooks=dict(checkpoint=hook)).train()
    assert files(tmp_path) == ['epoch_3.pth', 'last_checkpoint']


def test_the_best_one_too(toy_runner, tmp_path, monkeypatch):
    seen = []
    remove = CheckpointHook._remove

    def watched(self, path):
        seen.append([name for name in files(tmp_path) if 'best' in name])
        remove(self, path)

    monkeypatch.setattr(CheckpointHook, '_remove', watched)
    hook = dict(type='CheckpointHook', interval=1, save_best='score', rule='greater')
    runner = toy_runner(max_epochs=3, default_hooks=dict(checkpoint=hook, logger=None))
    runner.register_hook(Scores([1.0, 3.0, 2.0]), priority='LOWEST')
    runner.train()
    assert seen == [['best_score_epoch_1.pth', 'best_score_epoch_2.pth']]
    assert [name for name in files(tmp_path) if 'best' in name] == ['best_score_epoch_2.pth']


class Scores(Hook):
    """Makes believe that there is a validation after each epoch."""

    def __init__(self, scores):
        self.scores = iter(scores)

    def before_train_epoch(self, runner):
        self._validate(runner)

    def after_train(self, runner):
        self._validate(runner)

    def _validate(self, runner):
        if runner.epoch:
            runner.call_hook('after_val_epoch', metrics=dict(score=next(self.scores)))


def test_what_was_not_written_to_the_end_is_removed(toy_runner, tmp_path):
    for name in ('epoch_7.pth.part', 'last_checkpoint.part', 'other.part'):
        (tmp_path / name).touch()
    toy_runner(max_epochs=1).train()
    assert [name for name in os.listdir(tmp_path) if name.endswith('.part')] == ['other.part']


def test_only_the_last_can_be_resumed_exactly(toy_runner, tmp_path):
    toy_runner(max_epochs=1).train()
    state = torch.load(tmp_path / 'epoch_1.pth', weights_only=False)['train_state']
    assert (state['place'], state['validated'], len(state['processes'])) == (0, False, 1)

"""Checkpoints of the runner: resumed, fine-tuned from, refused, and written whole."""

import copy
import os
from pathlib import Path

import pytest
import torch
from mmengine.hooks import Hook
from torch import nn

from mmpose.engine import runner as runner_module
from mmpose.utils.checkpoint import CheckpointError, use_safe_loading


class StopsIn(Hook):
    """Ends the process, as far as the runner can tell, in the middle of an epoch."""

    def __init__(self, iteration):
        self.iteration = iteration

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        if runner.iter == self.iteration:
            raise KeyboardInterrupt


def test_resuming_continues_as_if_never_stopped(toy_runner, tmp_path):
    use_safe_loading()
    whole = toy_runner(max_epochs=4, work_dir=str(tmp_path / 'whole'))
    start = copy.deepcopy(whole.model)
    whole.train()

    with pytest.raises(KeyboardInterrupt):
        toy_runner(max_epochs=4, model=start, custom_hooks=[StopsIn(7)]).train()
    resumed = toy_runner(max_epochs=4, resume=True)
    resumed.train()

    assert (resumed.epoch, resumed.iter) == (4, 12)
    torch.testing.assert_close(resumed.model.state_dict(), whole.model.state_dict(), rtol=0, atol=0)
    # The learning rate and the history of losses went on too.
    assert resumed.optim_wrapper.get_lr() == whole.optim_wrapper.get_lr()
    losses, expected = (r.message_hub.get_scalar('train/loss').data[0] for r in (resumed, whole))
    assert losses.tolist() == expected.tolist()


def test_no_broken_file_when_writing_is_cut_short(toy_runner, tmp_path, monkeypatch):
    def dies(src, dst):
        raise KeyboardInterrupt  # stands for a kill after the bytes, before the name

    runner = toy_runner(max_epochs=1)
    monkeypatch.setattr(runner_module.os, 'replace', dies)
    with pytest.raises(KeyboardInterrupt):
        runner.train()
    assert not (tmp_path / 'epoch_1.pth').exists()
    assert not (tmp_path / 'last_checkpoint').exists()

    monkeypatch.undo()
    toy_runner(max_epochs=1).train()
    assert sorted(os.listdir(tmp_path))[-2:] == ['epoch_1.pth', 'last_checkpoint']


def saved(tmp_path, **weights):
    path = tmp_path / 'weights.pth'
    torch.save(dict(state_dict={k.replace('__', '.'): v for k, v in weights.items()}), path)
    return str(path)


def test_fine_tuning_may_start_from_another_head(toy_runner, tmp_path):
    load_from = saved(
        tmp_path, module__linear__weight=torch.ones(1, 1) * 5, linear__bias=torch.ones(3)
    )
    runner = toy_runner(load_from=load_from, max_epochs=1, factors=[0.0])
    runner.train()
    assert runner.model.linear.weight.item() == 5
    load_from = saved(tmp_path, unrelated=torch.ones(1))
    with pytest.raises(CheckpointError, match='0 of its 2 parameters'):
        toy_runner(load_from=load_from).train()


def test_testing_needs_the_same_head(toy_runner, tmp_path):
    load_from = saved(tmp_path, linear__weight=torch.ones(1, 1), linear__bias=torch.ones(3))
    with pytest.raises(CheckpointError, match=r'linear\.bias \(\[3\] but \[1\] in the model\)'):
        toy_runner().load_checkpoint(load_from)


def test_weights_alone_cannot_be_resumed_from(toy_runner, tmp_path):
    load_from = saved(tmp_path, linear__weight=torch.ones(1, 1), linear__bias=torch.ones(1))
    with pytest.raises(CheckpointError, match='no meta or message_hub, so there is no training'):
        toy_runner(load_from=load_from, resume=True).train()


def test_revised_keys(toy_runner, tmp_path):
    load_from = saved(tmp_path, net__weight=torch.ones(1, 1), net__bias=torch.ones(1))
    runner = toy_runner()
    runner.load_checkpoint(load_from, strict=True, revise_keys=[(r'^net\.', 'linear.')])
    assert runner.model.linear.weight.item() == 1


def test_batch_norm_counters_survive(toy_runner, tmp_path):
    model = nn.Sequential(nn.BatchNorm1d(2))
    weights = model.state_dict()
    revised = runner_module._revise(weights, [(r'^0\.', 'norm.')])
    assert revised._metadata is weights._metadata
    assert 'norm.num_batches_tracked' in revised


@pytest.mark.parametrize('launcher', ['slurm', 'mpi'])
def test_gloo_takes_ranks_from_the_launcher(launcher, monkeypatch):
    asked = []
    names = runner_module._LAUNCHER_VARIABLES[launcher]
    for name, value in zip(names.values(), '132', strict=True):
        monkeypatch.setenv(name, value)
    for name in (*names, 'MASTER_PORT'):
        monkeypatch.setenv(name, '')
    monkeypatch.delenv('MASTER_PORT')
    monkeypatch.setenv('MASTER_ADDR', 'node1')
    monkeypatch.setattr(
        runner_module.distributed,
        'init_process_group',
        lambda backend, timeout: asked.append((backend, timeout.total_seconds())),
    )
    runner_module._init_gloo(launcher, dict(backend='nccl', port=29511, timeout=60))
    assert asked == [('gloo', 60)]
    found = [os.environ[k] for k in ('RANK', 'WORLD_SIZE', 'LOCAL_RANK', 'MASTER_PORT')]
    assert found == ['1', '3', '2', '29511']
    monkeypatch.delenv('MASTER_PORT')


def test_console_is_spared_the_config(toy_runner, capfd):
    runner = toy_runner(log_level='INFO')
    runner.logger.info('the run begins')
    shown = ''.join(capfd.readouterr())
    assert 'the run begins' in shown
    log = next(Path(runner.log_dir).glob('*.log')).read_text()
    for told in ('System environment:', 'Hooks will be executed'):
        assert told in log
        assert told not in shown

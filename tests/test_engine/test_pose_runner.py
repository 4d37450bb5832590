"""Checkpoints of the runner: resumed, fine-tuned from, refused, and written whole."""

import copy
import logging
import os
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from mmengine.hooks import Hook
from torch import nn
from torch.utils.data import DataLoader

from mmpose.engine import runner as runner_module
from mmpose.utils.checkpoint import CheckpointError, use_safe_loading


class StopsIn(Hook):
    """Ends the process, as far as the runner can tell, in the middle of an epoch."""

    def __init__(self, iteration):
        self.iteration = iteration

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        if runner.iter == self.iteration:
            raise KeyboardInterrupt


class Notes(Hook):
    """Notes the epoch, the iteration, and the place in the epoch."""

    def __init__(self, places):
        self.places = places

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        self.places.append((runner.epoch, runner.iter, batch_idx))


class Factors(Hook):
    """Notes the factors of the losses."""

    def __init__(self, factors):
        self.factors = factors

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        self.factors.append(data_batch['factor'].item())


@contextmanager
def warnings_of(runner):
    """What the runner warns of in the meantime."""
    texts = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: texts.append(record.getMessage())
    runner.logger.addHandler(handler)
    yield texts
    runner.logger.removeHandler(handler)


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


def damage(path):
    path.write_bytes(path.read_bytes()[:-100])


def test_a_damaged_checkpoint_is_passed_over(toy_runner, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        toy_runner(max_epochs=3, custom_hooks=[StopsIn(8)]).train()
    damage(tmp_path / 'epoch_2.pth')
    (tmp_path / 'epoch_3.pth.part').touch()
    runner = toy_runner(max_epochs=3, resume=True)
    with warnings_of(runner) as warned:
        runner.train()
    assert (runner.epoch, runner.iter) == (3, 9)
    (text,) = [text for text in warned if 'taken instead' in text]
    assert text.startswith(f'{tmp_path}/epoch_2.pth is damaged or cut short (')
    assert text.endswith(f' {tmp_path}/epoch_1.pth is taken instead.')
    assert sorted(p.name for p in tmp_path.glob('epoch*')) == [f'epoch_{n}.pth' for n in (1, 2, 3)]
    torch.load(tmp_path / 'epoch_2.pth', weights_only=False)


def test_nothing_whole_to_resume_from(toy_runner, tmp_path):
    toy_runner(max_epochs=2).train()
    for number in (1, 2):
        damage(tmp_path / f'epoch_{number}.pth')
    message = rf'(?s)no checkpoint in {tmp_path} can be .*begin anew without --resume.*_2.*_1\.pth'
    with pytest.raises(CheckpointError, match=message):
        toy_runner(resume=True).train()
    mend = (
        r'epoch_1\.pth is damaged or cut .* To go on from the newest checkpoint that is whole, give'
    )
    with pytest.raises(CheckpointError, match=mend):
        toy_runner(resume=True, load_from=str(tmp_path / 'epoch_1.pth')).train()


def test_nothing_to_resume_from(toy_runner, tmp_path):
    runner = toy_runner(resume=True)
    with warnings_of(runner) as warned:
        runner.train()
    assert f'{tmp_path} has no checkpoint; the training begins anew.' in warned
    assert runner.epoch == 2


def test_other_batches_are_told(toy_runner):
    by_iterations = dict(checkpoint=dict(type='CheckpointHook', interval=2, by_epoch=False))
    with pytest.raises(KeyboardInterrupt):
        toy_runner([1.0] * 8, custom_hooks=[StopsIn(12)], default_hooks=by_iterations).train()
    data = [dict(inputs=torch.ones(1), factor=torch.ones(1)) for _ in range(8)]
    runner = toy_runner(resume=True, train_dataloader=DataLoader(data, batch_size=2))
    places = []
    runner.register_hook(Notes(places))
    with warnings_of(runner) as warned:
        runner.train()
    (text,) = [text for text in warned if 'The checkpoint is of' in text]
    assert 'of 1 process(es) with batches of 1, and now there are 1 with batches of 2.' in text
    # 4 of 8 samples of the second epoch were seen
    assert places == [(1, 12, 2), (1, 13, 3)]


@pytest.mark.parametrize(
    ('old', 'expected'),
    [(True, [(1, 4, 0), (1, 5, 1), (1, 6, 2)]), (False, [(1, 4, 1), (1, 5, 2)])],
)
def test_checkpoints_of_mmengine_begin_the_epoch_anew(toy_runner, tmp_path, old, expected):
    by_iterations = dict(checkpoint=dict(type='CheckpointHook', interval=4, by_epoch=False))
    with pytest.raises(KeyboardInterrupt):
        toy_runner(default_hooks=by_iterations, custom_hooks=[StopsIn(4)]).train()
    path = tmp_path / 'iter_4.pth'
    content = torch.load(path, weights_only=False)
    if old:
        del content['train_state']
    torch.save(content, path)
    places = []
    runner = toy_runner(resume=True)
    runner.register_hook(Notes(places))
    runner.train()
    assert places == expected


@pytest.mark.parametrize(
    ('state', 'fast', 'expected'), [(True, False, 2), (False, False, 2), (True, True, 1)]
)
def test_a_training_by_iterations_goes_on(toy_runner, tmp_path, state, fast, expected):
    # of three samples, whose losses tell which they are, the fifth iteration has the second
    factors = [1.0, 2.0, 3.0]
    settings = dict(
        train_cfg=dict(by_epoch=False, max_iters=5, fast_forward_on_resume=fast),
        default_hooks=dict(checkpoint=dict(type='CheckpointHook', interval=4, by_epoch=False)),
    )
    with pytest.raises(KeyboardInterrupt):
        toy_runner(factors, custom_hooks=[StopsIn(4)], **settings).train()
    path = tmp_path / 'iter_4.pth'
    content = torch.load(path, weights_only=False)
    if not state:
        del content['train_state']
    torch.save(content, path)
    seen = []
    runner = toy_runner(factors, resume=True, **settings)
    runner.register_hook(Factors(seen))
    runner.train()
    assert seen == [expected]


def test_no_batch_is_an_error(toy_runner):
    data = DataLoader([dict(inputs=torch.ones(1))], batch_size=2, drop_last=True)
    runner = toy_runner(train_dataloader=data, train_cfg=dict(by_epoch=False, max_iters=5))
    with pytest.raises(ValueError, match='train_dataloader has no batches'):
        runner.train()


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

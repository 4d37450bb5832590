"""What batches mean for the learning rate, told before a training."""

import logging
import re

import pytest
from mmengine.dataset import DefaultSampler, InfiniteSampler
from torch.utils.data import DataLoader

from mmpose.engine import batch_account
from mmpose.engine.batch_account import BatchAccount, BatchAccountHook, require_batches


def loader(samples=10, batch_size=4, sampler=DefaultSampler, **kwargs):
    data = list(range(samples))
    return DataLoader(data, batch_size, sampler=sampler(data), **kwargs)


def test_an_epoch_needs_a_batch(monkeypatch):
    require_batches(loader(batch_size=11))
    require_batches(loader(batch_size=10, drop_last=True))
    require_batches(loader(batch_size=11, drop_last=True, sampler=InfiniteSampler))
    with pytest.raises(
        ValueError, match=r'10 samples, 10 for each of 1 processes.* at most 10, or'
    ):
        require_batches(loader(batch_size=11, drop_last=True))
    monkeypatch.setattr(batch_account, 'get_world_size', lambda: 11)
    with pytest.raises(ValueError, match='10 samples for 11 processes; start at most 10'):
        require_batches(loader())


@pytest.mark.parametrize(
    ('account', 'total', 'factor', 'notice'),
    [
        (BatchAccount(8, 64, 1, 512), 512, 1, None),
        (BatchAccount(4, 65, 1, 512), 260, 65 / 128, None),
        (BatchAccount(1, 64, 1, 512), 64, 1 / 8, r'64 samples, 8 times fewer .* by 0\.125'),
        (BatchAccount(1, 64, 8, 512), 512, 1 / 8, None),
        (BatchAccount(16, 64, 1, 512), 1024, 2, r'1024 samples, 2 times more .* by 2\.'),
    ],
)  # fmt: skip
def test_figures(account, total, factor, notice):
    assert (account.total, account.factor) == (total, factor)
    if notice is None:
        assert account.notice() is None
    else:
        assert re.search(notice, account.notice())
        assert '--auto-scale-lr' in account.notice()


def told(toy_runner, caplog, **kwargs):
    """What the hook says of a toy run with batches of one sample."""
    cfg = dict(auto_scale_lr=kwargs.get('auto_scale_lr'))
    runner = toy_runner(custom_hooks=[BatchAccountHook()], cfg=cfg, **kwargs)
    monitored = logging.getLogger('test')
    monitored.setLevel('INFO')
    runner.logger.info = runner.logger.warning = monitored.info
    with caplog.at_level('INFO', logger='test'):
        runner.train()
    lines = [line.strip() for record in caplog.records for line in record.message.splitlines()]
    caplog.clear()
    return lines, runner


def test_the_account_of_a_run(toy_runner, caplog):
    scaled = dict(base_batch_size=4, enable=True)
    schedule = [
        dict(type='LinearLR', start_factor=0.1, end=2, by_epoch=False),
        dict(type='CosineAnnealingLR', eta_min=0.01, begin=1),
    ]
    lines, runner = told(
        toy_runner,
        caplog,
        auto_scale_lr=scaled,
        param_scheduler=schedule,
        optim_wrapper=dict(
            optimizer=dict(type='SGD', lr=0.4),
            accumulative_counts=2,
            paramwise_cfg=dict(bias_lr_mult=2),
        ),
    )
    start = lines.index('Batch and learning rate:')
    assert lines[start + 1 :][:10] == [
        'processes: 1',
        'samples of an iteration in each: 1',
        'iterations of an update (accumulative_counts): 2',
        'samples of an update: 2',
        'base_batch_size: 4',
        'factor of the learning rate: 0.25',
        'The factor leaves accumulation out, as in MMEngine; to count it, set base_batch_size to '
        '2.',
        'learning rate: 0.4 -> 0.1 (parameter groups: 1)',
        'learning rate: 0.8 -> 0.2 (parameter groups: 1)',
        'eta_min=0.01 of CosineAnnealingLR is a learning rate itself, and is not scaled',
    ]
    assert [g['initial_lr'] for g in runner.optim_wrapper.optimizer.param_groups] == [0.1, 0.2]

    lines, _ = told(
        toy_runner, caplog, resume=True, max_epochs=3,
        auto_scale_lr=scaled, param_scheduler=schedule,
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=7.0), paramwise_cfg=dict(bias_lr_mult=2)),
    )  # fmt: skip
    assert 'learning rate: 0.1, from the checkpoint (parameter groups: 1)' in lines


def test_a_cycle_has_its_own_rates(toy_runner, caplog):
    lines, runner = told(
        toy_runner,
        caplog,
        auto_scale_lr=dict(base_batch_size=4, enable=True),
        param_scheduler=dict(type='OneCycleLR', eta_max=0.3, total_steps=10, by_epoch=False),
    )
    assert 'eta_max=0.3 of OneCycleLR is a learning rate itself, and is not scaled' in lines
    assert not [line for line in lines if line.startswith('learning rate: ')]
    assert runner.optim_wrapper.param_groups[0]['max_lr'] == 0.3


def test_a_notice_where_nothing_is_scaled(toy_runner, caplog):
    lines, runner = told(toy_runner, caplog, auto_scale_lr=dict(base_batch_size=4))
    assert [line for line in lines if 'fewer than the 4' in line]
    assert runner.optim_wrapper.param_groups[0]['initial_lr'] == 0.1
    for auto_scale_lr in (None, dict(base_batch_size=1)):
        lines, _ = told(toy_runner, caplog, auto_scale_lr=auto_scale_lr)
        assert not [line for line in lines if 'base_batch_size' in line]


def test_batches_of_unknown_size(toy_runner):
    runner = toy_runner(cfg=dict(auto_scale_lr=dict(base_batch_size=4)))
    runner._train_dataloader = DataLoader([1], batch_sampler=[[0]])
    assert BatchAccount.of(runner) is None

"""Trainings that are killed and resumed have the weights of one that was not, to the bit."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import socket
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.hooks import Hook
from torch import nn

from mmpose.engine import PoseRunner
from mmpose.engine import runner as runner_module
from mmpose.engine.hooks import checkpoint_hook as hook_module
from mmpose.engine.hooks.train_data import exchange_data
from mmpose.registry import HOOKS, MODELS
from mmpose.utils import register_all_modules
from mmpose.utils.checkpoint import use_safe_loading

CODEC = dict(type='MSRAHeatmap', input_size=(48, 64), heatmap_size=(12, 16), sigma=1.5)
TARGETS = [dict(type='GenerateTarget', encoder=CODEC)]
PACKED = [dict(type='PackPoseInputs')]
EXAMINED = ('state_dict', 'ema_state_dict', 'optimizer', 'param_schedulers', 'meta', 'train_state')
KILLED = -signal.SIGKILL


class DropoutNeck(nn.Module):
    """Lets random numbers of the training process into the model."""

    def __init__(self):
        super().__init__()
        self.dropout = nn.Dropout(0.2)

    def forward(self, feats):
        return tuple(self.dropout(feat) for feat in feats)


class ExchangesData(Hook):
    """Goes on with another data set and loader from the second epoch on."""

    priority = 'ABOVE_NORMAL'

    def __init__(self, dataset):
        self.dataset = dataset
        self.done = False

    def before_train_epoch(self, runner):
        if not self.done and runner.epoch >= 1:
            exchange_data(runner, self.dataset)
            self.done = True


class Calls(Hook):
    """Calls a function before each iteration."""

    priority = 'VERY_LOW'

    def __init__(self, function):
        self.function = function

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        self.function()


def pipeline(*, training):
    augmentations = [dict(type='RandomFlip'), dict(type='RandomBBoxTransform')]
    return [
        dict(type='LoadImage'),
        dict(type='GetBBoxCenterScale'),
        *(augmentations if training else ()),
        dict(type='TopdownAffine', input_size=CODEC['input_size']),
        *([dict(type='PhotometricDistortion'), *TARGETS] if training else ()),
        *PACKED,
    ]


def settings(
    data_root,
    work_dir,
    *,
    by_epoch=True,
    num_workers=0,
    amp=False,
    infinite=True,
    accumulate=1,
    processes=1,
    switch=False,
    seed=3,
    batch_size=2,
):
    """A training of 18 iterations on 12 samples, which saves every 4."""
    dataset = dict(
        type='CocoDataset',
        data_root=str(data_root),
        ann_file='annotations/train.json',
        data_prefix=dict(img='train/'),
    )
    loader = dict(
        batch_size=batch_size, num_workers=num_workers, persistent_workers=num_workers > 0
    )
    endless = not by_epoch and infinite
    sampler = dict(type='InfiniteSampler' if endless else 'DefaultSampler', shuffle=True)
    hooks = [dict(type='EMAHook', ema_type='ExpMomentumEMA', gamma=5), dict(type='SyncBuffersHook')]
    if switch:
        unchanged = {**dataset, 'pipeline': pipeline(training=False)[:-1] + TARGETS + PACKED}
        hooks += [dict(type='ExchangesData', dataset=unchanged)]
    wrapper = dict(type='AmpOptimWrapper', dtype='bfloat16') if amp else dict(type='OptimWrapper')
    return dict(
        default_scope='mmpose',
        work_dir=str(work_dir),
        model=dict(
            type='TopdownPoseEstimator',
            data_preprocessor=dict(type='PoseDataPreprocessor', mean=[110.0] * 3, std=[60.0] * 3),
            backbone=dict(
                type='ResNet',
                depth=18,
                stem_channels=8,
                base_channels=8,
                num_stages=2,
                strides=(1, 2),
                dilations=(1, 1),
                out_indices=(1,),
            ),
            neck=dict(type='DropoutNeck'),
            head=dict(
                type='HeatmapHead',
                in_channels=16,
                out_channels=17,
                deconv_out_channels=(8,),
                deconv_kernel_sizes=(4,),
                loss=dict(type='KeypointMSELoss', use_target_weight=True),
                decoder=CODEC,
            ),
        ),
        train_dataloader=dict(
            **loader, sampler=sampler, dataset={**dataset, 'pipeline': pipeline(training=True)}
        ),
        val_dataloader=dict(
            **loader,
            sampler=dict(type='DefaultSampler', shuffle=False),
            dataset={**dataset, 'pipeline': pipeline(training=False), 'test_mode': True},
        ),
        val_evaluator=dict(type='CocoMetric', ann_file=f'{data_root}/annotations/train.json'),
        train_cfg=dict(by_epoch=True, max_epochs=3 * processes, val_interval=2)
        if by_epoch
        else dict(by_epoch=False, max_iters=18, val_interval=8),
        val_cfg=dict(),
        optim_wrapper=dict(
            **wrapper, accumulative_counts=accumulate, optimizer=dict(type='AdamW', lr=2e-3)
        ),
        param_scheduler=[
            dict(type='LinearLR', begin=0, end=7, start_factor=0.1, by_epoch=False),
            dict(type='MultiStepLR', milestones=[11], gamma=0.1, by_epoch=False),
        ],
        default_hooks=dict(
            checkpoint=dict(
                type='CheckpointHook',
                by_epoch=False,
                interval=4,
                max_keep_ckpts=2,
                save_best='coco/AP',
                rule='greater',
            )
        ),
        custom_hooks=hooks,
        randomness=dict(seed=seed),
        launcher='none' if processes == 1 else 'pytorch',
        log_level='WARNING',
    )


def train(config, die_at=None, resume=False, rank=None, port=None):
    """Train in this process, which is killed at the event of the given number."""
    if rank is not None:
        os.environ.update(
            RANK=str(rank), LOCAL_RANK=str(rank), WORLD_SIZE='2', MASTER_ADDR='localhost'
        )
        os.environ['MASTER_PORT'] = str(port)
    register_all_modules()
    MODELS.register_module(module=DropoutNeck, force=True)
    HOOKS.register_module(module=ExchangesData, force=True)
    use_safe_loading()
    torch.set_num_threads(1)
    events = 0

    def event():
        nonlocal events
        events += 1
        if events == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def with_events(function):
        def called(*args):
            event()
            function(*args)
            event()

        return called

    runner_module.finish_file = with_events(runner_module.finish_file)
    hook_module.point_to = with_events(hook_module.point_to)
    remove = hook_module.CheckpointHook._remove
    hook_module.CheckpointHook._remove = with_events(remove)
    runner_module.Runner.save_checkpoint = writing_slowly(
        runner_module.Runner.save_checkpoint, event
    )
    config = Config({**config, 'resume': resume, 'experiment_name': f'run{os.getpid()}'})
    runner = PoseRunner.from_cfg(config)
    runner.register_hook(Calls(event))
    runner.train()


def writing_slowly(save, event):
    """Like ``save``; one of the events comes when half a file is there."""

    def called(self, out_dir, filename, *args, **kwargs):
        save(self, out_dir, filename, *args, **kwargs)
        path = Path(out_dir, filename)
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2])
        event()
        path.write_bytes(content)

    return called


@pytest.fixture(scope='module')
def data_root(tmp_path_factory):
    from mmpose.datasets.synthetic import SyntheticPeople

    root = tmp_path_factory.mktemp('people')
    people = SyntheticPeople((96, 72), (2, 2), (40, 64), 0)
    people.write_coco(root, 6, ann_file='annotations/train.json', img_dir='train')
    return root


@pytest.fixture(scope='module')
def run():
    """Trains in another process, or in two; returns the exit status of the first."""
    context = multiprocessing.get_context('forkserver')
    context.set_forkserver_preload(['mmpose.engine', 'mmpose.models', 'mmpose.evaluation.metrics'])

    def start(config, die_at=None, resume=False):
        if config['launcher'] == 'none':
            started = [context.Process(target=train, args=(config, die_at, resume))]
        else:
            with socket.socket() as free:
                free.bind(('localhost', 0))
                port = free.getsockname()[1]
            arguments = [(config, die_at, resume, 0, port), (config, None, resume, 1, port)]
            started = [context.Process(target=train, args=each) for each in arguments]
        for process in started:
            process.start()
        started[0].join(120)
        for process in started[1:]:
            process.join(0 if started[0].exitcode else 60)
            process.kill()
            process.join()
        return started[0].exitcode

    return start


def run_with_kills(run, config, seed):
    """Train, killed at random events and resumed until done; returns how often."""
    chance = random.Random(seed)
    kills = 0
    while status := run(config, die_at=chance.randint(3, 25), resume=kills > 0):
        assert status == KILLED
        kills += 1
        assert not list(Path(config['work_dir']).glob('*.pth')) or whole(config['work_dir'])
    return kills


def whole(work_dir):
    """The checkpoints that can be read."""
    paths = sorted(Path(work_dir).glob('iter_*.pth'))
    for path in paths:
        torch.load(path, weights_only=False)
    return paths


def outcome(config):
    """What the last checkpoint holds."""
    (path,) = [p for p in Path(config['work_dir']).glob('iter_*.pth') if is_last(p)]
    content = torch.load(path, weights_only=False)
    losses = content['message_hub']['log_scalars']['train/loss'].data[0].tolist()
    meta = {key: content['meta'][key] for key in ('epoch', 'iter', 'seed')}
    return {**{key: content[key] for key in EXAMINED}, 'meta': meta, 'losses': losses}


def is_last(path):
    return Path(path.parent, 'last_checkpoint').read_text().endswith(f'/{path.name}')


def assert_same(actual, expected, where=''):
    """Everything in two checkpoints is equal, to the bit."""
    assert type(actual) is type(expected), where
    if isinstance(expected, dict):
        assert actual.keys() == expected.keys(), where
        for key in expected:
            assert_same(actual[key], expected[key], f'{where}.{key}')
    elif isinstance(expected, torch.Tensor):
        assert torch.equal(actual, expected), where
    elif isinstance(expected, (list, tuple)):
        assert len(actual) == len(expected), where
        for number, pair in enumerate(zip(actual, expected, strict=True)):
            assert_same(*pair, f'{where}[{number}]')
    else:
        assert actual == expected, where


def test_a_kill_leaves_no_trace(run, data_root, tmp_path):
    unbroken = settings(data_root, tmp_path / 'unbroken')
    assert run(unbroken) == 0
    config = settings(data_root, tmp_path / 'killed', num_workers=2)
    assert run(config, die_at=20) == KILLED
    assert run(config, resume=True) == 0
    assert_same(outcome(config), outcome(unbroken))


VARIANTS = dict(
    epochs=dict(),
    iterations=dict(by_epoch=False),
    amp=dict(amp=True),
    finite=dict(by_epoch=False, infinite=False),
    accumulated=dict(accumulate=3),
    exchanged=dict(switch=True),
)


@pytest.mark.slow
@pytest.mark.parametrize('variant', VARIANTS)
def test_kills_leave_no_trace(variant, run, data_root, tmp_path):
    choices = VARIANTS[variant]
    unbroken = settings(data_root, tmp_path / 'unbroken', **choices)
    assert run(unbroken) == 0
    for num_workers in (0, 2):
        config = settings(
            data_root, tmp_path / f'killed{num_workers}', num_workers=num_workers, **choices
        )
        assert run_with_kills(run, config, seed=f'{variant}{num_workers}') > 1
        assert_same(outcome(config), outcome(unbroken))


@pytest.mark.slow
def test_kills_of_two_processes_leave_no_trace(run, data_root, tmp_path):
    choices = dict(processes=2, num_workers=1)
    unbroken = settings(data_root, tmp_path / 'unbroken', **choices)
    assert run(unbroken) == 0
    config = settings(data_root, tmp_path / 'killed', **choices)
    assert run_with_kills(run, config, seed='ranks') > 1
    assert_same(outcome(config), outcome(unbroken))

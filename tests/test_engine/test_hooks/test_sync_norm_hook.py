"""Statistics of batch normalisation are those of all processes before a validation."""

import os
from types import SimpleNamespace

import pytest
import torch
from mmengine.hooks import EMAHook
from torch import distributed as dist
from torch import multiprocessing, nn

from mmpose.engine.hooks import SyncNormHook
from mmpose.registry import HOOKS


def network(value):
    """Layers with and without statistics, which are all ``value``."""
    layers = [nn.BatchNorm1d(2), nn.SyncBatchNorm(1), nn.InstanceNorm2d(1), nn.Linear(1, 1)]
    layers += [nn.BatchNorm2d(1, track_running_stats=False), nn.BatchNorm3d(1).bfloat16()]
    model = nn.Sequential(*layers)
    for tensor in model.state_dict().values():
        tensor.fill_(value)
    return model


def runner_of(value):
    ema = EMAHook()
    ema.ema_model = network(10 * value)
    return SimpleNamespace(model=network(value), hooks=[ema, SyncNormHook()])


def statistics(model):
    return {k: v.unique().tolist() for k, v in model.state_dict().items() if 'running' in k}


def worker(rank, store, results):
    dist.init_process_group('gloo', init_method=f'file://{store}', rank=rank, world_size=2)
    runner = runner_of(1 + 2 * rank)
    HOOKS.build(dict(type='SyncNormHook')).before_val_epoch(runner)
    averaged = runner.hooks[0].ema_model
    others = {k: v.unique().item() for k, v in runner.model.state_dict().items()}
    torch.save(
        (statistics(runner.model), statistics(averaged), others['0.weight']),
        os.path.join(results, f'{rank}.pt'),
    )
    dist.destroy_process_group()


@pytest.mark.slow
@pytest.mark.skipif(not dist.is_available(), reason='needs torch.distributed')
def test_two_processes(tmp_path):
    multiprocessing.spawn(worker, args=(tmp_path / 'store', tmp_path), nprocs=2)
    names = [f'{layer}.running_{kind}' for layer in (0, 1, 5) for kind in ('mean', 'var')]
    for rank in range(2):
        model, averaged, weight = torch.load(tmp_path / f'{rank}.pt')
        assert model == {name: [2.0] for name in names}  # of 1 and 3
        assert averaged == {name: [20.0] for name in names}
        assert weight == 1 + 2 * rank


def test_what_is_averaged(monkeypatch):
    reduced = []
    module = 'mmpose.engine.hooks.sync_norm_hook'
    monkeypatch.setattr(f'{module}.get_world_size', lambda: 2)
    monkeypatch.setattr(
        f'{module}.all_reduce_params', lambda tensors, op: reduced.append((len(tensors), op))
    )
    SyncNormHook().before_val_epoch(runner_of(1))
    assert reduced == [(12, 'mean')]  # mean and variance of three layers, in two models


def test_one_process_keeps_its_own():
    runner = runner_of(3)
    SyncNormHook().before_val_epoch(runner)
    assert set(map(tuple, statistics(runner.model).values())) == {(3.0,)}

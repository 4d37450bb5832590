"""The pipeline of the training data changes, in workers and in wrapped data sets too."""

import os

import pytest
from mmengine.dataset import Compose
from torch.utils.data import DataLoader

from mmpose.engine.hooks import PipelineSwitchHook
from mmpose.engine.hooks.train_data import exchange_pipeline
from mmpose.registry import HOOKS


def test_from_its_epoch_on(hooked):
    cfg = dict(type='PipelineSwitchHook', switch_epoch=1, switch_pipeline=[hooked.Add(20)])
    assert hooked.train(cfg).values == [[10, 11], [20, 21], [20, 21]]
    assert HOOKS.get('mmdet.PipelineSwitchHook') is PipelineSwitchHook


def test_persistent_workers_are_replaced(hooked):
    hook = PipelineSwitchHook(2, [hooked.Add(20)])
    model = hooked.train(hook, train_dataloader=hooked.loader(num_workers=1), max_epochs=4)
    assert model.values == [[10, 11], [10, 11], [20, 21], [20, 21]]
    first, second, third, fourth = model.processes
    assert [len(processes) for processes in model.processes] == [1, 1, 1, 1]  # the old has ended
    assert first == second
    assert third == fourth
    assert third.isdisjoint(first | {os.getpid()})


def test_workers_of_one_epoch(hooked):
    loader = dict(hooked.loader(num_workers=1), persistent_workers=False)
    model = hooked.train(PipelineSwitchHook(1, [hooked.Add(20)]), train_dataloader=loader)
    assert model.values == [[10, 11], [20, 21], [20, 21]]


def test_resuming_after_it(hooked):
    hooked.train(PipelineSwitchHook(1, [hooked.Add(20)]))
    model = hooked.train(PipelineSwitchHook(1, [hooked.Add(20)]), max_epochs=5, resume=True)
    assert model.values == [[20, 21]] * 2  # the fourth and the fifth epoch


def test_a_loader_that_was_built_before(hooked):
    loader = DataLoader(hooked.Numbers(pipeline=[hooked.Add(10)]), batch_size=2)
    model = hooked.train(PipelineSwitchHook(1, [hooked.Add(20)]), train_dataloader=loader)
    assert model.values == [[10, 11], [20, 21], [20, 21]]


@pytest.mark.parametrize('wrapper', ['RepeatDataset', 'ConcatDataset', 'num_batch_per_epoch'])
def test_wrapped_data_sets(hooked, wrapper):
    single = hooked.loader()['dataset']
    if wrapper == 'RepeatDataset':
        loader = hooked.loader(type=wrapper, times=2, dataset=single)
    else:
        loader = hooked.loader(type='ConcatDataset', datasets=[single, dict(single)])
    del loader['dataset']['pipeline']
    if wrapper == 'num_batch_per_epoch':
        loader = dict(hooked.loader(length=9), num_batch_per_epoch=2)
    model = hooked.train(PipelineSwitchHook(1, [hooked.Add(20)]), train_dataloader=loader)
    items = range(4) if wrapper == 'num_batch_per_epoch' else [0, 1, 0, 1]
    assert model.values == [[number + item for item in items] for number in (10, 20, 20)]


def test_the_parts_of_a_combined_data_set_keep_theirs(hooked):
    combined = hooked.Numbers(pipeline=[hooked.Add(10)])
    combined.datasets = [hooked.Numbers(pipeline=[hooked.Add(1)])]
    exchange_pipeline(combined, Compose([hooked.Add(20)]))
    assert combined.pipeline(dict(value=0))['value'] == 20
    assert combined.datasets[0].pipeline(dict(value=0))['value'] == 1


def test_errors(hooked):
    with pytest.raises(ValueError, match='switch_epoch is -1; expected 0 or more'):
        PipelineSwitchHook(-1, [])
    with pytest.raises(KeyError, match=r"'RandomFlop' is not in the .*Did you mean 'RandomFlip'"):
        hooked.train(PipelineSwitchHook(99, [dict(type='RandomFlop')]))  # when training begins
    with pytest.raises(TypeError, match=r'^PipelineSwitchHook counts epochs, and IterBasedTrain'):
        hooked.train(PipelineSwitchHook(1, []), train_cfg=dict(by_epoch=False, max_iters=2))
    with pytest.raises(TypeError, match=r'^list has no `pipeline` to exchange, nor has a data set'):
        exchange_pipeline([1], Compose([]))

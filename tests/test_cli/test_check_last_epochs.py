"""``mmpose check`` tries the data of the last epochs as it does those of the first."""

import copy

import pytest
from mmengine.config import Config

from mmpose.cli.check import check


@pytest.fixture
def faults_with(tiny_project):
    """The faults of a config with a hook that exchanges data."""
    cfg = Config.fromfile('tiny.py')

    def faults_with(switch, **hook):
        """``switch`` makes the hook's pipeline from that of the first epochs."""
        own = cfg.copy()
        key = 'switch_pipeline' if hook['type'] == 'PipelineSwitchHook' else 'new_train_pipeline'
        own.custom_hooks = [dict(type='SyncBuffersHook')]
        own.custom_hooks.append({**hook, key: switch(copy.deepcopy(cfg.train_pipeline))})
        return check(own, 'last epochs')['faults']

    faults_with.dataset = cfg.train_dataloader.dataset
    return faults_with


def same(pipeline):
    return pipeline


def test_a_good_pipeline(faults_with):
    assert faults_with(same, type='PipelineSwitchHook', switch_epoch=1) == []


def test_a_transform_that_fails(faults_with):
    def switch(pipeline):
        pipeline[1].type = 'RandomHalfBody'
        return pipeline

    (fault,) = faults_with(switch, type='PipelineSwitchHook', switch_epoch=1)
    place = 'custom_hooks[1]: train_dataloader.dataset: '
    assert fault.startswith(f'{place}the pipeline fails for 8 items of those tried')


def test_another_size(faults_with):
    def switch(pipeline):
        pipeline[2].input_size = (32, 32)
        return pipeline

    (fault,) = faults_with(switch, type='PipelineSwitchHook', switch_epoch=1)
    assert fault.startswith('custom_hooks[1]: model.head: it returns (17, 8, 8) where the codec')


def test_what_preflight_finds_is_told_once(faults_with):
    def switch(pipeline):
        pipeline[1].type = 'RandomHalfBod'
        return pipeline

    (fault,) = faults_with(switch, type='PipelineSwitchHook', switch_epoch=1)
    assert fault.startswith("custom_hooks[1].switch_pipeline[1]: 'RandomHalfBod' is not in the")


def test_another_data_set(faults_with):
    hook = dict(type='YOLOXPoseModeSwitchHook')
    repeated = dict(type='RepeatDataset', times=2, dataset=faults_with.dataset)
    assert faults_with(same, **hook, new_train_dataset=repeated) == []
    absent = dict(faults_with.dataset, ann_file='absent.json')
    (fault,) = faults_with(same, **hook, new_train_dataset=dict(repeated, dataset=absent))
    place = 'custom_hooks[1].new_train_dataset.dataset: annotation file '
    assert fault.startswith(place)
    assert 'absent.json does not exist' in fault

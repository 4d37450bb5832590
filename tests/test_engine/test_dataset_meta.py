"""Which skeleton evaluation takes from data sets that are made of several."""

import json

import pytest
from mmengine.evaluator import BaseMetric

COCO = dict(from_file='configs/_base_/datasets/coco.py')


class NoMetric(BaseMetric):
    def process(self, data_batch, data_samples):
        pass

    def compute_metrics(self, results):
        return {}


@pytest.fixture
def coco(tmp_path):
    """The config of a COCO file of one person."""
    image = dict(id=1, file_name='1.jpg', width=50, height=50)
    ann = dict(id=1, image_id=1, bbox=[5, 5, 20, 20], keypoints=[9, 9, 2] * 17)
    path = tmp_path / 'ann.json'
    path.write_text(json.dumps(dict(images=[image], annotations=[ann])))
    return dict(type='CocoDataset', ann_file=str(path))


@pytest.mark.parametrize(
    ('several', 'name'),
    [
        (
            lambda one: dict(
                type='CombinedDataset',
                metainfo=dict(**COCO, dataset_name='joint'),
                datasets=[one, dict(one, metainfo=dict(**COCO, dataset_name='other'))],
            ),
            'joint',
        ),
        (lambda one: dict(type='ConcatDataset', datasets=[one, one]), 'coco'),
        (lambda one: dict(type='RepeatDataset', dataset=one, times=2), 'coco'),
    ],
    ids=['combined', 'concatenated', 'repeated'],
)
def test_evaluation_has_the_skeleton_of_the_config(toy_runner, coco, several, name):
    loader = dict(
        dataset=several(coco),
        batch_size=1,
        num_workers=0,
        sampler=dict(type='DefaultSampler', shuffle=False),
    )
    metric = NoMetric()
    runner = toy_runner(val_dataloader=loader, val_evaluator=[metric], val_cfg=dict())
    assert len(runner.val_loop.dataloader.dataset) == 2
    assert metric.dataset_meta['dataset_name'] == name
    assert metric.dataset_meta['num_keypoints'] == len(metric.dataset_meta['sigmas']) == 17

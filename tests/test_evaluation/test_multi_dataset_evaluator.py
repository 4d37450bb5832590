import re

import numpy as np
import pytest
from mmengine.evaluator import BaseMetric
from mmengine.registry import EVALUATOR, DefaultScope
from mmengine.structures import InstanceData

from mmpose.evaluation import MultiDatasetEvaluator
from mmpose.evaluation.metrics import EPE, NME
from mmpose.registry import EVALUATORS
from mmpose.structures import PoseDataSample

MPII, COCO = dict(type='MpiiDataset'), dict(type='CocoDataset', ann_file='unread.json')
# a data set of another name by a definition of its own
MICE = dict(
    type='CocoDataset',
    metainfo=dict(
        dataset_name='mice',
        keypoint_info={0: dict(name='nose', swap=''), 1: dict(name='tail', swap='')},
        skeleton_info={},
        joint_weights=[1, 1],
        sigmas=[0.1, 0.1],
    ),
)
EPES = [dict(type='EPE', prefix='a'), dict(type='EPE', prefix='b')]


def sample(dataset, distance, sample_id=0, **fields):
    """Two keypoints that are off by this many pixels."""
    labels = np.array([[[10.0, 20.0], [30.0, 40.0]]])
    return dict(
        id=sample_id,
        dataset_name=dataset,
        pred_instances=dict(keypoints=labels + np.array([0, distance])),
        gt_instances=dict(
            keypoints=labels, keypoints_visible=np.ones((1, 2)), bboxes=np.array([[0, 0, 50, 40]])
        ),
        **fields,
    )


class Spy(BaseMetric):
    """Counts the samples and keeps the parts of the batches."""

    def process(self, data_batch, data_samples):
        self.results += [sample['id'] for sample in data_samples]
        self.batch = data_batch

    def compute_metrics(self, results):
        return {'samples': len(results)}


def test_each_metric_sees_its_data_set():
    evaluator = EVALUATORS.build(
        dict(type='MultiDatasetEvaluator', metrics=EPES, datasets=[COCO, MICE])
    )
    evaluator.process([sample('coco', 1), sample('mice', 5), sample('mice', 7, 1)])
    evaluator.process([sample('coco', 3, 1)])
    assert evaluator.evaluate(4) == {'a/EPE': 2, 'b/EPE': 6}
    # and again, without the former samples
    evaluator.process([sample('coco', 9), sample('mice', 8)])
    assert evaluator.evaluate(2) == {'a/EPE': 9, 'b/EPE': 8}


def test_several_metrics_of_one_data_set():
    metrics = [*EPES, dict(type='NME', norm_mode='use_norm_item', norm_item='bbox_size')]
    evaluator = MultiDatasetEvaluator(metrics, [COCO, MICE, COCO])
    evaluator.process([sample('coco', 5), sample('mice', 6)])
    assert evaluator.evaluate(2) == {'a/EPE': 5, 'b/EPE': 6, 'NME': 0.1}


def test_metrics_keep_the_metainfo_of_their_data_sets():
    evaluator = MultiDatasetEvaluator([EPE(prefix='a'), EPE(prefix='b')], [MPII, MICE])
    evaluator.dataset_meta = joint = dict(dataset_name='joint')
    assert evaluator.dataset_meta is joint
    names = [metric.dataset_meta['dataset_name'] for metric in evaluator.metrics]
    assert names == evaluator.dataset_names == ['mpii', 'mice']
    assert [len(metric.dataset_meta['sigmas']) for metric in evaluator.metrics] == [16, 2]


def test_metrics_use_the_metainfo_of_their_data_sets():
    # WFLW has keypoints that errors are usually measured by; mice have not
    evaluator = MultiDatasetEvaluator([NME('keypoint_distance')], [dict(type='WFLWDataset')])
    evaluator.dataset_meta = dict(dataset_name='mice')
    labels = np.zeros((1, 98, 2))
    labels[0, 72] = [30, 40]  # the corners of the eyes are 50 pixels apart
    item = sample('wflw', 0)
    item['gt_instances'].update(keypoints=labels, keypoints_visible=np.ones((1, 98)))
    item['pred_instances'].update(keypoints=labels + np.array([0, 10]))
    evaluator.process([item])
    assert evaluator.evaluate(1) == {'NME': pytest.approx(0.2)}


def test_data_samples_of_a_model():
    evaluator = MultiDatasetEvaluator([EPE()], [COCO])
    item = sample('coco', 5)
    data_sample = PoseDataSample(metainfo=dict(id=0, dataset_name='coco'))
    data_sample.pred_instances = InstanceData(**item['pred_instances'])
    data_sample.gt_instances = InstanceData(**item['gt_instances'])
    evaluator.process([data_sample])
    assert evaluator.evaluate(1) == {'EPE': 5}


def test_batches_are_divided_like_the_samples():
    spies = [Spy(prefix='a'), Spy(prefix='b')]
    evaluator = MultiDatasetEvaluator(spies, [COCO, MICE])
    samples = [sample('mice', 0, 1), sample('coco', 0, 2), sample('mice', 0, 3)]
    evaluator.process(samples, dict(inputs=['x', 'y', 'z'], size=(8, 8)))
    assert [spy.batch for spy in spies] == [
        dict(inputs=['y'], size=(8, 8)),
        dict(inputs=['x', 'z'], size=(8, 8)),
    ]
    evaluator.process(samples[:1])
    assert spies[1].batch is None
    assert evaluator.evaluate(3) == {'a/samples': 1, 'b/samples': 3}


def test_mmengine_builds_it_from_a_config():
    with DefaultScope.overwrite_default_scope('mmpose'):
        evaluator = EVALUATOR.build(
            dict(type='MultiDatasetEvaluator', metrics=EPES, datasets=[COCO, MICE])
        )
    assert evaluator.offline_evaluate([sample('coco', 1), sample('mice', 2)]) == {
        'a/EPE': 1,
        'b/EPE': 2,
    }


def test_a_data_set_without_samples_is_told(warnings):
    evaluator = MultiDatasetEvaluator(EPES, [COCO, MICE])
    evaluator.process([sample('coco', 5)])
    assert evaluator.evaluate(1) == {'a/EPE': 5}
    assert warnings == [
        "MultiDatasetEvaluator: the test data has no sample for EPE of 'mice', whose numbers are "
        'left out.'
    ]


def test_numbers_may_not_overwrite_each_other():
    evaluator = MultiDatasetEvaluator([EPE(), EPE()], [COCO, MICE])
    evaluator.process([sample('coco', 5), sample('mice', 6)])
    message = "EPE of 'mice' and EPE of 'coco' both call a number 'EPE'; give each metric a `pre"
    with pytest.raises(ValueError, match=re.escape(message)):
        evaluator.evaluate(2)


@pytest.mark.parametrize(
    ('name', 'mend'),
    [
        ('cats', 'Add the data set to `datasets` and a metric to `metrics`.'),
        (None, "Add 'dataset_name' to `meta_keys` of PackPoseInputs."),
    ],
)
def test_samples_of_other_data_sets(name, mend):
    evaluator = MultiDatasetEvaluator(EPES, [COCO, MICE])
    message = (
        f'sample 7 (image 3.jpg) has dataset_name {name!r}; there are metrics for '
        f"['coco', 'mice']. {mend}"
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        evaluator.process([sample('coco', 1), sample(name, 1, 7, img_path='3.jpg')])


def test_data_sets_that_cannot_be():
    with pytest.raises(ValueError, match='2 metrics and 1 datasets; give the data set of each'):
        MultiDatasetEvaluator(EPES, [COCO])
    with pytest.raises(KeyError, match=r"'CoccoDataset' is not in .* Did you mean 'CocoDataset'"):
        MultiDatasetEvaluator([EPE()], [dict(type='CoccoDataset')])
    with pytest.raises(ValueError, match="of type 'CombinedDataset', has no metainfo; give it as"):
        MultiDatasetEvaluator([EPE()], [dict(type='CombinedDataset', datasets=[])])

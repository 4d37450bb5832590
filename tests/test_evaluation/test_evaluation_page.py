"""The tables and examples of docs/evaluation.md."""

import re

import numpy as np
import pytest
from oks_sets import detections, ground_truth

from mmpose.evaluation import BaseKeypointMetric
from mmpose.evaluation.analysis import analyse
from mmpose.evaluation.analysis.error_kinds import KINDS
from mmpose.evaluation.functional import coco_stats, crowd_stats, joint_group_means, match_by_oks
from mmpose.registry import EVALUATORS, METRICS


@pytest.fixture(scope='module')
def page(docs_page):
    return docs_page('evaluation.md')


@pytest.fixture(scope='module')
def words(page):
    """What stands in backticks."""
    return set(re.findall(r'`([^`\n]+)`', page.text))


def test_every_metric_is_listed(words):
    ours = {name for name, cls in METRICS.module_dict.items() if 'mmpose.' in cls.__module__}
    ours |= {n for n, cls in EVALUATORS.module_dict.items() if 'mmpose.' in cls.__module__}
    assert len(ours) >= 14
    assert ours <= words


def test_numbers_are_defined(words):
    matches = match_by_oks(
        ground_truth([[[0, 0, 2]]]), detections([[[0, 0]]], [1.0]), np.array([0.1])
    )
    numbers = {*coco_stats(matches), *crowd_stats(matches, np.array([0]), np.array([0.1]))}
    assert numbers <= words
    groups = joint_group_means(np.zeros(15))
    assert {f'{group} AP' for group in groups if group != 'Total'} <= words
    assert 'Total' in words


def test_what_an_analysis_prints_is_defined(page):
    section = page.text[page.text.index('## What went wrong') :]
    for word in (*KINDS, 'found', 'missed', 'background', 'duplicate', 'ECE', 'correlation'):
        assert re.search(rf'^\|.*\b{word}\b', section, re.MULTILINE), word
    for word in ('small', 'medium', 'large', 'alone', 'apart', 'close', 'overlapping', 'px'):
        assert re.search(rf'^\|.*\b{word}\b', section, re.MULTILINE), word
    assert 'PoseRecords' in section
    assert analyse.__name__ in section


def test_configs_of_the_page_build(page):
    names = dict(coco_val=dict(type='CocoDataset'), aic_val=dict(type='AicDataset'))
    _, parts, several, _ = page.blocks('python')
    exec(parts, names)
    metric = METRICS.build(names['val_evaluator'])
    assert list(metric.metrics) == ['all', 'body', 'face']
    exec(several.replace("ann_file='data/coco/annotations/val.json'", 'ann_file=None'), names)
    import mmpose.datasets  # noqa: F401 registers them

    evaluator = EVALUATORS.build(names['test_evaluator'])
    assert evaluator.dataset_names == ['coco', 'aic']


def test_the_metric_of_ones_own(page):
    names = {}
    exec(page.blocks('python')[-1], names)
    metric = METRICS.build(dict(type='MedianError'))
    METRICS.module_dict.pop('MedianError')
    assert isinstance(metric, BaseKeypointMetric)
    points = np.array([[[0.0, 0], [0, 3], [0, 5]]])
    gt = dict(keypoints=np.zeros((1, 3, 2)), keypoints_visible=np.ones((1, 3)))
    metric.process({}, [dict(id=1, pred_instances=dict(keypoints=points), gt_instances=gt)])
    assert metric.evaluate(size=1) == dict(median=3.0)

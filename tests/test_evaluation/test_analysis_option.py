"""The option `analysis` of metrics."""

import json

import numpy as np
import pytest
import torch

from mmpose.evaluation import (
    AUC,
    EPE,
    NME,
    CocoMetric,
    CocoWholeBodyMetric,
    JhmdbPCKAccuracy,
    MpiiPCKAccuracy,
    PCKAccuracy,
)
from mmpose.evaluation.analysis import PoseRecords, analyse

K = 4
META = dict(
    dataset_name='toy',
    num_keypoints=K,
    sigmas=np.full(K, 0.1),
    keypoint_id2name={i: f'point{i}' for i in range(K)},
    flip_indices=[0, 1, 3, 2],
    skeleton_links=[(0, 1), (2, 3)],
)
SQUARE = np.array([[0.0, 0], [100, 0], [100, 100], [0, 100]])


def sample(number, shift=0.0, **kwargs):
    """A pose on a square of 100 pixels, predicted as far to the right as ``shift``."""
    corner = 500.0 * number
    points = SQUARE + corner
    ann = dict(
        id=number,
        image_id=number % 2,
        category_id=1,
        iscrowd=0,
        area=10000.0,
        bbox=[corner, corner, 100, 100],
        keypoints=np.hstack([points, np.full((K, 1), 2)]).ravel().tolist(),
    )
    return dict(
        id=number,
        img_id=number % 2,
        img_path=f'{number % 2}.jpg',
        raw_ann_info=ann,
        ori_shape=(2000, 2000),
        pred_instances=dict(
            keypoints=(points + np.array([shift, 0]))[None],
            keypoint_scores=np.full((1, K), 0.9),
            bbox_scores=np.array([0.8]),
        ),
        gt_instances=dict(
            keypoints=points[None],
            keypoints_visible=np.ones((1, K)),
            bboxes=np.array([[corner, corner, corner + 100, corner + 100]]),
            bbox_scales=np.array([[100.0, 100]]),
        ),
        **kwargs,
    )


SAMPLES = [sample(0), sample(1, 3.0), sample(2, 1000.0)]


def evaluated(metric, samples=SAMPLES):
    metric.dataset_meta = META
    metric.process({}, samples)
    return metric.evaluate(size=len(samples))


def test_coco_metric(log):
    metric = CocoMetric(analysis=True)
    numbers = evaluated(metric)
    assert metric.report['numbers']['AP'] == pytest.approx(numbers['coco/AP'], abs=1e-12)
    assert metric.report['outcomes'] == dict(found=2, missed=1, background=1, duplicate=0)
    assert metric.report['numbers']['median_error'] == 1.5  # four keypoints at 0 and four at 3
    tables = next(text for text in log if text.startswith('Analysis of toy'))
    assert 'point3' in tables
    assert 'inversion' in tables


@pytest.mark.parametrize(
    'metric',
    [
        PCKAccuracy(analysis=True),
        AUC(analysis=True),
        EPE(analysis=True, rmse=True),
        NME('use_norm_item', 'bbox_size', analysis=True),
    ],
    ids=lambda metric: type(metric).__name__,
)
def test_metrics_of_pairs(metric):
    evaluated(metric)
    # each prediction belongs to its label, however far it is
    assert metric.report['outcomes']['found'] == 3
    assert metric.report['instances'] == 3
    assert metric.report['errors']['share']['good'] == pytest.approx(2 / 3)
    assert metric.report['errors']['share']['miss'] == pytest.approx(1 / 3)
    row = metric.report['keypoints'][0]
    assert (row['name'], row['median_error']) == ('point0', 3.0)


@pytest.mark.parametrize('kind', [MpiiPCKAccuracy, JhmdbPCKAccuracy, CocoWholeBodyMetric])
def test_is_there_for_all(kind):
    assert kind(analysis=True).analysis is True
    assert kind().analysis is False
    assert kind().report is None


@pytest.mark.parametrize('kind', [CocoMetric, EPE])
def test_records_are_kept(tmp_path, kind):
    path = tmp_path / 'new' / 'analysis'
    metric = kind(analysis=str(path))
    evaluated(metric)
    records = PoseRecords.load(f'{path}.npz')
    assert analyse(records) == metric.report
    assert sorted(records.image_paths) == ['0.jpg', '1.jpg']
    assert records.skeleton_links == META['skeleton_links']
    json.dumps(metric.report, allow_nan=False)


def test_order_and_repetition_do_not_matter():
    reports = []
    for samples in (SAMPLES, [SAMPLES[2], SAMPLES[0], SAMPLES[1], SAMPLES[0]]):
        for metric in (EPE(analysis=True), CocoMetric(analysis=True)):
            evaluated(metric, samples)
            reports.append(metric.report)
    assert reports[0] == reports[2]
    assert reports[1] == reports[3]


def test_tensors_without_boxes_and_scores():
    bare = sample(0, 3.0)
    for group in ('pred_instances', 'gt_instances'):
        names = [name for name in bare[group] if name.startswith('keypoints')]
        bare[group] = {name: torch.from_numpy(bare[group][name]) for name in names}
    metric = EPE(analysis=True)
    assert evaluated(metric, [bare]) == dict(EPE=3.0)
    assert metric.report['numbers']['PCK'] == 1.0  # 3 of the 100 pixels around the keypoints
    assert metric.report['calibration']['keypoint']['ece'] == 0.0  # no scores: all are 1


def test_data_sets_without_sigmas():
    metric = EPE(analysis=True)
    metric.dataset_meta = dict(META, sigmas=[])
    metric.process({}, SAMPLES)
    metric.evaluate(size=3)
    assert metric.report['sigmas_assumed'] is True

import json
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from mmengine.evaluator import BaseMetric
from mmengine.structures import InstanceData

from mmpose.engine.hooks import BadCaseAnalysisHook
from mmpose.registry import HOOKS, METRICS
from mmpose.structures import PoseDataSample
from mmpose.visualization import PoseLocalVisualizer

META = dict(
    dataset_name='toy',
    keypoint_colors=np.array([[250, 0, 0], [0, 250, 0]]),
    skeleton_links=[(0, 1)],
    skeleton_link_colors=np.array([[1, 2, 3]]),
)


@METRICS.register_module()
class ShareOfHits(BaseMetric):
    """The share of keypoints within 5 pixels."""

    def process(self, data_batch, data_samples):
        for sample in data_samples:
            gt, pred = (sample[f'{part}_instances']['keypoints'] for part in ('gt', 'pred'))
            self.results.append((np.hypot(*(gt - pred).T) <= 5).mean())

    def compute_metrics(self, results):
        return dict(hits=float(np.mean(results)))


@pytest.fixture
def runner(tmp_path):
    evaluator = SimpleNamespace(dataset_meta=META)
    return SimpleNamespace(
        work_dir=str(tmp_path),
        timestamp='now',
        visualizer=PoseLocalVisualizer(),
        test_evaluator=evaluator,
    )


@pytest.fixture
def samples(tmp_path):
    """Predictions that are off by 0, (3, 4) and (30, 0) pixels in the first keypoint."""
    return [
        sample(tmp_path, i, error) for i, error in enumerate(((0, 0), (3, 4), (30, 0)))
    ]  # fmt: skip


def sample(tmp_path, i, error):
    path = str(tmp_path / f'{i}.png')
    cv2.imwrite(path, np.zeros((60, 80, 3), dtype=np.uint8))
    result = PoseDataSample(metainfo=dict(img_path=path, id=i, img_id=10 + i))
    truth = np.array([[[20.0, 20.0], [40.0, 40.0]]])
    result.gt_instances = InstanceData(
        keypoints=truth, keypoints_visible=np.ones((1, 2)), bboxes=np.array([[10, 10, 50, 50]])
    )
    predicted = truth.copy()
    predicted[0, 0] += error
    result.pred_instances = InstanceData(
        keypoints=predicted, keypoints_visible=np.ones((1, 2)), bboxes=np.array([[10, 10, 50, 50]])
    )
    return result


def test_off_by_default(runner, samples, tmp_path):
    hook = HOOKS.build(dict(type='BadCaseAnalysisHook', out_dir='bad'))
    hook.after_test_iter(runner, 0, {}, samples)
    hook.after_test_epoch(runner)
    assert not (tmp_path / 'now').exists()


def test_losses(samples):
    hook = BadCaseAnalysisHook(enable=True, badcase_thr=6)
    checked = [hook.check_badcase({}, one) for one in samples]
    # mean over two keypoints of two coordinates each
    assert [value for _, value in checked] == pytest.approx([0, 25 / 4, 900 / 4])
    assert [is_bad for is_bad, _ in checked] == [False, True, True]


def test_unlabelled_keypoints_do_not_count(samples):
    samples[2].gt_instances.keypoints_visible = np.array([[[0.0, 0.0], [1.0, 1.0]]])
    assert BadCaseAnalysisHook(enable=True).check_badcase({}, samples[2]) == (False, 0.0)


def test_list_and_drawings(runner, samples, tmp_path):
    hook = BadCaseAnalysisHook(enable=True, out_dir='bad')
    hook.after_test_iter(runner, 0, {}, samples[:2])
    hook.after_test_iter(runner, 1, {}, samples[2:])
    hook.after_test_epoch(runner)
    cases = json.loads((tmp_path / 'now/bad/results.json').read_text())
    assert [case['id'] for case in cases] == [2, 1]
    assert cases[0] == dict(
        img_path=str(tmp_path / '2.png'),
        drawing='2_0.png',
        id=2,
        img_id=12,
        bboxes=[[10, 10, 50, 50]],
        KeypointMSELoss=pytest.approx(225),
    )
    assert sorted(p.name for p in (tmp_path / 'now/bad').glob('*.png')) == ['1_0.png', '2_0.png']
    drawing = cv2.imread(str(tmp_path / 'now/bad/2_0.png'))[..., ::-1]
    assert drawing.shape == (60, 160, 3)
    assert drawing[20, 20].tolist() == [250, 0, 0]  # the label, on the left
    assert drawing[20, 80 + 50].tolist() == [250, 0, 0]  # the prediction, on the right
    assert hook.results == []


def test_accuracy(runner, samples):
    metric = dict(type='ShareOfHits')
    hook = BadCaseAnalysisHook(
        enable=True, metric_type='accuracy', metric=metric, metric_key='hits', badcase_thr=0.5
    )
    hook.after_test_iter(runner, 0, {}, samples)
    assert [case['id'] for case in hook.results] == [2]
    assert hook.results[0]['hits'] == 0.5
    assert hook.metric.dataset_meta is META


def test_wrong_settings(samples):
    with pytest.raises(ValueError, match="metric_type is 'score'"):
        BadCaseAnalysisHook(metric_type='score')
    hook = BadCaseAnalysisHook(
        enable=True, metric_type='accuracy', metric=dict(type='ShareOfHits'), metric_key='PCK'
    )
    with pytest.raises(KeyError, match=r"has no result 'PCK'; set `metric_key` to one of"):
        hook.check_badcase({}, samples[0])

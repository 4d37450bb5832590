import cv2
import numpy as np
import pytest
from mmengine.structures import InstanceData

from mmpose.engine.hooks import PoseVisualizationHook
from mmpose.registry import HOOKS
from mmpose.structures import PoseDataSample
from mmpose.visualization import Pose3dLocalVisualizer, PoseLocalVisualizer

META = dict(
    dataset_name='toy',
    keypoint_colors=np.array([[250, 0, 0]]),
    skeleton_links=[],
    skeleton_link_colors=np.empty((0, 3)),
)


class Runner:
    """What the hooks use of a runner."""

    def __init__(self, work_dir):
        self.work_dir = str(work_dir)
        self.timestamp = 'now'
        self.iter = 100
        self.visualizer = PoseLocalVisualizer(
            vis_backends=[dict(type='LocalVisBackend')], save_dir=str(work_dir / 'backend')
        )
        self.val_evaluator = self.test_evaluator = self
        self.dataset_meta = META


@pytest.fixture
def runner(tmp_path):
    return Runner(tmp_path)


@pytest.fixture
def paths(tmp_path):
    files = [str(tmp_path / name) for name in ('one.png', 'two.png')]
    for file in files:
        cv2.imwrite(file, np.full((40, 60, 3), [200, 100, 0], dtype=np.uint8))
    return files


def sample(path, x):
    result = PoseDataSample(metainfo=dict(img_path=path, ori_shape=(40, 60)))
    box = np.array([[x - 8, 12, x + 8, 28]], dtype=np.float32)
    result.gt_instances = InstanceData(bboxes=box)
    result.pred_instances = InstanceData(
        keypoints=np.array([[[x, 20.0]]]), keypoints_visible=np.ones((1, 1)), bboxes=box
    )
    return result


def drawings(tmp_path):
    return sorted(str(p.relative_to(tmp_path / 'now')) for p in (tmp_path / 'now').rglob('*.*'))


def test_is_registered_and_off_by_default(runner, paths, tmp_path):
    hook = HOOKS.build(dict(type='PoseVisualizationHook'))
    assert isinstance(hook, PoseVisualizationHook)
    hook.after_test_iter(runner, 0, {}, [sample(paths[0], 20)])
    hook.after_val_iter(runner, 0, {}, [sample(paths[0], 20)])
    assert not list((tmp_path / 'backend').rglob('*.png'))


def test_instances_of_a_picture_share_a_drawing(runner, paths, tmp_path):
    hook = PoseVisualizationHook(enable=True, out_dir='drawings')
    outputs = [sample(paths[0], 20.0), sample(paths[1], 30.0), sample(paths[0], 40.0)]
    hook.after_test_iter(runner, 0, {}, outputs)
    assert drawings(tmp_path) == ['drawings/one_0.png', 'drawings/two_0.png']
    first = cv2.imread(str(tmp_path / 'now/drawings/one_0.png'))[..., ::-1]
    assert first[20, 20].tolist() == first[20, 40].tolist() == [250, 0, 0]
    assert first[5, 5].tolist() == [0, 100, 200]
    assert first[12, 20].tolist() == [0, 128, 0]  # the box
    second = cv2.imread(str(tmp_path / 'now/drawings/two_0.png'))[..., ::-1]
    assert second[20, 30].tolist() == [250, 0, 0]


def test_later_batches_do_not_overwrite(runner, paths, tmp_path):
    hook = PoseVisualizationHook(enable=True, out_dir='drawings', interval=2)
    for batch_idx in range(4):
        hook.after_test_iter(runner, batch_idx, {}, [sample(paths[0], 20.0)])
    assert drawings(tmp_path) == ['drawings/one_0.png', 'drawings/one_1.png']


def test_validation_draws_one_picture_for_the_backends(runner, paths, tmp_path):
    hook = PoseVisualizationHook(enable=True, interval=5)
    for batch_idx in range(6):
        hook.after_val_iter(runner, batch_idx, {}, [sample(path, 20.0) for path in paths])
    written = sorted(p.name for p in (tmp_path / 'backend').rglob('*.png'))
    assert written == ['val_img_100.png', 'val_img_105.png']


def test_samples_without_a_file_are_passed_over(runner, tmp_path):
    hook = PoseVisualizationHook(enable=True, out_dir='drawings')
    hook.after_test_iter(runner, 0, {}, [sample(None, 20.0)])
    assert not (tmp_path / 'now').exists()


def test_poses_in_space_are_drawn(runner, paths, tmp_path):
    runner.visualizer = Pose3dLocalVisualizer(save_dir=str(tmp_path / 'backend'))
    runner.visualizer.set_dataset_meta(META)
    outputs = sample(paths[0], 20.0)
    outputs.pred_instances.keypoints = np.array([[[0.1, 0.2, 0.5]]])
    outputs.pred_instances.keypoint_scores = np.ones((1, 1))
    hook = PoseVisualizationHook(enable=True, out_dir='drawings')
    hook.after_test_iter(runner, 0, {}, [outputs])
    drawn = cv2.imread(str(tmp_path / 'now/drawings/one_0.png'))
    assert drawn.shape[1] > 60  # a panel stands beside the picture


def test_interval_must_be_positive():
    with pytest.raises(ValueError, match='interval is 0'):
        PoseVisualizationHook(interval=0)

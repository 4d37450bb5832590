import cv2
import numpy as np
import pytest
from mmengine.structures import InstanceData

from mmpose.registry import VISUALIZERS
from mmpose.structures import PoseDataSample
from mmpose.structures.keypoint.conversion import skeleton_definition
from mmpose.visualization import Pose3dLocalVisualizer
from mmpose.visualization.panel_3d import View, empty_panel

GREY = np.full((120, 160, 3), 180, dtype=np.uint8)
EMPTY = empty_panel(View(70, 15.0, 1.7, 10.0, (120, 120)))
STANDING = np.array(
    [
        *([0, 0, 0.94], [-0.13, 0, 0.94], [-0.16, -0.1, 0.5], [-0.15, 0.02, 0]),
        *([0.13, 0, 0.94], [0.15, -0.04, 0.5], [0.17, 0.1, 0]),
        *([0, 0, 1.18], [0, 0.02, 1.43], [0, -0.03, 1.53], [0, -0.02, 1.65]),
        *([0.18, 0.02, 1.42], [0.42, -0.02, 1.3], [0.5, -0.16, 1.52]),
        *([-0.18, 0.02, 1.42], [-0.26, 0.06, 1.15], [-0.24, -0.1, 0.93]),
    ]
)


def sample_3d(count=1, **fields):
    poses = np.stack([STANDING] * count) if count else np.empty((0, 17, 3))
    instances = InstanceData(keypoints=poses, keypoint_scores=np.ones((count, 17)), **fields)
    return PoseDataSample(pred_instances=instances)


def sample_2d(count=1, scores=1.0, K=17):
    keypoints = np.random.default_rng(0).uniform(20, 100, (count, K, 2))
    instances = InstanceData(
        keypoints=keypoints,
        keypoint_scores=np.full((count, K), scores),
        bboxes=np.array([[10.0, 10, 110, 110]] * count),
    )
    return PoseDataSample(pred_instances=instances)


def draw(sample, *args, options=(), **kwargs):
    visualizer = Pose3dLocalVisualizer(**dict(options))
    visualizer.set_dataset_meta(skeleton_definition('h36m'))
    return visualizer.add_datasample('picture', GREY, sample, *args, **kwargs)


def is_empty(panel):
    return np.array_equal(panel[20:], EMPTY[20:])  # below the title


def test_is_registered():
    visualizer = VISUALIZERS.build(dict(type='Pose3dLocalVisualizer', name='registered_3d'))
    assert isinstance(visualizer, Pose3dLocalVisualizer)


def test_a_panel_stands_beside_the_picture():
    image = draw(sample_3d())
    assert image.shape == (120, 280, 3)
    np.testing.assert_array_equal(image[:, :160], GREY)
    assert not is_empty(image[:, 160:])
    assert (GREY == 180).all()


def test_the_2d_pose_is_drawn_in_the_picture():
    found = sample_2d()
    image = draw(sample_3d(), found, options=dict(alpha=1.0))
    x, y = found.pred_instances.keypoints[0, 16].round().astype(int)
    assert image[y, x].tolist() == [255, 128, 0]  # the right ankle of COCO
    with_box = draw(sample_3d(), found, draw_bbox=True)
    assert (with_box[10, 10:110] != 180).any()


def test_the_skeleton_of_the_2d_pose():
    look = dict(det_kpt_color=(1, 2, 3), det_dataset_skeleton=[(0, 1)], alpha=1.0, radius=4)
    found = sample_2d(K=5)
    image = draw(sample_3d(), found, options=look, convert_keypoint=False)
    x, y = found.pred_instances.keypoints[0, 4].round().astype(int)
    assert image[y, x].tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ('num_instances', 'width', 'empty'),
    [(0, 120, [True]), (1, 120, [False]), (3, 360, [False, False, True])],
)
def test_number_of_panels(num_instances, width, empty):
    image = draw(sample_3d(2), num_instances=num_instances, draw_2d=False)
    assert image.shape == (120, width, 3)
    panels = np.split(image, len(empty), axis=1)
    assert [is_empty(panel) for panel in panels] == empty


@pytest.mark.parametrize('count', [0, 1, 2, 3, 5])
def test_all_instances_share_the_place_of_one_panel(count):
    image = draw(sample_3d(count), num_instances=-1)
    assert image.shape == (120, 280, 3)
    assert is_empty(image[:, 160:]) == (count == 0)


def test_panels_of_an_upright_picture_are_as_wide_as_it_is():
    visualizer = Pose3dLocalVisualizer()
    upright = GREY.transpose(1, 0, 2)
    assert visualizer.add_datasample('picture', upright, sample_3d()).shape == (160, 240, 3)


def test_titles_are_of_tracks(monkeypatch):
    titles = []
    module = 'mmpose.visualization.local_visualizer_3d'
    monkeypatch.setattr(
        f'{module}.draw_panel', lambda view, *args: titles.append(args[-2]) or empty_panel(view)
    )
    draw(sample_3d(2, track_ids=np.array([4, 7])))
    draw(sample_3d(2))
    assert titles == ['Track 4', 'Track 7', 'Instance 0', 'Instance 1']


def test_joints_that_score_low_in_the_picture_are_left_out():
    low = sample_2d(scores=0.1)
    assert is_empty(draw(sample_3d(), low, draw_2d=False))
    assert not is_empty(draw(sample_3d(), low, draw_2d=False, kpt_thr=0.05))
    assert not is_empty(draw(sample_3d(), low, draw_2d=False, convert_keypoint=False))


def test_only_joints_that_come_from_low_ones_are_left_out():
    found = sample_2d()
    found.pred_instances.keypoint_scores[0, [15, 16]] = 0  # the ankles
    full = draw(sample_3d(), draw_2d=False)
    without = sample_3d()
    without.pred_instances.keypoint_scores[0, [3, 6]] = 0  # the feet
    np.testing.assert_array_equal(
        draw(sample_3d(), found, draw_2d=False), draw(without, draw_2d=False)
    )
    assert (full != draw(without, draw_2d=False)).any()


def test_ground_truth_stands_before_the_predictions():
    sample = sample_3d()
    sample.gt_instances = InstanceData(lifting_target=STANDING[None] + 0.1)
    image = draw(sample, draw_2d=False)
    assert image.shape == (120, 240, 3)
    assert not is_empty(image[:, :120])
    assert draw(sample, draw_2d=False, draw_pred=False).shape == (120, 120, 3)
    sample.gt_instances = InstanceData(keypoints=np.zeros((1, 17, 2)))
    assert draw(sample, draw_2d=False).shape == (120, 120, 3)


def test_the_view_can_be_turned():
    front, side = (draw(sample_3d(), axis_azimuth=azimuth) for azimuth in (-90, 0))
    assert (front != side).any()
    with pytest.raises(ValueError, match='axis_limit is 0'):
        draw(sample_3d(), axis_limit=0)


def test_2d_poses_as_predictions():
    with pytest.raises(ValueError, match=r'shape \(1, 17, 2\); \(N, K, 3\), poses in space'):
        draw(sample_2d())


def test_files(tmp_path):
    drawn = draw(sample_3d(), out_file=tmp_path / 'out.png')
    written = cv2.imread(str(tmp_path / 'out.png'))
    np.testing.assert_array_equal(written[..., ::-1], drawn)

import numpy as np
import pytest

from mmpose.structures.metainfo import parse_pose_metainfo
from mmpose.visualization.openpose_style import limb_polygon, openpose_definition, to_openpose


def definition(name, keypoints, links=()):
    return dict(
        dataset_name=name,
        keypoint_info={
            i: dict(name=kpt, id=i, color=[10 * i, 20, 30], type='upper', swap='')
            for i, kpt in enumerate(keypoints)
        },
        skeleton_info={i: dict(link=link, id=i, color=[0, 0, 200]) for i, link in enumerate(links)},
        joint_weights=[1.0] * len(keypoints),
        sigmas=[0.1] * len(keypoints),
    )


PLAIN = parse_pose_metainfo(definition('toy', ['nose', 'left_shoulder', 'right_shoulder']))
OPENPOSE = parse_pose_metainfo(
    definition('toy_openpose', ['nose', 'neck', 'right_shoulder', 'left_shoulder'])
)


def test_neck_is_between_the_shoulders():
    keypoints = np.array([[[5.0, 1], [10, 20], [30, 24]]])
    visible = np.array([[0.9, 0.8, 0.4]])
    keypoints, visible = to_openpose(keypoints, visible, PLAIN, OPENPOSE)
    assert keypoints.tolist() == [[[5, 1], [20, 22], [30, 24], [10, 20]]]
    assert visible.tolist() == [[0.9, 0.4, 0.4, 0.8]]


def test_a_neck_that_is_there_is_kept():
    keypoints = np.arange(8.0).reshape(1, 4, 2)
    visible = np.ones((1, 4))
    result, _ = to_openpose(keypoints, visible, OPENPOSE, OPENPOSE)
    np.testing.assert_array_equal(result, keypoints)


def test_counterpart_is_found_by_name(tmp_path, monkeypatch):
    folder = tmp_path / 'configs/_base_/datasets'
    folder.mkdir(parents=True)
    info = definition('toy_openpose', ['nose', 'neck'])
    (folder / 'toy_openpose.py').write_text(f'dataset_info = {info!r}')
    monkeypatch.chdir(tmp_path)
    assert openpose_definition(PLAIN)['keypoint_name2id'] == dict(nose=0, neck=1)


def test_data_sets_without_counterpart_keep_their_definition():
    fish = parse_pose_metainfo(definition('fish', ['head', 'tail']))
    assert openpose_definition(fish) is fish


def test_limb_is_an_ellipse_along_its_keypoints():
    corners = limb_polygon(np.array([[10.0, 20.0], [50.0, 20.0]]), half_width=3)
    np.testing.assert_allclose(corners.min(0), [10, 17], atol=1e-9)
    np.testing.assert_allclose(corners.max(0), [50, 23], atol=1e-9)


def test_short_limbs_are_slim():
    corners = limb_polygon(np.array([[10.0, 20.0], [10.0, 28.0]]), half_width=30)
    assert np.ptp(corners[:, 1]) == pytest.approx(8)
    assert np.ptp(corners[:, 0]) == pytest.approx(4)


def test_limb_of_no_length():
    corners = limb_polygon(np.array([[10.0, 20.0], [10.0, 20.0]]), half_width=3)
    np.testing.assert_allclose(corners, np.broadcast_to([10.0, 20.0], corners.shape))

import numpy as np
import pytest

from mmpose.datasets.transforms import RandomFlipAroundRoot
from mmpose.utils import SimpleCamera

AT_ZERO = dict(center_mode='static', center_x=0.0)
AT_ROOT = dict(center_mode='root', center_index=0)
FLIP_INDICES = [0, 2, 1]


def sample(**extra):
    return dict(
        keypoints=np.float32([[[1, 5], [2, 6], [4, 7]], [[0, 0], [1, 0], [2, 0]]]),
        keypoints_visible=np.float32([[1, 1, 0], [1, 1, 1]]),
        lifting_target=np.float32([[[1, 0, 4], [3, 1, 5], [2, 2, 6]]]),
        lifting_target_visible=np.float32([[1, 0, 1]]),
        flip_indices=FLIP_INDICES,
        **extra,
    )


def test_flip_by_hand():
    results = RandomFlipAroundRoot(AT_ZERO, AT_ROOT, flip_prob=1)(sample())
    np.testing.assert_array_equal(
        results['keypoints'], [[[-1, 5], [-4, 7], [-2, 6]], [[0, 0], [-2, 0], [-1, 0]]]
    )
    np.testing.assert_array_equal(results['keypoints_visible'], [[1, 0, 1], [1, 1, 1]])
    # mirrored at the root, x = 1
    np.testing.assert_array_equal(results['lifting_target'], [[[1, 0, 4], [0, 2, 6], [-1, 1, 5]]])
    np.testing.assert_array_equal(results['lifting_target_visible'], [[1, 1, 0]])


def test_default_line():
    results = RandomFlipAroundRoot({}, {}, flip_prob=1)(sample())
    np.testing.assert_array_equal(results['keypoints'][1], [[1, 0], [-1, 0], [0, 0]])  # x = 0.5


@pytest.mark.parametrize('line', [AT_ZERO, AT_ROOT, dict(center_x=3.0)])
def test_flip_is_its_own_inverse(line):
    flip = RandomFlipAroundRoot(line, line, flip_prob=1)
    results = flip(flip(sample()))
    for key, value in sample().items():
        np.testing.assert_array_equal(results[key], value)


def test_missing_visibility_stays_missing():
    results = sample()
    del results['keypoints_visible']
    assert 'keypoints_visible' not in RandomFlipAroundRoot({}, {}, flip_prob=1)(results)


def test_labels():
    labels = dict(
        keypoint_labels=np.float32([[[1, 5, 1], [2, 6, 0], [4, 7, 1]]]),
        keypoint_labels_visible=np.float32([[1, 0, 1]]),
        lifting_target_label=np.float32([[[0, 0, 0], [1, 2, 3], [-4, 5, 6]]]),
        lifting_target_weight=np.float32([[1, 1, 0]]),
    )
    results = RandomFlipAroundRoot(AT_ZERO, AT_ZERO, flip_prob=1, flip_label=True)(sample(**labels))
    np.testing.assert_array_equal(
        results['keypoint_labels'], [[[-1, 5, 1], [-4, 7, 1], [-2, 6, 0]]]
    )
    np.testing.assert_array_equal(results['keypoint_labels_visible'], [[1, 1, 0]])
    np.testing.assert_array_equal(
        results['lifting_target_label'], [[[0, 0, 0], [4, 5, 6], [-1, 2, 3]]]
    )
    np.testing.assert_array_equal(results['lifting_target_weight'], [[1, 0, 1]])
    np.testing.assert_array_equal(results['keypoints'], sample()['keypoints'])


@pytest.mark.parametrize('center_x', [0.0, 320.0])
def test_flipped_camera_projects_flipped_poses_to_flipped_keypoints(center_x):
    rng = np.random.RandomState(0)
    param = dict(
        R=np.eye(3), T=np.zeros(3), f=[500, 400], c=[300, 200], k=[0.1, -0.2, 0.3], p=[0.02, -0.03]
    )
    poses = rng.uniform((-1, -1, 3), (1, 1, 5), (1, 3, 3)).astype(np.float32)
    results = dict(
        keypoints=SimpleCamera(param).camera_to_pixel(poses),
        lifting_target=poses,
        flip_indices=FLIP_INDICES,
        camera_param=param,
    )
    line = dict(center_mode='static', center_x=center_x)
    results = RandomFlipAroundRoot(line, AT_ZERO, flip_prob=1, flip_camera=True)(results)
    projected = SimpleCamera(results['camera_param']).camera_to_pixel(results['lifting_target'])
    np.testing.assert_allclose(projected, results['keypoints'], atol=1e-3)
    assert (param['c'], param['p']) == ([300, 200], [0.02, -0.03])  # not changed


def test_camera_without_distortion():
    flip = RandomFlipAroundRoot(AT_ZERO, AT_ZERO, flip_prob=1, flip_camera=True)
    camera = dict(c=np.array([[0.25], [0.5]]))
    results = flip(sample(camera_param=camera))
    np.testing.assert_array_equal(results['camera_param']['c'], [[-0.25], [0.5]])
    with pytest.raises(KeyError, match="RandomFlipAroundRoot needs 'camera_param'"):
        flip(sample())


def test_choice_is_random_and_apart():
    flip = RandomFlipAroundRoot({}, {}, flip_prob=0.25)
    np.random.seed(0)
    assert abs(np.mean([flip._choose_flip() for _ in range(2000)]) - 0.25) < 0.03
    results = RandomFlipAroundRoot({}, {}, flip_prob=0)(sample())
    np.testing.assert_array_equal(results['keypoints'], sample()['keypoints'])


def test_errors():
    with pytest.raises(ValueError, match=r"keypoints_flip_cfg has \['centre'\]; choose from"):
        RandomFlipAroundRoot(dict(centre=1), {})
    with pytest.raises(ValueError, match=r'flip_prob is 1\.5; expected a number from 0 to 1'):
        RandomFlipAroundRoot({}, {}, flip_prob=1.5)
    with pytest.raises(ValueError, match=r"flip_camera needs a line .* center_mode='static'"):
        RandomFlipAroundRoot(AT_ROOT, {}, flip_camera=True)
    with pytest.raises(KeyError, match=r"needs 'keypoint_labels'.*what GenerateTarget adds"):
        RandomFlipAroundRoot({}, {}, flip_prob=1, flip_label=True)(sample())
    results = {**sample(), 'flip_indices': [0, 1]}
    with pytest.raises(ValueError, match='flip_indices has 2 entries for 3 keypoints'):
        RandomFlipAroundRoot({}, {}, flip_prob=1)(results)

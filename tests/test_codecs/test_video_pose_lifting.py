import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mmpose.codecs import VideoPoseLifting

CAMERA = dict(
    w=200, h=100, f=np.array([[300.0], [200.0]]), c=np.array([[110.0], [40.0]]), k=np.zeros(3)
)
KEYPOINTS = np.float32([[[100, 50], [200, 100]], [[0, 0], [150, 25]]])
TARGET = np.float32([[[1, 2, 4], [2, 2, 5]]])


def test_keypoints_in_half_widths_from_the_centre():
    codec = VideoPoseLifting(2, reshape_keypoints=False)
    encoded = codec.encode(KEYPOINTS, lifting_target=TARGET, camera_param=CAMERA)
    np.testing.assert_array_equal(
        encoded['keypoint_labels'], [[[0, 0], [1, 0.5]], [[-1, -0.5], [0.5, -0.25]]]
    )
    channels = VideoPoseLifting(2).encode(KEYPOINTS, camera_param=CAMERA)['keypoint_labels']
    np.testing.assert_array_equal(channels, [[0, -1], [0, -0.5], [1, 0.5], [0.5, -0.25]])
    assert channels.dtype == np.float32


def test_targets_and_weights():
    codec = VideoPoseLifting(2, remove_root=True, save_index=True)
    visible = np.float32([[0, 1]])
    encoded = codec.encode(KEYPOINTS, None, TARGET, visible, CAMERA)
    np.testing.assert_array_equal(encoded['lifting_target_label'], [[[1, 0, 1]]])
    np.testing.assert_array_equal(encoded['lifting_target_weight'], [[1]])
    np.testing.assert_array_equal(encoded['trajectory_weights'], visible)
    np.testing.assert_array_equal(encoded['target_root'], [[1, 2, 4]])
    assert encoded['target_root_index'] == 0
    assert encoded['target_root_removed']
    assert encoded['keypoints_visible'].tolist() == [[1, 1], [1, 1]]


def test_weights_without_visibility_are_inverse_depths():
    target = TARGET.copy()
    target[0, 1, 2] = -5  # behind the camera
    encoded = VideoPoseLifting(2).encode(KEYPOINTS, lifting_target=target, camera_param=CAMERA)
    np.testing.assert_allclose(encoded['trajectory_weights'], [[1 / 4, 0]])
    np.testing.assert_array_equal(encoded['lifting_target_weight'], [[1, 1]])


def test_without_centring_the_poses_stay():
    target = TARGET.copy()
    target[0, 0, 0] = np.nan
    codec = VideoPoseLifting(2, zero_center=False, remove_root=True)
    encoded = codec.encode(KEYPOINTS, lifting_target=target, camera_param=CAMERA)
    np.testing.assert_array_equal(encoded['lifting_target_label'], [[[0, 0, 0], [2, 2, 5]]])
    np.testing.assert_array_equal(encoded['lifting_target_weight'], [[0, 1]])
    assert 'target_root' not in encoded
    np.testing.assert_array_equal(codec.decode(TARGET)[0], TARGET)


def test_normalised_camera():
    encoded = VideoPoseLifting(2, normalize_camera=True).encode(KEYPOINTS, camera_param=CAMERA)
    camera = encoded['camera_param']
    np.testing.assert_allclose(camera['f'], [[3], [2]])
    np.testing.assert_allclose(camera['c'], [[0.1], [-0.1]])
    assert (camera['w'], CAMERA['f'][0, 0]) == (200, 300)  # the given camera is not changed
    flat = {**CAMERA, 'f': [300, 200], 'c': [110, 40]}
    camera = VideoPoseLifting(2, normalize_camera=True).encode(KEYPOINTS, camera_param=flat)
    np.testing.assert_allclose(camera['camera_param']['c'], [0.1, -0.1])
    assert 'camera_param' not in VideoPoseLifting(2).encode(KEYPOINTS, camera_param=CAMERA)


@given(
    target=arrays(np.float32, (3, 2, 3), elements=st.floats(-4, 4, width=32)),
    remove_root=st.booleans(),
)
@settings(deadline=None)
def test_decode_inverts_encode(target, remove_root):
    codec = VideoPoseLifting(2, remove_root=remove_root, root_index=1)
    encoded = codec.encode(KEYPOINTS, lifting_target=target, camera_param=CAMERA)
    decoded, scores = codec.decode(encoded['lifting_target_label'], encoded['target_root'])
    np.testing.assert_allclose(decoded, target, atol=1e-6)
    np.testing.assert_array_equal(scores, np.ones((3, 2)))


@pytest.mark.parametrize(
    ('camera', 'missing'),
    [(None, r"\['w', 'h'\]"), (dict(w=1), r"\['h'\]"), (dict(w=1, h=1), r"\['f', 'c'\]")],
)
def test_missing_camera(camera, missing):
    codec = VideoPoseLifting(2, normalize_camera=camera is not None and 'h' in camera)
    with pytest.raises(ValueError, match=f'camera_param lacks {missing}'):
        codec.encode(KEYPOINTS, camera_param=camera)

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mmpose.codecs import MotionBERTLabel

CAMERA = dict(w=1000, h=500, f=np.array([[1000.0], [1000.0]]), c=np.array([[500.0], [250.0]]))
KEYPOINTS = np.float32([[[500, 250], [1000, 500]]])
TARGET = np.float32([[[0, 0, 4], [1, 0.5, 5]]])
UNITS_PER_METRE = 0.501 / 2  # thousand pixels at 4 m: 2 m are 2 / 4 wide, and 0.001
FACTOR = 1 / UNITS_PER_METRE
POSE = np.array([[[0, 0, 0], [0.2, 0.1, UNITS_PER_METRE]]])  # in thousands of pixels


def test_keypoints_in_half_widths_from_the_centre():
    encoded = MotionBERTLabel(2).encode(KEYPOINTS, camera_param=CAMERA)
    np.testing.assert_array_equal(encoded['keypoint_labels'], [[[0, 0], [1, 0.5]]])
    assert set(encoded) == {'keypoint_labels', 'keypoint_labels_visible'}
    labels = MotionBERTLabel(2, concat_vis=True).encode(KEYPOINTS, np.float32([[1, 0]]))
    np.testing.assert_array_equal(labels['keypoint_labels'], [[[500, 250, 1], [1000, 500, 0]]])


@pytest.mark.parametrize(('mode', 'scale'), [('train', 2), ('test', FACTOR)])
def test_targets_by_hand(mode, scale):
    codec = MotionBERTLabel(2, mode=mode)
    encoded = codec.encode(KEYPOINTS, lifting_target=TARGET, camera_param=CAMERA)
    np.testing.assert_allclose(encoded['lifting_target_label'], POSE * scale, rtol=1e-5)
    np.testing.assert_allclose(encoded['lifting_target'], POSE * scale, rtol=1e-5)
    np.testing.assert_allclose(encoded['factor'], [[FACTOR]])
    np.testing.assert_array_equal(encoded['lifting_target_weight'], [[1, 1]])
    assert encoded['lifting_target_label'].dtype == encoded['factor'].dtype == np.float32


@pytest.mark.parametrize(
    ('given_factor', 'expected'),
    [(None, FACTOR), (np.zeros(1), FACTOR), (np.ones(1), 1), (np.full((1, 1), 3.0), 3)],
)
def test_factor(given_factor, expected):
    arguments = dict(lifting_target=TARGET, camera_param=CAMERA, factor=given_factor)
    encoded = MotionBERTLabel(2).encode(KEYPOINTS, **arguments)
    np.testing.assert_allclose(encoded['factor'], [[expected]])
    np.testing.assert_allclose(encoded['lifting_target_label'], POSE * expected, rtol=1e-5)


def test_without_intrinsics_the_targets_stay_in_metres():
    for camera in (None, dict(w=1000, h=500)):
        encoded = MotionBERTLabel(2).encode(KEYPOINTS, lifting_target=TARGET, camera_param=camera)
        np.testing.assert_array_equal(encoded['lifting_target_label'], [[[0, 0, 0], [1, 0.5, 1]]])
        np.testing.assert_array_equal(encoded['factor'], [[4]])


def test_target_at_the_camera_has_the_default_factor():
    # what inference without targets puts in their place
    target = np.zeros((1, 2, 3))
    encoded = MotionBERTLabel(2).encode(KEYPOINTS, lifting_target=target, camera_param=CAMERA)
    np.testing.assert_array_equal(encoded['factor'], [[4]])
    np.testing.assert_array_equal(encoded['lifting_target_label'], np.zeros((1, 2, 3)))


def test_unknown_positions_have_no_weight():
    target = np.repeat(TARGET, 2, axis=0)
    target[0, 1, 0] = np.nan
    target[1, 0] = np.nan  # the root
    encoded = MotionBERTLabel(2).encode(KEYPOINTS, lifting_target=target, camera_param=CAMERA)
    np.testing.assert_array_equal(encoded['lifting_target_weight'], [[1, 0], [0, 0]])
    np.testing.assert_array_equal(encoded['lifting_target_label'], np.zeros((2, 2, 3)))
    np.testing.assert_allclose(encoded['factor'], [[FACTOR], [4]])


def test_decode_by_hand():
    poses = np.array([[[0.1, 0.2, 0.3], [1.1, 0.2, 0.3]]])
    # half widths of 500 pixels are half a unit
    decoded, scores = MotionBERTLabel(2).decode(poses, np.array([1000]), np.array([500]), [[4.0]])
    np.testing.assert_allclose(decoded, [[[0, 0, 0], [2, 0, 0]]])
    np.testing.assert_array_equal(scores, [[1, 1]])
    decoded, _ = MotionBERTLabel(2, rootrel=True).decode(poses, np.array([1000]), None, [[4.0]])
    np.testing.assert_allclose(decoded, [[[0, 0, 0], [2.2, 0.4, 0.6]]])
    decoded, _ = MotionBERTLabel(2).decode(poses, np.empty(0), np.empty(0), np.empty(0))
    np.testing.assert_allclose(decoded, [[[0, 0, 0], [1, 0, 0]]])
    np.testing.assert_array_equal(poses[0, 0], [0.1, 0.2, 0.3])  # not changed


def test_decode_of_a_batch():
    poses = np.zeros((2, 3, 2, 3), np.float32)
    poses[:, :, 1] = 1
    factor = np.float32([[[1], [2], [3]], [[4], [5], [6]]])
    decoded, scores = MotionBERTLabel(2).decode(poses, np.array([[1000], [2000]]), None, factor)
    expected = [[0.5, 1, 1.5], [4, 5, 6]]
    np.testing.assert_allclose(decoded[:, :, 1, 0], expected)
    assert decoded.dtype == np.float32
    assert scores.shape == (2, 3, 2)


@given(
    xy=arrays(np.float32, (4, 3, 2), elements=st.floats(-1, 1, width=32)),
    depth=arrays(np.float32, (4, 3, 1), elements=st.floats(2, 6, width=32)),
    root=st.sampled_from([0, 1, [0, 2]]),
    remove_root=st.booleans(),
    rootrel=st.booleans(),
)
@settings(deadline=None)
def test_decoded_train_targets_are_test_targets(xy, depth, root, remove_root, rootrel):
    target = np.concatenate([xy, depth], axis=-1)
    settings_ = dict(num_keypoints=3, root_index=root, remove_root=remove_root, rootrel=rootrel)
    train, test = (MotionBERTLabel(mode=mode, **settings_) for mode in ('train', 'test'))
    keypoints = np.zeros((4, 3, 2), np.float32)
    labels = train.encode(keypoints, lifting_target=target, camera_param=CAMERA)
    wanted = test.encode(keypoints, lifting_target=target, camera_param=CAMERA)
    decoded, _ = train.decode(
        labels['lifting_target_label'], np.array([1000]), np.array([500]), labels['factor']
    )
    np.testing.assert_allclose(decoded, wanted['lifting_target'], atol=1e-4)


def test_removed_root():
    codec = MotionBERTLabel(2, remove_root=True, save_index=True)
    encoded = codec.encode(KEYPOINTS, lifting_target=TARGET, camera_param=CAMERA)
    assert encoded['lifting_target_label'].shape == (1, 1, 3)
    assert encoded['lifting_target'].shape == (1, 2, 3)  # what decode returns
    assert encoded['target_root_index'] == 0


@pytest.mark.parametrize('shape', [(3,), (3, 1)])
def test_one_width_and_factor_per_frame(shape):
    poses, values = np.zeros((4, 2, 3)), np.ones(shape)
    with pytest.raises(ValueError, match=r'w has 3 entries for poses of shape \(4, 2, 3\); give'):
        MotionBERTLabel(2).decode(poses, values, values)
    with pytest.raises(ValueError, match='factor has 3 entries for poses'):
        MotionBERTLabel(2).decode(poses, factor=values)


def test_errors():
    with pytest.raises(ValueError, match="mode is 'val', but must be one of 'train', 'test'"):
        MotionBERTLabel(2, mode='val')
    arguments = dict(lifting_target=TARGET, camera_param=dict(CAMERA))
    with pytest.raises(ValueError, match='factor has 3 entries for targets of 1 frames'):
        MotionBERTLabel(2).encode(KEYPOINTS, factor=np.ones(3), **arguments)
    del arguments['camera_param']['w']
    with pytest.raises(ValueError, match='camera_param lacks the width w'):
        MotionBERTLabel(2, mode='train').encode(KEYPOINTS, **arguments)

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mmpose.codecs import ImagePoseLifting
from mmpose.registry import KEYPOINT_CODECS

KEYPOINTS = np.float32([[[10, 20], [30, 40], [50, 60]]])
TARGET = np.float32([[[1, 2, 4], [2, 2, 5], [1, 0, 4]]])
STATISTICS = dict(
    keypoints_mean=np.full((1, 3, 2), 10.0),
    keypoints_std=np.full((3, 2), 5.0),
    target_mean=np.full((3, 3), 1.0),
    target_std=np.full((1, 3, 3), 2.0),
)


def poses(frames):
    return arrays(np.float32, (frames, 3, 3), elements=st.floats(-4, 4, width=32))


def test_targets_by_hand():
    encoded = ImagePoseLifting(num_keypoints=3).encode(KEYPOINTS, lifting_target=TARGET)
    np.testing.assert_array_equal(encoded['keypoint_labels'].T, [[10, 20, 30, 40, 50, 60]])
    np.testing.assert_array_equal(encoded['target_root'], [[1, 2, 4]])
    np.testing.assert_array_equal(
        encoded['lifting_target_label'], [[[0, 0, 0], [1, 0, 1], [0, -2, 0]]]
    )
    np.testing.assert_array_equal(encoded['lifting_target_weight'], [[1, 1, 1]])
    np.testing.assert_allclose(encoded['trajectory_weights'], [[1 / 4, 1 / 5, 1 / 4]])
    assert encoded['lifting_target_label'].dtype == np.float32
    assert 'target_root_removed' not in encoded


def test_root_of_several_keypoints_is_their_mean():
    codec = ImagePoseLifting(num_keypoints=3, root_index=[1, 2], remove_root=True)
    encoded = codec.encode(KEYPOINTS, lifting_target=TARGET)
    np.testing.assert_array_equal(encoded['target_root'], [[1.5, 1, 4.5]])
    assert encoded['lifting_target_label'].shape == (1, 3, 3)  # a mean cannot be removed
    assert 'target_root_removed' not in encoded


@pytest.mark.parametrize('save_index', [False, True])
def test_removed_root(save_index):
    codec = ImagePoseLifting(3, root_index=1, remove_root=True, save_index=save_index)
    visible = np.float32([[1, 1, 0]])
    encoded = codec.encode(KEYPOINTS, None, TARGET, visible)
    np.testing.assert_array_equal(encoded['lifting_target_label'], [[[-1, 0, -1], [-1, -2, -1]]])
    np.testing.assert_array_equal(encoded['lifting_target_weight'], [[1, 0]])
    np.testing.assert_array_equal(encoded['trajectory_weights'], visible)
    assert encoded['target_root_removed'] is True
    assert encoded.get('target_root_index') == (1 if save_index else None)


def test_layouts_of_the_inputs():
    keypoints = np.arange(12, dtype=np.float32).reshape(2, 3, 2)
    channels = ImagePoseLifting(3).encode(keypoints)['keypoint_labels']
    assert channels.shape == (6, 2)
    np.testing.assert_array_equal(channels[:, 1], np.arange(6, 12))
    plain = ImagePoseLifting(3, reshape_keypoints=False, concat_vis=True)
    visible = np.float32([[1, 0, 1], [0, 1, 1]])
    labels = plain.encode(keypoints, visible)['keypoint_labels']
    np.testing.assert_array_equal(labels[..., :2], keypoints)
    np.testing.assert_array_equal(labels[..., 2], visible)


def test_statistics():
    codec = ImagePoseLifting(3, reshape_keypoints=False, **STATISTICS)
    encoded = codec.encode(KEYPOINTS, lifting_target=TARGET)
    np.testing.assert_array_equal(encoded['keypoint_labels'], (KEYPOINTS - 10) / 5)
    np.testing.assert_array_equal(encoded['lifting_target_label'], (TARGET - TARGET[:, :1] - 1) / 2)
    assert encoded['keypoints_std'].shape == (1, 3, 2)
    assert encoded['target_mean'].shape == (1, 3, 3)
    np.testing.assert_array_equal(
        codec.decode(encoded['lifting_target_label'])[0], TARGET - [1, 2, 4]
    )


@given(
    target=poses(2), root=st.sampled_from([0, 2, [0, 1]]), remove=st.booleans(), stats=st.booleans()
)
@settings(deadline=None)
def test_decode_inverts_encode(target, root, remove, stats):
    statistics = dict(STATISTICS) if stats else {}
    if stats and remove and isinstance(root, int):
        statistics.update(target_mean=np.ones((2, 3)), target_std=np.full((2, 3), 2.0))
    codec = ImagePoseLifting(3, root_index=root, remove_root=remove, **statistics)
    encoded = codec.encode(KEYPOINTS, lifting_target=target)
    for target_root in (encoded['target_root'], encoded['target_root'][:, None]):
        decoded, scores = codec.decode(encoded['lifting_target_label'], target_root)
        np.testing.assert_allclose(decoded, target, atol=1e-5)
        np.testing.assert_array_equal(scores, np.ones((2, 3)))


@pytest.mark.parametrize('nothing', [None, np.empty(0)])
def test_decode_without_root_leaves_it_at_zero(nothing):
    codec = ImagePoseLifting(3, root_index=1, remove_root=True)
    decoded, _ = codec.decode(np.ones((2, 2, 3), np.float32), nothing)
    np.testing.assert_array_equal(decoded[:, 1], np.zeros((2, 3)))
    np.testing.assert_array_equal(decoded[:, [0, 2]], np.ones((2, 2, 3)))


def test_unknown_positions_have_no_weight():
    keypoints, target = KEYPOINTS.copy(), np.repeat(TARGET, 2, axis=0)
    keypoints[0, 1, 0] = np.nan
    target[0, 2, 1] = np.nan
    target[1, 0] = np.nan  # the root
    codec = ImagePoseLifting(3, reshape_keypoints=False)
    encoded = codec.encode(keypoints, lifting_target=target)
    np.testing.assert_array_equal(encoded['keypoint_labels'][0, 1], [0, 0])
    np.testing.assert_array_equal(encoded['keypoint_labels_visible'], [[1, 0, 1]])
    np.testing.assert_array_equal(encoded['lifting_target_weight'], [[1, 1, 0], [0, 0, 0]])
    np.testing.assert_allclose(encoded['trajectory_weights'], [[1 / 4, 1 / 5, 0], [0, 0, 0]])
    assert np.isfinite(encoded['lifting_target_label']).all()
    assert np.isfinite(encoded['target_root']).all()


def test_without_targets():
    encoded = ImagePoseLifting(3, **STATISTICS).encode(KEYPOINTS)
    assert set(encoded) == {
        'keypoint_labels', 'keypoint_labels_visible', 'keypoints_mean', 'keypoints_std'
    }  # fmt: skip


def test_arguments_stay_as_they_are():
    keypoints, target = KEYPOINTS.copy(), TARGET.copy()
    ImagePoseLifting(3, **STATISTICS).encode(keypoints, lifting_target=target)
    np.testing.assert_array_equal(keypoints, KEYPOINTS)
    np.testing.assert_array_equal(target, TARGET)


def test_additional_keys_belong_to_the_instance():
    cfg = dict(type='ImagePoseLifting', num_keypoints=3, additional_encode_keys=['factor'])
    codec = KEYPOINT_CODECS.build(cfg)
    assert codec.auxiliary_encode_keys == {'lifting_target', 'lifting_target_visible', 'factor'}
    assert 'factor' not in ImagePoseLifting.auxiliary_encode_keys
    assert codec.encode(KEYPOINTS, factor=np.ones(1))['keypoint_labels'].shape == (6, 1)


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(root_index=3), r'root_index is 3, but must be from 0 to 2'),
        (dict(root_index=[]), r'root_index is \[\], but must be from 0 to 2'),
        (dict(keypoints_mean=np.zeros((3, 2))), r'keypoints_std is missing; give both'),
        (dict(target_std=np.ones((3, 3))), r'target_mean is missing; give both'),
        (
            dict(STATISTICS, remove_root=True),
            r'target_mean has shape \(3, 3\); expected \(2, 3\) or \(1, 2, 3\)',
        ),
        (dict(STATISTICS, keypoints_std=np.zeros((3, 2))), r'keypoints_std is .* positive'),
    ],
)
def test_wrong_settings(arguments, message):
    with pytest.raises(ValueError, match=message):
        ImagePoseLifting(num_keypoints=3, **arguments)


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(keypoints=KEYPOINTS[0]), r'keypoints has shape \(3, 2\); expected \(N, K, 2\)'),
        (dict(keypoints=KEYPOINTS[:, :2]), r'2 keypoints, but the codec was made for 3'),
        (
            dict(keypoints=KEYPOINTS, keypoints_visible=np.ones((2, 3))),
            r'keypoints_visible has shape \(2, 3\)',
        ),
        (
            dict(keypoints=KEYPOINTS, lifting_target=TARGET[0]),
            r'lifting_target has shape \(3, 3\); expected \(T, 3, 3\)',
        ),
        (
            dict(
                keypoints=KEYPOINTS,
                lifting_target=TARGET,
                lifting_target_visible=np.ones((1, 3, 1)),
            ),
            r'lifting_target_visible has shape \(1, 3, 1\) .* expected \(1, 3\)',
        ),
    ],
)
def test_wrong_shapes(arguments, message):
    with pytest.raises(ValueError, match=message):
        ImagePoseLifting(num_keypoints=3).encode(**arguments)


def test_wrong_number_of_roots():
    with pytest.raises(ValueError, match='target_root has 2 positions for 3 poses'):
        ImagePoseLifting(3).decode(np.zeros((3, 3, 3)), np.zeros((2, 3)))

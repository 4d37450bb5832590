import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.codecs import RegressionLabel
from mmpose.registry import KEYPOINT_CODECS

CODEC = RegressionLabel(input_size=(192, 256))


def test_labels_are_fractions_of_the_input():
    encoded = CODEC.encode(np.array([[[48.0, 64.0], [96.0, 192.0]]]))
    assert set(encoded) == {'keypoint_labels', 'keypoint_weights'}
    np.testing.assert_array_equal(encoded['keypoint_labels'], [[[0.25, 0.25], [0.5, 0.75]]])
    np.testing.assert_array_equal(encoded['keypoint_weights'], [[1, 1]])
    assert {v.dtype for v in encoded.values()} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ('point', 'visible', 'weight'),
    [
        ((0, 0), 1, 1),
        ((191, 255), 1, 1),
        ((191.5, 255), 1, 0),
        ((191, 255.5), 1, 0),
        ((-0.5, 9), 1, 0),
        ((9, -0.5), 1, 0),
        ((9, 9), 0.75, 1),
        ((9, 9), 0.5, 0),
        ((9, 9), 0, 0),
    ],
)
def test_weight_is_1_for_visible_keypoints_inside(point, visible, weight):
    encoded = CODEC.encode(np.float32([[point]]), np.float32([[visible]]))
    assert encoded['keypoint_weights'] == weight
    np.testing.assert_allclose(encoded['keypoint_labels'][0, 0] * (192, 256), point)


def test_keypoints_that_are_not_numbers_have_no_label():
    keypoints = np.array([[[np.nan, 5], [5, np.inf], [48, 64]]])
    encoded = CODEC.encode(keypoints, np.ones((1, 3)))
    np.testing.assert_array_equal(encoded['keypoint_labels'], [[[0, 0], [0, 0], [0.25, 0.25]]])
    np.testing.assert_array_equal(encoded['keypoint_weights'], [[0, 0, 1]])
    assert np.isnan(keypoints[0, 0, 0])


@given(
    points=st.lists(st.tuples(st.floats(-300, 500), st.floats(-300, 500)), max_size=5),
    num_instances=st.integers(0, 3),
)
@settings(deadline=None)
def test_round_trip(points, num_instances):
    keypoints = np.array([points] * num_instances).reshape(num_instances, len(points), 2)
    decoded, scores = CODEC.decode(CODEC.encode(keypoints)['keypoint_labels'])
    assert decoded.shape == keypoints.shape
    np.testing.assert_allclose(decoded, keypoints, rtol=1e-6, atol=1e-4)
    np.testing.assert_array_equal(scores, np.ones(keypoints.shape[:2]))


def test_scores_are_what_the_deviations_leave():
    keypoints, scores = CODEC.decode(np.array([[[0.5, 0.25, 0.1, 0.3], [1, 1, 0, 0]]]))
    np.testing.assert_allclose(keypoints, [[[96, 64], [192, 256]]])
    np.testing.assert_allclose(scores, [[0.8, 1]])


@pytest.mark.parametrize('columns', [2, 4])
@pytest.mark.parametrize('dtype', [torch.float32, torch.float16, torch.bfloat16])
def test_batch_is_decoded_like_its_samples(columns, dtype):
    batch = torch.from_numpy(np.random.RandomState(0).rand(3, 2, 5, columns)).to(dtype)
    decoded, scores = CODEC.batch_decode(batch)
    assert decoded.shape == (3, 2, 5, 2)
    for i, encoded in enumerate(batch):
        np.testing.assert_array_equal(decoded[i], CODEC.decode(encoded)[0])
        np.testing.assert_array_equal(scores[i], CODEC.decode(encoded)[1])
    tensors = CODEC.decode_tensors(batch)
    np.testing.assert_allclose(tensors[0], decoded, atol=1e-3)
    np.testing.assert_allclose(tensors[1], scores, atol=1e-3)
    single = CODEC.batch_decode(batch[:, 0])[0], CODEC.decode_tensors(batch[:, 0])[0]
    np.testing.assert_array_equal(single[0], decoded[:, :1])
    np.testing.assert_allclose(single[1], decoded[:, :1], atol=1e-3)


def test_decode_leaves_its_argument():
    encoded = np.full((1, 3, 2), 0.5)
    CODEC.decode(encoded)
    assert (encoded == 0.5).all()


@pytest.mark.parametrize('decode', [CODEC.decode, lambda e: CODEC.decode_tensors(torch.tensor(e))])
def test_other_columns_are_refused(decode):
    with pytest.raises(ValueError, match=r'shape .*3, 3\); expected \(\.\.\., K, 2\)'):
        decode(np.zeros((1, 3, 3)))


def test_single_sample_is_no_batch():
    with pytest.raises(ValueError, match=r'shape \(3, 2\); expected \(B, N, K, D\), or \(B, K, D'):
        CODEC.batch_decode(np.zeros((3, 2)))


@pytest.mark.parametrize('size', [(192,), (0, 256), (192, -1)])
def test_bad_sizes_are_refused(size):
    with pytest.raises(ValueError, match=r'input_size is .* must be 2 positive numbers'):
        RegressionLabel(size)


def test_shapes_that_disagree_are_refused():
    with pytest.raises(ValueError, match=r'keypoints_visible has shape \(1, 2\)'):
        CODEC.encode(np.zeros((1, 3, 2)), np.ones((1, 2)))
    with pytest.raises(ValueError, match=r'shape \(1, 3, 3\); expected \(N, K, 2\)'):
        CODEC.encode(np.zeros((1, 3, 3)))


def test_codec_is_registered():
    codec = KEYPOINT_CODECS.build(dict(type='RegressionLabel', input_size=(192, 256)))
    assert codec.label_mapping_table == dict(
        keypoint_labels='keypoint_labels', keypoint_weights='keypoint_weights'
    )
    assert codec.field_mapping_table == codec.instance_mapping_table == {}
    assert codec.support_batch_decoding
    assert codec.support_tensor_decoding

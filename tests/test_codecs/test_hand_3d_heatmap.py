import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mmpose.codecs import Hand3DHeatmap
from mmpose.codecs.utils import generate_3d_gaussian_heatmaps, get_heatmap_3d_maximum

# w 8, h 6, d 10 cells of 4 pixels, and of 10 millimetres from -50 on
SIZES = dict(image_size=(32, 24), heatmap_size=(8, 6, 10), heatmap3d_depth_bound=100.0)


def codec(**settings_):
    return Hand3DHeatmap(**{**SIZES, 'sigma': 1, **settings_})


def volumes(heatmaps):
    return heatmaps.reshape(-1, 10, 6, 8)


def test_peak_and_falloff():
    keypoints = np.array([[[12.0, 8.0, -10.0]]])  # cell x 3, y 2, z 4
    heatmaps = codec(max_bound=255).encode(keypoints)['heatmaps']
    assert heatmaps.shape == (10, 6, 8)
    assert heatmaps.dtype == np.float32
    assert np.unravel_index(heatmaps.argmax(), heatmaps.shape) == (4, 2, 3)
    np.testing.assert_allclose(heatmaps[4, 2, 3], 255)
    np.testing.assert_allclose(heatmaps[5, 3, 5], 255 * np.exp(-(1 + 1 + 4) / 2), rtol=1e-5)
    # three sigma along each axis, so that a corner of the cube is drawn
    np.testing.assert_allclose(heatmaps[7, 5, 6], 255 * np.exp(-27 / 2), rtol=1e-5)
    assert heatmaps[8, 2, 3] == heatmaps[4, 2, 7] == 0
    assert heatmaps[0].max() == 0
    assert heatmaps[1, 2, 3] > 0


def test_exact_positions_and_odd_sigma():
    heatmaps, _ = generate_3d_gaussian_heatmaps(
        (8, 6, 10), np.array([[[13.0, 8, -10]]]), np.ones((1, 1)), 0.4, (32, 24), 100.0
    )
    # x is at 3.25: cells from round(3.25 - 1.2) = 2 on, ceil(2.4) + 1 = 4 of them
    np.testing.assert_array_equal(heatmaps[4, 2].nonzero()[0], [2, 3, 4, 5])
    np.testing.assert_allclose(heatmaps[4, 2, 3], np.exp(-(0.25**2) / 0.32), rtol=1e-5)


def test_instances_share_the_maximum():
    keypoints = np.array([[[12.0, 8, 0]], [[16.0, 8, 0]]])
    heatmaps = codec().encode(keypoints)['heatmaps']
    separate = [codec().encode(k[None])['heatmaps'] for k in keypoints]
    np.testing.assert_array_equal(heatmaps, np.maximum(*separate))


def test_weights_and_what_is_drawn():
    keypoints = np.array([[[12.0, 8, 0], [12, 8, 50], [12, 8, -50], [np.nan, 8, 0], [12, 8, 0]]])
    visible = np.float32([[1, 1, 1, 1, 0]])
    encoded = codec().encode(keypoints, visible)
    np.testing.assert_array_equal(encoded['keypoint_weights'], [[1, 0, 1, 0, 0]])
    drawn = volumes(encoded['heatmaps']).max(axis=(1, 2, 3)) > 0
    # The second is a cell behind the last, and its Gaussian reaches into the map.
    np.testing.assert_array_equal(drawn, [True, True, True, False, False])


@pytest.mark.parametrize('position', [[-100, 8, 0], [12, 1e6, 0], [12, 8, -1e4]])
def test_far_outside_nothing_is_drawn(position):
    assert codec().encode(np.array([[position]], dtype=float))['heatmaps'].max() == 0


def test_joint_indices_and_weights_of_the_data_set():
    keypoints = np.zeros((1, 3, 3))
    weighted = codec(use_different_joint_weights=True, joint_indices=[2, 0])
    encoded = weighted.encode(keypoints, None, np.float32([1, 2, 3]))
    np.testing.assert_array_equal(encoded['keypoint_weights'], [[3, 1]])
    assert encoded['heatmaps'].shape == (20, 6, 8)
    with pytest.raises(ValueError, match='needs dataset_keypoint_weights in the sample'):
        weighted.encode(keypoints)


def test_labels():
    labels = dict(
        rel_root_depth=np.float32(35), rel_root_valid=1, hand_type=[[1, 0]], hand_type_valid=[1]
    )
    encoded = codec().encode(np.zeros((1, 3, 3)), **labels)
    np.testing.assert_allclose(encoded['root_depth'], [37.6])  # (35 / 400 + 0.5) * 64
    np.testing.assert_array_equal(encoded['root_depth_weight'], [1])
    np.testing.assert_array_equal(encoded['type'], [[1, 0]])
    np.testing.assert_array_equal(encoded['type_weight'], [1])
    assert {encoded[key].dtype for key in encoded} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ('depth', 'valid', 'weight'),
    [(200, 1, 1), (-200, 1, 1), (201, 1, 0), (0, 0, 0), (np.nan, 1, 0), (None, 1, 0), (5, None, 1)],
)
def test_weight_of_the_roots(depth, valid, weight):
    encoded = codec().encode(np.zeros((1, 3, 3)), rel_root_depth=depth, rel_root_valid=valid)
    np.testing.assert_array_equal(encoded['root_depth_weight'], [weight])
    assert np.isfinite(encoded['root_depth']).all()
    np.testing.assert_array_equal(encoded['type_weight'], [0])
    assert encoded['type'].shape == (1, 2)


@given(
    keypoints=arrays(np.float32, (1, 4, 3), elements=st.floats(0, 1, width=32)),
    depth=st.floats(-200, 200),
)
@settings(deadline=None, max_examples=30)
def test_round_trip_is_true_to_half_a_cell(keypoints, depth):
    # cells from 1 to the last but one
    keypoints = keypoints * [24, 16, 80] + [4, 4, -40]
    both = codec()
    encoded = both.encode(keypoints, rel_root_depth=depth, hand_type=[[1, 0]])
    decoded, scores, root, hand_type = both.decode(
        volumes(encoded['heatmaps']), encoded['root_depth'], encoded['type'] - 0.5
    )
    assert (np.abs(decoded - keypoints) <= np.array([2, 2, 5]) + 1e-3).all()
    assert scores.min() >= np.exp(-3 * 0.25 / 2) - 1e-4
    np.testing.assert_allclose(root, [depth], atol=1e-3)
    np.testing.assert_array_equal(hand_type, [[1, 0]])


def test_decode_by_hand():
    heatmaps = np.zeros((2, 10, 6, 8), np.float32)
    heatmaps[0, 4, 2, 3] = 0.7
    keypoints, scores, root, hand_type = codec().decode(
        heatmaps, np.float32([[40]]), np.float32([0.2, -0.1])
    )
    # A volume without a positive value has its keypoint a cell outside.
    np.testing.assert_allclose(keypoints, [[[12, 8, -10], [-4, -4, -60]]], atol=1e-4)
    np.testing.assert_allclose(scores, [[0.7, 0]])
    np.testing.assert_allclose(root, [[50]])
    np.testing.assert_array_equal(hand_type, [[1, 0]])  # logits


def batch(rng):
    """Outputs for three samples of two keypoints, the second of which is nowhere in the first."""
    heatmaps = rng.uniform(0, 1, (3, 2, 10, 6, 8)).astype(np.float32)
    heatmaps[0, 1] = -1
    root_depth = rng.uniform(0, 64, (3, 1)).astype(np.float32)
    return heatmaps, root_depth, np.float32([[1, -1], [-2, 0.1], [0, 3]])


def test_a_batch_is_decoded_like_its_samples():
    outputs = batch(np.random.RandomState(0))
    decoded = codec().batch_decode(*map(torch.from_numpy, outputs))
    assert [values.shape for values in decoded] == [(3, 1, 2, 3), (3, 1, 2), (3, 1), (3, 1, 2)]
    for i, sample in enumerate(zip(*outputs, strict=True)):
        for values, expected in zip(decoded, codec().decode(*sample), strict=True):
            np.testing.assert_array_equal(values[i], expected)
    np.testing.assert_array_equal(decoded[3], [[[1, 0]], [[0, 1]], [[0, 1]]])


def test_tensors_are_decoded_like_arrays():
    outputs = batch(np.random.RandomState(1))
    assert codec().support_tensor_decoding
    decoded = codec().decode_tensors(*map(torch.from_numpy, outputs))
    for values, expected in zip(decoded, codec().batch_decode(*outputs), strict=True):
        np.testing.assert_allclose(values.numpy(), expected, rtol=1e-6)


def test_maxima_of_a_batch():
    maps = np.random.RandomState(0).uniform(size=(2, 3, 4, 5, 6)).astype(np.float32)
    locs, vals = get_heatmap_3d_maximum(maps)
    assert locs.shape == (2, 3, 3)
    x, y, z = locs.astype(int).transpose(2, 0, 1)
    b, k = np.ogrid[:2, :3]
    np.testing.assert_array_equal(maps[b, k, z, y, x], vals)
    np.testing.assert_array_equal(vals, maps.max(axis=(2, 3, 4)))
    with pytest.raises(
        ValueError, match=r'heatmaps has shape \(4, 5, 6\); expected \(K, D, H, W\)'
    ):
        get_heatmap_3d_maximum(maps[0, 0])


@pytest.mark.parametrize(
    ('settings_', 'message'),
    [
        (dict(heatmap_size=(8, 6)), r'heatmap_size is \(8, 6\), but must be 3 positive numbers'),
        (dict(image_size=(0, 6)), r'image_size is \(0, 6\), but must be 2 positive numbers'),
        (dict(sigma=0), 'sigma is 0, but must be positive'),
        (dict(heatmap3d_depth_bound=-1), 'heatmap3d_depth_bound is -1'),
        (dict(root_heatmap_size=0), 'root_heatmap_size is 0, but must be positive'),
    ],
)
def test_wrong_settings(settings_, message):
    with pytest.raises(ValueError, match=message):
        codec(**settings_)


@pytest.mark.parametrize('length', [32, 48])
def test_root_heatmap_size_decides(length):
    kwargs = dict(root_heatmap_size=length, heatmap_size_root=64, root_depth_bound=400)
    encoded = codec(**kwargs).encode(np.zeros((1, 2, 3)), rel_root_depth=100)
    np.testing.assert_allclose(encoded['root_depth'], [0.75 * length])
    decoded = codec(**kwargs).decode(
        np.zeros((2, 4, 5, 6)), encoded['root_depth'], np.zeros((1, 2))
    )
    np.testing.assert_allclose(decoded[2], [100])


def test_wrong_shape():
    heatmaps, root_depth, hand_type = batch(np.random.RandomState(0))
    for decode in (codec().batch_decode, codec().decode_tensors):
        with pytest.raises(ValueError, match=r'shape \(2, 10, 6, 8\); expected \(B, K, D, H, W\)'):
            decode(heatmaps[0], root_depth, hand_type)
    with pytest.raises(ValueError, match=r'shape \(3, 2, 10, 6, 8\); expected \(K, D, H, W\)'):
        codec().decode(heatmaps, root_depth, hand_type)
    with pytest.raises(ValueError, match=r'keypoints has shape \(1, 3, 2\); expected \(N, K, 3\)'):
        codec().encode(np.zeros((1, 3, 2)))

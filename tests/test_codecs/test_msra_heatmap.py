import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.codecs import MSRAHeatmap
from mmpose.registry import KEYPOINT_CODECS

INPUT_SIZE, HEATMAP_SIZE = (192, 256), (48, 64)
STRIDE = 4


def codec(unbiased=False, sigma=2):
    return MSRAHeatmap(INPUT_SIZE, HEATMAP_SIZE, sigma=sigma, unbiased=unbiased)


def points(low, high):
    """Strategy for (1, K, 2) keypoints, pixels, between the cells ``low`` and size - ``high``."""
    W, H = HEATMAP_SIZE
    x = st.floats(low * STRIDE, (W - high) * STRIDE, width=32)
    y = st.floats(low * STRIDE, (H - high) * STRIDE, width=32)
    return st.lists(st.tuples(x, y), min_size=1, max_size=6).map(lambda p: np.float32([p]))


def test_peak_and_falloff():
    heatmap = codec().encode(np.array([[[80.0, 120.0]]]))['heatmaps'][0]
    assert np.unravel_index(heatmap.argmax(), heatmap.shape) == (30, 20)  # (y, x) / stride 4
    np.testing.assert_allclose(heatmap[30, 21], np.exp(-1 / 8), rtol=1e-6)


def test_scale_factor():
    factor = MSRAHeatmap((200, 256), (48, 64), sigma=2).scale_factor
    np.testing.assert_array_equal(factor, np.float32([200 / 48, 4]))
    assert factor.dtype == np.float32


def test_registered_with_its_tables():
    built = KEYPOINT_CODECS.build(
        dict(type='MSRAHeatmap', input_size=INPUT_SIZE, heatmap_size=HEATMAP_SIZE, sigma=2)
    )
    assert built.field_mapping_table == {'heatmaps': 'heatmaps'}
    assert built.label_mapping_table == {'keypoint_weights': 'keypoint_weights'}
    assert built.auxiliary_encode_keys == set()


def test_even_blur_is_refused():
    with pytest.raises(ValueError, match=r'blur_kernel_size is 10, .* set 11'):
        MSRAHeatmap(INPUT_SIZE, HEATMAP_SIZE, sigma=2, blur_kernel_size=10)


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [
        (dict(sigma=-1), 'sigma is -1, but must be positive'),
        (dict(input_size=(192, 0)), r'input_size is \(192, 0\), but must be 2 positive numbers'),
        (dict(heatmap_size=(48, 64, 1)), r'heatmap_size is \(48, 64, 1\), but must be 2 pos'),
    ],
)
def test_settings_are_checked(kwargs, message):
    with pytest.raises(ValueError, match=message):
        MSRAHeatmap(**{**dict(input_size=INPUT_SIZE, heatmap_size=HEATMAP_SIZE, sigma=2), **kwargs})


def test_decode_shifts_towards_the_higher_neighbour():
    heatmaps = np.zeros((2, 64, 48), np.float32)
    heatmaps[0, 30, 20:22] = 0.9, 0.5  # x: 20 + 1/4; y: equal neighbours
    keypoints, scores = codec().decode(heatmaps)
    np.testing.assert_array_equal(keypoints, np.float32([[[81, 120], [-4, -4]]]))
    np.testing.assert_array_equal(scores, np.float32([[0.9, 0]]))


@given(keypoints=points(2, 3))
@settings(deadline=None, max_examples=50)
def test_plain_round_trip_is_true_to_half_a_cell(keypoints):
    decoded, scores = codec().decode(codec().encode(keypoints)['heatmaps'])
    # The peak lies on the nearest cell between neighbours of equal height.
    assert np.abs(decoded - keypoints).max() <= STRIDE / 2 + 1e-3
    np.testing.assert_array_equal(scores, 1)


@given(keypoints=points(7, 8))
@settings(deadline=None, max_examples=50)
def test_unbiased_round_trip_is_true_within_a_cell(keypoints):
    unbiased = codec(unbiased=True)
    decoded, scores = unbiased.decode(unbiased.encode(keypoints)['heatmaps'])
    assert np.abs(decoded - keypoints).max() <= 0.05 * STRIDE
    # The nearest cell is at most half a cell away along each axis.
    assert scores.min() >= np.exp(-(0.25 + 0.25) / 8) - 1e-4
    assert scores.max() <= 1


@given(keypoints=points(-20, -20), unbiased=st.booleans())
@settings(deadline=None, max_examples=50)
def test_any_position_gives_valid_targets(keypoints, unbiased):
    encoded = codec(unbiased).encode(keypoints)
    heatmaps, weights = encoded['heatmaps'], encoded['keypoint_weights']
    assert heatmaps.min() >= 0
    assert heatmaps.max() <= 1
    inside = ((keypoints >= 0) & (keypoints < INPUT_SIZE)).all(axis=-1)
    assert (weights[inside] == 1).all()
    if not unbiased:
        drawn, counts = heatmaps.any(axis=(1, 2)), weights[0] == 1
        # a patch that ends in the cell before the map counts, though nothing of it is drawn
        beside = (np.trunc(keypoints[0] / 4 + 0.5) == -7).any(axis=-1)
        np.testing.assert_array_equal(drawn[~beside], counts[~beside])
        assert not drawn[beside].any()


@pytest.mark.parametrize('unbiased', [False, True])
@pytest.mark.parametrize('corner', [(0, 0), (188, 0), (0, 252), (188, 252)])
def test_border_cells_round_trip(unbiased, corner):
    keypoints = np.float32([[corner]])
    decoded, _ = codec(unbiased).decode(codec(unbiased).encode(keypoints)['heatmaps'])
    np.testing.assert_array_equal(decoded, keypoints)


@pytest.mark.parametrize('unbiased', [False, True])
def test_all_invisible(unbiased):
    encoded = codec(unbiased).encode(np.full((1, 3, 2), 90.0), np.zeros((1, 3), np.float32))
    assert not encoded['heatmaps'].any()
    assert not encoded['keypoint_weights'].any()
    keypoints, scores = codec(unbiased).decode(encoded['heatmaps'])
    np.testing.assert_array_equal(keypoints, np.full((1, 3, 2), -STRIDE))
    np.testing.assert_array_equal(scores, np.zeros((1, 3)))


@pytest.mark.parametrize('unbiased', [False, True])
def test_batch_is_decoded_like_its_samples(unbiased):
    keypoints = np.random.RandomState(0).uniform(0, 180, (3, 1, 5, 2))
    batch = np.stack([codec(unbiased).encode(k)['heatmaps'] for k in keypoints])
    decoded, scores = codec(unbiased).batch_decode(torch.from_numpy(batch))
    assert decoded.shape == (3, 1, 5, 2)
    assert scores.shape == (3, 1, 5)
    for i, heatmaps in enumerate(batch):
        alone = codec(unbiased).decode(heatmaps)
        np.testing.assert_allclose(decoded[i], alone[0], rtol=1e-5)
        np.testing.assert_array_equal(scores[i], alone[1])


def test_encode_and_decode_leave_their_arguments():
    keypoints, visible = np.full((1, 2, 2), 1000.0), np.ones((1, 2), np.float32)
    heatmaps = np.random.RandomState(0).rand(2, 64, 48).astype(np.float32)
    before = heatmaps.copy()
    for unbiased in (False, True):
        codec(unbiased).encode(keypoints, visible)
        codec(unbiased).decode(heatmaps)
    assert (keypoints == 1000).all()
    assert (visible == 1).all()
    np.testing.assert_array_equal(heatmaps, before)

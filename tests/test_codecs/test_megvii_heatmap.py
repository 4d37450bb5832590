import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.codecs import MegviiHeatmap
from mmpose.registry import KEYPOINT_CODECS

INPUT_SIZE, HEATMAP_SIZE = (192, 256), (48, 64)
STRIDE = 4


def codec(kernel_size=11):
    return MegviiHeatmap(INPUT_SIZE, HEATMAP_SIZE, kernel_size)


def points(low, high):
    """Strategy for (1, K, 2) keypoints, pixels, between the cells ``low`` and size - ``high``."""
    x, y = (st.floats(low * STRIDE, (n - high) * STRIDE, width=32) for n in HEATMAP_SIZE)
    return st.lists(st.tuples(x, y), min_size=1, max_size=6).map(lambda p: np.float32([p]))


def test_peak_and_falloff():
    heatmaps = codec().encode(np.array([[[83.9, 120.0]]]))['heatmaps']  # cell (20, 30)
    assert heatmaps.dtype == np.float32
    assert heatmaps[0, 30, 20] == heatmaps.max() == 255
    # a kernel of 11 has sigma 2
    np.testing.assert_allclose(heatmaps[0, 31, 22], 255 * np.exp(-(1 + 4) / 8), rtol=1e-5)
    assert np.count_nonzero(heatmaps) == 11 * 11


@pytest.mark.parametrize('kernel_size', [1, 3, 5, 7, 9, 11, 15])
@pytest.mark.parametrize('cell', [(20, 30), (0, 0), (1, 62), (47, 3), (44, 63)])
def test_targets_are_blurred_points(kernel_size, cell):
    x, y = cell
    expected = np.zeros((64, 48), np.float32)
    expected[y, x] = 1
    expected = cv2.GaussianBlur(expected, (kernel_size, kernel_size), 0)
    heatmaps = codec(kernel_size).encode(np.array([[cell]]) * STRIDE)['heatmaps']
    np.testing.assert_allclose(heatmaps[0], expected / expected[y, x] * 255, rtol=1e-5)


def test_registered_with_its_tables():
    config = dict(
        type='MegviiHeatmap', input_size=INPUT_SIZE, heatmap_size=HEATMAP_SIZE, kernel_size=5
    )
    built = KEYPOINT_CODECS.build(config)
    assert built.field_mapping_table == {'heatmaps': 'heatmaps'}
    assert built.label_mapping_table == {'keypoint_weights': 'keypoint_weights'}


def test_decode_shifts_from_the_middle_of_the_cell():
    heatmaps = np.zeros((2, 64, 48), np.float32)
    heatmaps[0, 30, 20:22] = 255, 100  # x: 20 + 1/2 + 1/4; y: equal neighbours
    keypoints, scores = codec(3).decode(heatmaps)
    np.testing.assert_array_equal(keypoints, np.float32([[[83, 122], [-4, -4]]]))
    np.testing.assert_allclose(scores, [[1.5, 0.5]], rtol=1e-6)


def test_decode_blurs_first():
    heatmap = np.zeros((1, 64, 48), np.float32)
    heatmap[0, 10, 10] = 255  # a lone spike
    heatmap[0, 39:42, 29:32] = 200
    np.testing.assert_array_equal(codec(5).decode(heatmap)[0], [[[122, 162]]])


@given(keypoints=points(6, 7))
@settings(deadline=None, max_examples=50)
def test_round_trip_is_true_to_half_a_cell(keypoints):
    decoded, scores = codec().decode(codec().encode(keypoints)['heatmaps'])
    # to the middle of the cell, where both neighbours are equal
    np.testing.assert_array_equal(decoded, (np.floor(keypoints / STRIDE) + 0.5) * STRIDE)
    np.testing.assert_allclose(scores, 1.5, rtol=1e-6)


@given(keypoints=points(0, 0.25))
@settings(deadline=None, max_examples=50)
def test_round_trip_on_the_border_is_true_to_two_cells(keypoints):
    decoded, _ = codec().decode(codec().encode(keypoints)['heatmaps'])
    assert np.abs(decoded - keypoints).max() <= 2 * STRIDE


@given(keypoints=points(-500, -500))
@settings(deadline=None, max_examples=50)
def test_keypoints_outside_lose_their_weight(keypoints):
    encoded = codec().encode(keypoints)
    # truncation takes the cell before the first into the map
    inside = ((keypoints > -STRIDE) & (keypoints < INPUT_SIZE)).all(axis=-1)
    np.testing.assert_array_equal(encoded['keypoint_weights'], inside)
    np.testing.assert_array_equal(encoded['heatmaps'].any(axis=(1, 2)), inside[0])
    assert np.isfinite(encoded['heatmaps']).all()


def test_instances_are_combined_by_their_maximum():
    first, second = np.float32([[[80, 120]]]), np.float32([[[92, 124]]])
    alone = [codec().encode(k)['heatmaps'] for k in (first, second)]
    both = codec().encode(np.concatenate([first, second]))
    np.testing.assert_array_equal(both['heatmaps'], np.maximum(*alone))
    assert both['keypoint_weights'].shape == (2, 1)


def test_unlabelled_keypoints_and_no_instance():
    keypoints = np.full((1, 3, 2), 90.0)
    keypoints[0, 1, 0] = np.nan
    encoded = codec().encode(keypoints, np.array([[0.0, 1, 1]]))
    np.testing.assert_array_equal(encoded['heatmaps'].any(axis=(1, 2)), [False, False, True])
    np.testing.assert_array_equal(encoded['keypoint_weights'], [[0, 0, 1]])
    nobody = codec().encode(np.zeros((0, 3, 2)))
    assert not nobody['heatmaps'].any()
    assert nobody['keypoint_weights'].shape == (0, 3)


def test_batch_is_decoded_like_its_samples():
    batch = 255 * np.random.RandomState(0).rand(3, 5, 64, 48).astype(np.float32)
    decoded, scores = codec().batch_decode(batch)
    for i, heatmaps in enumerate(batch):
        alone = codec().decode(heatmaps)
        np.testing.assert_array_equal(decoded[i], alone[0])
        np.testing.assert_array_equal(scores[i], alone[1])


def test_even_kernels_are_refused():
    with pytest.raises(ValueError, match=r'kernel_size is 10, but a window .* set 11'):
        codec(10)

import warnings

import numpy as np
import pytest

from mmpose.codecs.utils import (
    generate_gaussian_heatmaps,
    generate_udp_gaussian_heatmaps,
    generate_unbiased_gaussian_heatmaps,
)

ALL = [
    generate_gaussian_heatmaps,
    generate_udp_gaussian_heatmaps,
    generate_unbiased_gaussian_heatmaps,
]


def draw(generate, points, visible=None, sigma=2.0, size=(48, 64)):
    keypoints = np.array(points, dtype=np.float32)
    visible = np.ones(keypoints.shape[:2], np.float32) if visible is None else np.array(visible)
    return generate(size, keypoints, visible, sigma)


def test_plain_gaussian_sits_on_the_nearest_cell_and_ends_at_three_sigma():
    heatmaps, weights = draw(generate_gaussian_heatmaps, [[[20.4, 29.6]]])
    assert heatmaps.shape == (1, 64, 48)
    assert heatmaps.dtype == np.float32
    assert heatmaps[0, 30, 20] == 1
    np.testing.assert_allclose(heatmaps[0, 31, 22], np.exp(-(1 + 4) / 8), rtol=1e-6)
    np.testing.assert_allclose(heatmaps[0, 36, 26], np.exp(-(36 + 36) / 8), rtol=1e-6)
    assert heatmaps[0, 30, 27] == 0
    assert np.count_nonzero(heatmaps) == 13 * 13
    assert weights == 1


def test_patch_of_a_fractional_radius_has_one_more_cell_before_its_centre():
    heatmaps, _ = draw(generate_gaussian_heatmaps, [[[20, 30]]], sigma=1.5)
    drawn = heatmaps[0, 30].nonzero()[0]
    assert (drawn[0], drawn[-1]) == (20 - 5, 20 + 4)


@pytest.mark.parametrize('generate', [generate_gaussian_heatmaps, generate_udp_gaussian_heatmaps])
@pytest.mark.parametrize('sigma', [0.7, 1.4, 1.5, 2.2, 2.5])
@pytest.mark.parametrize('cell', [(20, 30), (2, 1), (0, 63), (47, 0)])
def test_peak_of_any_sigma_is_in_the_keypoints_cell(generate, sigma, cell):
    (heatmap,), _ = draw(generate, [[cell]], sigma=sigma)
    assert heatmap[cell[1], cell[0]] == heatmap.max() == 1


def test_udp_gaussian_is_centred_between_cells():
    heatmaps, _ = draw(generate_udp_gaussian_heatmaps, [[[20.4, 29.7]]])
    np.testing.assert_allclose(heatmaps[0, 30, 20], np.exp(-(0.16 + 0.09) / 8), rtol=1e-5)
    np.testing.assert_allclose(heatmaps[0, 28, 26], np.exp(-(5.6**2 + 1.7**2) / 8), rtol=1e-5)
    assert np.count_nonzero(heatmaps) == 13 * 13


def test_unbiased_gaussian_covers_the_map():
    heatmaps, _ = draw(generate_unbiased_gaussian_heatmaps, [[[20.4, 29.7]]], sigma=3.0)
    np.testing.assert_allclose(heatmaps[0, 30, 20], np.exp(-(0.16 + 0.09) / 18), rtol=1e-5)
    np.testing.assert_allclose(heatmaps[0, 30, 32], np.exp(-(11.6**2 + 0.09) / 18), rtol=1e-5)


@pytest.mark.parametrize('generate', ALL)
def test_instances_are_combined_by_their_maximum(generate):
    first, _ = draw(generate, [[[20, 30]]])
    second, _ = draw(generate, [[[23, 31]]])
    both, weights = draw(generate, [[[20, 30]], [[23, 31]]])
    np.testing.assert_array_equal(both, np.maximum(first, second))
    assert weights.shape == (2, 1)


@pytest.mark.parametrize('generate', [generate_gaussian_heatmaps, generate_udp_gaussian_heatmaps])
def test_sigma_of_each_instance(generate):
    points = [[[10, 30]], [[35, 30]]]
    heatmaps, _ = draw(generate, points, sigma=(1.0, 2.0))
    np.testing.assert_allclose(heatmaps[0, 30, [11, 36]], np.exp([-1 / 2, -1 / 8]), rtol=1e-6)


@pytest.mark.parametrize('generate', ALL)
@pytest.mark.parametrize(
    ('point', 'weight'),
    [
        ((-6, 30), 1),  # its patch ends in the first column
        ((-8.6, 30), 0),
        ((53, 30), 1),  # and begins in the last
        ((54, 30), 0),
        ((20, -6), 1),
        ((20, -8.6), 0),
        ((20, 69), 1),
        ((20, 70), 0),
        ((1e6, -1e6), 0),
    ],
)
def test_keypoint_beyond_three_sigma_loses_its_weight(generate, point, weight):
    heatmaps, weights = draw(generate, [[point]])
    assert weights == weight
    assert heatmaps.any() == weight


def test_keypoint_whose_patch_ends_beside_the_map_keeps_its_weight():
    heatmaps, weights = draw(generate_gaussian_heatmaps, [[[-7.6, 30]]])  # columns -13 to -1
    assert weights == 1
    assert not heatmaps.any()


@pytest.mark.parametrize('generate', ALL)
def test_unlabelled_keypoints_are_not_drawn(generate):
    visible = np.array([[0.0, 0.4, 1.0, 1.0, 0.4]], np.float32)
    nan = np.nan
    points = [[[20, 30], [20, 30], [nan, 30], [20, 30], [nan, nan]]]
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        heatmaps, weights = draw(generate, points, visible)
    np.testing.assert_array_equal(heatmaps.any(axis=(1, 2)), [False, False, False, True, False])
    np.testing.assert_array_equal(weights, np.float32([[0, 0.4, 0, 1, 0]]))
    np.testing.assert_array_equal(visible, np.float32([[0, 0.4, 1, 1, 0.4]]))  # left as it was
    assert np.isfinite(heatmaps).all()


@pytest.mark.parametrize('generate', ALL)
def test_no_instance(generate):
    heatmaps, weights = draw(generate, np.zeros((0, 3, 2)))
    assert heatmaps.shape == (3, 64, 48)
    assert not heatmaps.any()
    assert weights.shape == (0, 3)

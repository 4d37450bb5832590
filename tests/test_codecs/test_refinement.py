import numpy as np
import pytest

from mmpose.codecs.utils import (
    generate_unbiased_gaussian_heatmaps,
    get_heatmap_maximum,
    refine_keypoints,
    refine_keypoints_dark,
)


@pytest.mark.parametrize(
    ('cell', 'refined'),
    [
        ((5, 4), (5.25, 3.75)),
        ((2, 4), (2.25, 3.75)),
        ((1, 4), (1, 3.75)),  # the published rule leaves the second column alone
        ((8, 4), (8.25, 3.75)),
        ((9, 4), (9, 3.75)),
        ((5, 1), (5.25, 1)),
        ((0, 4), (0, 4)),
        ((5, 0), (5, 0)),
        ((-1, -1), (-1, -1)),
    ],
)
def test_quarter_cell_towards_the_higher_neighbours(cell, refined):
    rising_right_falling_down = np.arange(10) - 20 * np.arange(8)[:, None]
    keypoints = np.array([[cell]], np.float32)
    out = refine_keypoints(keypoints, rising_right_falling_down[None].astype(np.float32))
    np.testing.assert_array_equal(out, np.float32([[refined]]))
    np.testing.assert_array_equal(keypoints, np.float32([[cell]]))


def test_flat_neighbourhood_does_not_move():
    out = refine_keypoints(np.array([[[5.0, 4.0]]]), np.ones((1, 8, 10)))
    np.testing.assert_array_equal(out, [[[5, 4]]])


def test_dark_finds_the_centre_of_a_gaussian():
    points = np.array([[[20.3, 30.1], [11.75, 40.5]]])
    heatmaps, _ = generate_unbiased_gaussian_heatmaps((48, 64), points, np.ones((1, 2)), 2.0)
    cells = get_heatmap_maximum(heatmaps)[0][None]
    np.testing.assert_allclose(refine_keypoints_dark(cells, heatmaps, 11), points, atol=2e-3)


def test_dark_leaves_borders_and_flat_maps():
    heatmaps = np.random.RandomState(0).rand(3, 16, 16).astype(np.float32)
    heatmaps[2] = 0
    cells = np.array([[[1, 8], [8, 14], [8, 8]]], np.float32)
    np.testing.assert_array_equal(refine_keypoints_dark(cells, heatmaps, 3), cells)


@pytest.mark.parametrize(
    'refine', [refine_keypoints, lambda k, h: refine_keypoints_dark(k, h, 3)], ids=['plain', 'dark']
)
def test_maps_of_each_instance(refine):
    heatmaps = np.random.RandomState(0).rand(3, 4, 16, 12).astype(np.float32)
    cells = get_heatmap_maximum(heatmaps)[0]
    together = refine(cells, heatmaps)
    for n in range(3):
        np.testing.assert_allclose(together[n], refine(cells[n : n + 1], heatmaps[n])[0])
    shared = refine(cells, heatmaps[0])
    np.testing.assert_allclose(shared[1], refine(cells[1:2], heatmaps[0])[0])

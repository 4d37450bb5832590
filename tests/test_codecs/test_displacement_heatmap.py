import numpy as np
import pytest

from mmpose.codecs.utils import generate_displacement_heatmap

SIZE = (20, 16)


def draw(keypoints, roots, lengths, visible=None, roots_visible=None, radius=2):
    keypoints, roots = np.float32(keypoints), np.float32(roots)
    visible = np.ones(keypoints.shape[:2]) if visible is None else np.array(visible)
    roots_visible = np.ones(len(roots)) if roots_visible is None else np.array(roots_visible)
    return generate_displacement_heatmap(
        SIZE, keypoints, visible, roots, roots_visible, np.float32(lengths), radius
    )


def test_ways_from_the_square_around_the_root():
    displacements, weights = draw([[[12.5, 3], [4, 15]]], [[10.4, 8.9]], [5])
    assert displacements.shape == weights.shape == (4, 16, 20)
    assert displacements.dtype == weights.dtype == np.float32
    # from 10.4 - 2 to 10.4 + 2 and from 8.9 - 2 to 8.9 + 2, cut to whole cells, the end excluded
    square = np.zeros((16, 20), bool)
    square[6:10, 8:12] = True
    for weight in weights:
        np.testing.assert_allclose(weight, np.where(square, 1 / 5, 0))
    np.testing.assert_allclose(displacements[0, 6, 8:12], [4.5, 3.5, 2.5, 1.5])
    np.testing.assert_allclose(displacements[1, 6:10, 8], [-3, -4, -5, -6])
    np.testing.assert_allclose(displacements[2:, 9, 11], [-7, 6])
    assert not displacements[:, ~square].any()


@pytest.mark.parametrize('order', [(0, 1), (1, 0)])
def test_smaller_instance_owns_the_shared_cells_of_its_keypoints(order):
    # instance 0 is the smaller one and lacks the first keypoint
    keypoints = np.array([[[0, 0], [1, 1]], [[15, 12], [16, 13]]])[list(order)]
    visible = np.array([[0, 1], [1, 1]])[list(order)]
    roots = np.array([[8, 8], [9, 8]])[list(order)]
    displacements, weights = draw(keypoints, roots, np.array([4, 8])[list(order)], visible)
    np.testing.assert_allclose(displacements[:, 8, 9], [6, 4, -8, -7])
    np.testing.assert_allclose(weights[:, 8, 9], [1 / 8, 1 / 8, 1 / 4, 1 / 4])
    np.testing.assert_allclose(displacements[2:, 8, 10], [6, 5])  # only the larger reaches it


def test_half_visible_keypoints_and_roots_have_no_way():
    _, weights = draw([[[4, 4], [5, 5]]], [[8, 8]], [4], visible=[[1, 0.9]])
    assert weights[:2].any()
    assert not weights[2:].any()
    assert not draw([[[4, 4]]], [[8, 8]], [4], roots_visible=[0.9])[1].any()


def test_of_equal_instances_the_last_owns_shared_cells():
    displacements, _ = draw([[[0, 0]], [[15, 12]]], [[8, 8], [9, 8]], [4, 4])
    np.testing.assert_allclose(displacements[:, 8, 9], [6, 4])


def test_keypoint_on_the_cell_keeps_it():
    displacements, weights = draw([[[9, 8]], [[15, 12]]], [[8, 8], [9, 8]], [4, 8])
    np.testing.assert_allclose(displacements[:, 8, 9], [0, 0])
    np.testing.assert_allclose(weights[:, 8, 9], [1 / 4, 1 / 4])


def test_square_ends_at_the_border():
    _, weights = draw([[[5, 5]]], [[0.5, 15.5]], [5])
    np.testing.assert_array_equal(weights[0].any(axis=0).nonzero()[0], [0, 1])
    np.testing.assert_array_equal(weights[0].any(axis=1).nonzero()[0], [13, 14, 15])


@pytest.mark.parametrize(
    'change',
    [
        dict(visible=[[0.4]]),
        dict(keypoints=[[[np.nan, 5]]]),
        dict(keypoints=[[[20, 5]]]),
        dict(keypoints=[[[-0.1, 5]]]),
        dict(roots=[[5, 16]]),
        dict(roots_visible=[0]),
        dict(lengths=[0]),
    ],
    ids=lambda change: next(iter(change)),
)
def test_not_drawn(change):
    arguments = dict(keypoints=[[[5, 5]]], roots=[[5, 5]], lengths=[5])
    assert draw(**arguments)[1].any()
    displacements, weights = draw(**{**arguments, **change})
    assert not displacements.any()
    assert not weights.any()


def test_no_instance_to_draw():
    displacements, weights = draw(np.zeros((0, 3, 2)), np.zeros((0, 2)), [])
    assert displacements.shape == weights.shape == (6, 16, 20)
    assert not displacements.any()

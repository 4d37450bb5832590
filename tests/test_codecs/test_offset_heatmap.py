import numpy as np

from mmpose.codecs.utils import generate_offset_heatmap

SIZE = (48, 64)


def draw(keypoints, visible=None, radius=2):
    keypoints = np.array(keypoints, np.float32)
    visible = np.ones(keypoints.shape[:2], np.float32) if visible is None else np.array(visible)
    heatmaps, weights = generate_offset_heatmap(SIZE, keypoints, visible, radius / 64)
    assert heatmaps.dtype == np.float32
    return heatmaps.reshape(-1, 3, 64, 48), weights


def test_disc_and_offsets_in_radii():
    maps, weights = draw([[[20.5, 30]]])
    disc, right, below = maps[0]
    # two cells a side along the row, of those half a cell off, and one row less high
    np.testing.assert_array_equal(disc[30, 18:24], [0, 1, 1, 1, 1, 0])
    np.testing.assert_array_equal(disc[27:34, 20], [0, 0, 1, 1, 1, 0, 0])
    np.testing.assert_array_equal(right[[0, 63], 20], 0.25)
    np.testing.assert_array_equal(right[5, [0, 47]], [10.25, -13.25])
    np.testing.assert_array_equal(below[[0, 30, 63], 7], [15, 0, -16.5])
    assert weights == 1


def test_a_cell_belongs_to_the_nearest_instance():
    keypoints = [[[10, 30], [5, 5]], [[16, 30], [np.nan, 5]]]
    maps, weights = draw(keypoints)
    disc, right, below = maps[0]
    assert disc.sum() == 2 * 13
    np.testing.assert_array_equal(right[30, [0, 12, 14, 20]] * 2, [10, -2, 2, -4])
    np.testing.assert_array_equal(below[[0, 63], 14] * 2, [30, -33])
    np.testing.assert_array_equal(maps[1], draw(keypoints[:1])[0][1])
    np.testing.assert_array_equal(weights, [[1, 1], [1, 0]])


def test_what_no_instance_shows_is_empty():
    visible = np.float32([[0.4, 1, 0.5]])
    maps, weights = draw([[[5, 5], [np.nan, 5], [5, 5]]], visible)
    np.testing.assert_array_equal(maps.any(axis=(1, 2, 3)), [False, False, True])
    np.testing.assert_array_equal(weights, np.float32([[0.4, 0, 0.5]]))
    np.testing.assert_array_equal(visible, np.float32([[0.4, 1, 0.5]]))  # left as it was
    nobody, weights = draw(np.zeros((0, 3, 2)))
    assert not nobody.any()
    assert weights.shape == (0, 3)


def test_keypoint_outside_has_offsets_without_a_disc():
    maps, weights = draw([[[-10, 70]]])
    assert not maps[0, 0].any()
    np.testing.assert_array_equal(maps[0, 1:, 63, 0] * 2, [-10, 7])
    assert weights == 1

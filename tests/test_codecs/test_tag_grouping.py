import numpy as np
import pytest

from mmpose.codecs.utils.tag_grouping import Peaks, fill_missing, group_peaks


def peaks(*rows):
    """Peaks from rows (keypoint, x, value, tag or tags), at y = 0."""
    ids, xs, values, tags = zip(*rows, strict=True)
    tags = np.float32(tags).reshape(len(rows), -1)
    cells = np.array([(x, 0) for x in xs])
    return Peaks(np.array(ids), cells, np.float32(values), tags)


def group(*rows, order=(0, 1), tag_thr=1.0, max_instances=None):
    keypoints, scores = group_peaks(peaks(*rows), order, tag_thr, max_instances)
    assert not keypoints[..., 1].any()
    return keypoints[..., 0].tolist(), scores


def test_peaks_of_alike_tags_make_an_instance():
    xs, scores = group((0, 10, 0.9, 0.0), (0, 20, 0.8, 5.0), (1, 21, 0.7, 5.2), (1, 11, 0.6, 0.1))
    assert xs == [[10, 11], [20, 21]]
    np.testing.assert_allclose(scores, [[0.9, 0.6], [0.8, 0.7]])


def test_peak_without_partner_founds_an_instance():
    xs, scores = group((0, 10, 0.9, 0.0), (1, 21, 0.7, 5.0))
    assert xs == [[10, 0], [0, 21]]
    np.testing.assert_allclose(scores, [[0.9, 0], [0, 0.7]])


@pytest.mark.parametrize(('tag', 'num_instances'), [(0.99, 1), (1.0, 2)])
def test_tag_threshold(tag, num_instances):
    xs, _ = group((0, 10, 0.9, 0.0), (1, 11, 0.8, tag))
    assert len(xs) == num_instances


def test_grouping_follows_the_order_of_keypoints():
    rows = [(0, 10, 0.9, 0.0), (1, 11, 0.9, 0.9), (2, 12, 0.9, 1.2)]
    # forwards 1.2 meets the mean 0.45 of 0 and 0.9; backwards 0 meets the mean 1.05 of 1.2 and 0.9
    assert group(*rows, order=(0, 1, 2))[0] == [[10, 11, 12]]
    assert group(*rows, order=(2, 1, 0))[0] == [[0, 11, 12], [10, 0, 0]]


def test_height_decides_between_tags_equally_near():
    xs, _ = group((0, 10, 0.9, 0.0), (1, 11, 0.8, 0.4), (1, 12, 0.7, 0.1))
    assert xs == [[10, 11], [0, 12]]


def test_rounded_distance_decides_before_height():
    xs, _ = group((0, 10, 0.9, 0.0), (1, 11, 0.8, 0.6), (1, 12, 0.2, 0.4))
    assert xs == [[10, 12], [0, 11]]


def test_all_assignments_equal_pairs_the_highest():
    rows = [(k, 10 * k + i, 0.9 - 0.1 * i, 0.1 * i) for k in (0, 1) for i in range(3)]
    assert group(*rows)[0] == [[0, 10], [1, 11], [2, 12]]


def test_distance_spans_all_tags():
    xs, _ = group((0, 10, 0.9, (0, 0)), (1, 11, 0.8, (0.8, 0.8)))  # sqrt(2) * 0.8 > 1
    assert len(xs) == 2


def test_plateau_with_one_tag_is_one_peak():
    xs, scores = group((0, 1, 0.9, 3.0), (0, 0, 0.9, 3.0), (0, 7, 0.8, 3.5))
    assert xs == [[0, 0], [7, 0]]
    np.testing.assert_allclose(scores[:, 0], [0.9, 0.8])


def test_greatest_number_of_instances():
    rows = [(0, 10, 0.9, 0.0), (0, 20, 0.8, 4.0), (1, 21, 0.7, 4.0), (1, 31, 0.6, 8.0)]
    assert group(*rows, max_instances=2)[0] == [[10, 0], [20, 21]]
    # the forgotten second instance makes no claim on the peak with its tag
    assert group(*rows, max_instances=1)[0] == [[10, 0]]
    assert len(group(*rows)[0]) == 3


def test_nothing_to_group():
    none = Peaks(np.zeros(0, int), np.zeros((0, 2), int), np.zeros(0), np.zeros((0, 1)))
    keypoints, scores = group_peaks(none, (0, 1, 2), 1.0, None)
    assert keypoints.shape == (0, 3, 2)
    assert scores.shape == (0, 3)


@pytest.mark.parametrize('num_tags', [1, 2])
def test_missing_keypoint_is_the_highest_cell_with_the_tag(num_tags):
    heatmaps = np.zeros((2, 4, 6), np.float32)
    tags = np.full((num_tags, 2, 4, 6), 3.0, np.float32)
    tags[:, 0, 1, 2] = 0.2  # where the first keypoint was found
    heatmaps[1, 3, 5] = 0.9  # another instance's, by its tag
    heatmaps[1, 2, 4], tags[:, 1, 2, 4] = 0.3, 0.4
    heatmaps[1, 0, 0], tags[:, 1, 0, 0] = 0.2, 0.2
    keypoints, scores = fill_missing(
        np.float32([[[2.25, 1.5], [0, 0]]]), np.float32([[0.8, 0]]), heatmaps, tags
    )
    np.testing.assert_array_equal(keypoints, np.float32([[[2.25, 1.5], [4, 2]]]))
    np.testing.assert_array_equal(scores, np.float32([[0.8, 0.3]]))


def test_missing_keypoint_may_lie_anywhere_if_no_tag_fits():
    heatmaps = np.zeros((2, 2, 3), np.float32)
    tags = np.full((1, 2, 2, 3), 9.0, np.float32)
    tags[0, 0] = 0
    heatmaps[1, 1, 2] = -0.5
    tags[0, 1, 1, 2] = 4
    keypoints, scores = fill_missing(
        np.float32([[[0, 0], [0, 0]]]), np.float32([[0.8, 0]]), heatmaps, tags
    )
    np.testing.assert_array_equal(keypoints[0, 1], [2, 1])
    assert scores[0, 1] == -0.5

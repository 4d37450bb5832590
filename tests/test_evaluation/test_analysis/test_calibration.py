import numpy as np
import pytest
from oks_sets import detections, ground_truth
from pose_sets import FAR, one_person, records

from mmpose.evaluation.analysis import analyse
from mmpose.evaluation.analysis.calibration import calibration


def filled(report):
    return {round(b['low'], 1): b for b in report['bins'] if b['count']}


def test_bins_by_hand():
    report = calibration(np.array([0.05, 0.11, 0.19, 1.0]), np.array([0.1, 0.4, 0.2, 0.9]))
    assert [b['low'] for b in report['bins']] == [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    assert [b['high'] for b in report['bins']] == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]
    bins = filled(report)
    assert {low: b['count'] for low, b in bins.items()} == {0.0: 1, 0.1: 2, 0.9: 1}
    assert bins[0.1]['score'] == pytest.approx(0.15)
    assert bins[0.1]['quality'] == pytest.approx(0.3)
    assert bins[0.9]['score'] == 1
    empty = dict(low=0.5, high=0.6, count=0, score=None, quality=None)
    assert report['bins'][5] == empty
    # 1 x 0.05 + 2 x 0.15 + 1 x 0.1, of four
    assert report['ece'] == pytest.approx(0.45 / 4)


@pytest.mark.parametrize('border', [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
def test_a_border_belongs_to_the_upper_bin(border):
    assert list(filled(calibration(np.array([border]), np.ones(1)))) == [border]
    below = np.nextafter(border, 0)
    assert list(filled(calibration(np.array([below]), np.ones(1)))) == [round(border - 0.1, 1)]


def test_scores_above_one_are_scaled_and_those_below_zero_count_as_zero():
    bins = filled(calibration(np.array([4.0, 1.0, -2.0]), np.array([1.0, 0.5, 0.0])))
    assert {low: b['score'] for low, b in bins.items()} == {0.0: 0, 0.2: 0.25, 0.9: 1}
    bins = filled(calibration(np.array([0.4, 0.1]), np.array([1.0, 0.5])))
    assert list(bins) == [0.1, 0.4]


def test_correlation_by_hand():
    scores, quality = np.array([0.1, 0.2, 0.6]), np.array([0.0, 1.0, 1.0])
    # deviations -0.2, -0.1, 0.3 and -2/3, 1/3, 1/3
    expected = (0.4 / 3 - 0.1 / 3 + 0.1) / np.sqrt(0.14 * 2 / 3)
    assert calibration(scores, quality)['correlation'] == pytest.approx(expected)
    assert calibration(quality, scores)['correlation'] == pytest.approx(expected)


@pytest.mark.parametrize(
    ('scores', 'quality'),
    [([], []), ([0.3], [0.5]), ([0.1] * 7, [0, 1, 0, 1, 0, 1, 0]), ([0, 1, 0], [0.1] * 3)],
)
def test_correlation_with_a_constant_is_undefined(scores, quality):
    report = calibration(np.array(scores, float), np.array(quality, float))
    assert report['correlation'] is None
    assert (report['ece'] is None) == (not scores)


def test_poses_against_the_similarity_that_they_reach():
    labels = [[[1000.0 * i, 0, 2], [1000.0 * i, 100, 2]] for i in range(3)]
    gts = ground_truth(labels, area=50, ignore=[False, False, True])
    points = [
        [[0, 0], [0, 100]],  # in place: 1
        [[0, 0], [0, 100]],  # a duplicate: 0
        [[1000, 0], [FAR, 0]],  # half in place: 0.5
        [[FAR, 0], [FAR, 0]],  # background: 0
        [[2000, 0], [2000, 100]],  # on an ignored person: not counted
    ]
    dts = detections(points, [0.95, 0.45, 0.55, 0.15, 0.75])
    bins = filled(analyse(records(gts, dts))['calibration']['pose'])
    assert {low: b['quality'] for low, b in bins.items()} == {0.9: 1, 0.4: 0, 0.5: 0.5, 0.1: 0}


def test_keypoints_against_the_share_near_their_label():
    offsets = [[0, 0], [8, 0], [9, 0], [0, 0], [FAR, 0]]  # similarities 1, 0.53, 0.44, 1 and 0
    made = one_person(offsets, keypoint_scores=np.array([[0.8, 0.81, 0.82, 0.31, 0.32]]))
    made.gts.keypoints[0, 4, 2] = 0  # not labelled
    bins = filled(analyse(made)['calibration']['keypoint'])
    assert {low: (b['count'], b['quality']) for low, b in bins.items()} == {
        0.8: (3, pytest.approx(2 / 3)),
        0.3: (1, 1),
    }

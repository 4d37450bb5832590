import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.evaluation.functional import (
    FramePoses,
    count_tracks,
    drop_joints_inside,
    joint_group_means,
    joint_precision,
    pair_poses,
    points_inside,
)
from mmpose.evaluation.functional.posetrack_eval import JOINT_GROUPS, JOINTS

HEAD = 30.0  # joints match up to 15 pixels
SQUARE = np.array([[0, 0], [10, 0], [10, 10], [0, 10]], float)


def poses(*rows, tracks=None):
    """Poses from rows (frame, (x, flag or score) of each joint); y is 0 throughout."""
    frames = np.array([row[0] for row in rows], int)
    joints = np.array([[(x, 0, score) for x, score in row[1:]] for row in rows], float)
    return FramePoses(frames, joints, None if tracks is None else np.array(tracks))


def evaluate(dts, gts, head_sizes=HEAD):
    sizes = np.broadcast_to(head_sizes, len(gts.frames))
    return joint_precision(dts, gts, pair_poses(dts, gts, sizes))


def test_average_precision_by_hand():
    gts = poses((0, (100, 1)), (1, (100, 1)), (2, (100, 1)))
    dts = poses((0, (100, 0.9)), (1, (200, 0.8)), (2, (110, 0.7)))
    result = evaluate(dts, gts)
    # right, wrong, right: precision 1, 1/2, 2/3, of which the envelope at the right ones is 1, 2/3
    np.testing.assert_allclose(result.ap, 100 * (1 + 2 / 3) / 3)
    np.testing.assert_allclose(result.precision, 100 * 2 / 3)
    np.testing.assert_allclose(result.recall, 100 * 2 / 3)

    sure_of_the_wrong_one = poses((0, (100, 0.9)), (1, (200, 0.95)), (2, (110, 0.7)))
    # wrong, right, right: 0, 1/2, 2/3, under the envelope 2/3 throughout
    np.testing.assert_allclose(evaluate(sure_of_the_wrong_one, gts).ap, 100 * 2 * (2 / 3) / 3)


@pytest.mark.parametrize(('x', 'ap'), [(115, 100), (115.001, 0), (85, 100), (84.999, 0)])
def test_a_joint_half_a_head_away_still_matches(x, ap):
    assert evaluate(poses((0, (x, 1))), poses((0, (100, 1)))).ap == ap


def test_joints_match_in_their_own_frame_and_at_the_size_of_the_true_head():
    gts = poses((0, (100, 1)), (1, (100, 1)))
    dts = poses((1, (110, 1)))
    np.testing.assert_array_equal(pair_poses(dts, gts, np.array([10, 40])).distances, [[0.25]])
    np.testing.assert_array_equal(pair_poses(dts, gts, np.array([40, 10])).distances, [[np.inf]])
    np.testing.assert_array_equal(pair_poses(dts, gts, np.array([40, 0])).distances, [[np.inf]])
    assert evaluate(poses((0, (100, 1))), gts).recall == 50


def test_of_two_detections_of_a_person_the_one_with_more_joints_right_counts():
    gts = poses((0, (100, 1), (200, 1)))
    dts = poses((0, (100, 0.9), (300, 0.9)), (0, (110, 0.5), (210, 0.5)))
    result = evaluate(dts, gts)
    # the first joint of the first detection is near enough, but of a pose that was not taken
    np.testing.assert_array_equal(result.ap, [50, 50])
    np.testing.assert_array_equal(result.precision, [50, 50])
    np.testing.assert_array_equal(result.recall, [100, 100])


def test_a_detection_is_for_its_best_person_only():
    # the detection has both joints of the first person and one of the second, who stays alone
    gts = poses((0, (100, 1), (200, 1)), (0, (110, 1), (500, 1)))
    dts = poses((0, (101, 0.9), (201, 0.9)), (0, (300, 0.8), (202, 0.8)))
    result = evaluate(dts, gts)
    np.testing.assert_array_equal(result.recall, [50, 50])
    np.testing.assert_array_equal(result.ap, [50, 50])


def test_joints_that_do_not_exist_do_not_count():
    gts = poses((0, (100, 1), (100, 0), (100, 1)))
    dts = poses((0, (100, 0.9), (100, 0.9), (100, 0)))
    result = evaluate(dts, gts)
    np.testing.assert_array_equal(result.ap, [100, np.nan, 0])
    np.testing.assert_array_equal(result.precision, [100, np.nan, 0])
    np.testing.assert_array_equal(result.recall, [100, np.nan, 0])


def test_without_detections_or_people():
    nobody = FramePoses(np.empty(0, int), np.empty((0, 1, 3)))
    assert evaluate(nobody, poses((0, (1, 1)))).ap == 0
    assert np.isnan(evaluate(poses((0, (1, 1))), nobody).ap)


def test_group_means():
    values = np.arange(15.0)
    values[JOINTS.index('nose')] = 50
    values[JOINTS.index('head_top')] = 70
    values[JOINTS.index('head_bottom')] = np.nan
    for name in JOINT_GROUPS['Knee']:
        values[JOINTS.index(name)] = np.nan
    means = joint_group_means(values)
    assert list(means) == [*JOINT_GROUPS, 'Total']
    assert means['Head'] == 60
    assert means['Knee'] == -1
    assert means['Ankl'] == 13.5  # the last two
    assert means['Total'] == pytest.approx(np.nanmean(values))
    assert len(JOINTS) == 15


def test_points_inside_a_polygon_but_not_on_its_border():
    points = [[5, 5], [0, 5], [10, 5], [5, 0], [5, 10], [10, 10], [-1, 5], [11, 5], [9.99, 0.01]]
    expected = [True, *[False] * 7, True]
    for polygon in (SQUARE, SQUARE[::-1], np.roll(SQUARE, 1, axis=0)):
        assert points_inside(np.array(points, float), polygon).tolist() == expected
    shaped = points_inside(np.array(points[:6], float).reshape(2, 3, 2), SQUARE)
    assert shaped.tolist() == [[True, False, False], [False, False, False]]


def test_a_notch_and_a_point_level_with_corners():
    notched = np.array([[0, 0], [4, 4], [8, 0], [8, 8], [0, 8]], float)
    points = np.array([[4, 2], [4, 4], [1, 4], [7, 4], [4, 6]], float)
    assert points_inside(points, notched).tolist() == [False, False, True, True, True]


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6))
def test_inside_is_inside_as_opencv_has_it(seed):
    rng = np.random.default_rng(seed)
    angles = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 9)))
    radii = rng.uniform(5, 20, (len(angles), 1))
    star = (np.stack([np.cos(angles), np.sin(angles)], 1) * radii + 20).round()
    points = rng.integers(0, 40, (60, 2)).astype(float)
    contour = star.astype(np.int32)
    expected = [cv2.pointPolygonTest(contour, point.tolist(), False) > 0 for point in points]
    assert points_inside(points, star).tolist() == expected


def test_joints_inside_a_region_of_their_frame_are_dropped():
    both = poses((0, (5, 1), (20, 1)), (1, (5, 0.5), (20, 0.5)), (1, (25, 0.3), (6, 0.3)))
    both.joints[..., 1] = 5
    left = drop_joints_inside(both, {1: [SQUARE, SQUARE + np.array([15, 0])], 2: [SQUARE]})
    assert left.joints[..., 2].tolist() == [[1, 1], [0, 0], [0.3, 0]]  # 25 lies on the border
    assert both.joints[1, 0, 2] == 0.5


def test_tracks_of_two_videos_by_hand():
    # in video b the two detections change places, in video a person 7 has no detection at first
    gts = poses(
        *[(1, (0, 1)), (2, (0, 1)), (3, (0, 1)), (3, (90, 1)), (4, (0, 1)), (4, (90, 1))],
        tracks=[7, 7, 7, 8, 7, 8],
    )
    dts = poses(
        *[(0, (0, 1)), (2, (3, 1)), (3, (0, 1)), (3, (90, 1)), (4, (0, 1)), (4, (90, 1))],
        tracks=[3, 4, 1, 2, 2, 1],
    )
    pairs = pair_poses(dts, gts, np.full(6, HEAD))
    counts = count_tracks(dts, gts, pairs, np.array(['a', 'a', 'a', 'b', 'b']))
    # video a: a false positive, a miss, a match at 3 / 30; video b: four matches, two switches
    assert (counts.objects, counts.hypotheses, counts.matches, counts.switches) == (6, 6, 5, 2)
    np.testing.assert_allclose(counts.numbers()['MOTA'], 100 * (1 - (1 + 1 + 2) / 6))
    np.testing.assert_allclose(counts.numbers()['MOTP'], 100 * (1 - 0.1 / 5))


def slow_precision(dts, gts, sizes, j):
    """Average precision, precision and recall of a joint, loop by loop as they are defined."""

    def match(d, g, k):
        d, g, unit = dts.joints[d, k], gts.joints[g, k], sizes[g]
        near = np.sqrt((d[0] - g[0]) ** 2 + (d[1] - g[1]) ** 2) / unit <= 0.5
        return bool(near and d[2] > 0 and g[2] > 0)

    K = dts.joints.shape[1]
    share = np.zeros((len(dts.frames), len(gts.frames)))
    for d, g in np.ndindex(share.shape):
        if dts.frames[d] == gts.frames[g] and (gts.joints[g, :, 2] > 0).any():
            right = sum(match(d, g, k) for k in range(K))
            share[d, g] = right / (gts.joints[g, :, 2] > 0).sum()
    for d, row in enumerate(share):
        share[d, np.arange(len(row)) != row.argmax()] = 0
    owner = {int(share[:, g].argmax()): g for g in range(share.shape[1]) if share[:, g].any()}

    entries = [
        (dts.joints[d, j, 2], d in owner and match(d, owner[d], j))
        for d in range(len(dts.frames))
        if dts.joints[d, j, 2] > 0
    ]
    entries.sort(key=lambda entry: -entry[0])
    num_true = (gts.joints[:, j, 2] > 0).sum()
    recall, precision = [0.0], [0.0]
    for count in range(1, len(entries) + 1):
        found = sum(right for _, right in entries[:count])
        recall.append(found / num_true)
        precision.append(found / count)
    area = sum((recall[i] - recall[i - 1]) * max(precision[i:]) for i in range(1, len(entries) + 1))
    return 100 * area, 100 * precision[-1], 100 * recall[-1]


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6))
def test_numbers_are_those_of_a_slow_implementation(seed):
    rng = np.random.default_rng(seed)

    def some(count, values):
        # on a coarse grid, so that shares, scores and distances are often equal
        joints = rng.integers(0, 5, (count, 3, 3)) * [12.0, 9.0, 1.0]
        joints[..., 2] = rng.choice(values, (count, 3))
        return FramePoses(np.sort(rng.integers(0, 3, count)), joints)

    gts = some(rng.integers(1, 8), [0, 1, 1])
    dts = some(rng.integers(0, 9), [0, 0.25, 0.5, 0.75])
    sizes = rng.choice([15.0, 24.0, 30.0], len(gts.frames))
    result = joint_precision(dts, gts, pair_poses(dts, gts, sizes))
    for j in np.flatnonzero(gts.exists.any(0)):
        np.testing.assert_allclose(
            [result.ap[j], result.precision[j], result.recall[j]],
            slow_precision(dts, gts, sizes, j),
        )

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.tracking import Tracker
from mmpose.tracking.instances import follow_points

POSE = np.random.default_rng(0).uniform((5, 5), (45, 95), (17, 2))


def boxes_at(*corners, size=(50, 100)):
    low = np.array(corners, float).reshape(-1, 2)
    return np.hstack((low, low + size))


def poses_at(*corners):
    return np.array(corners, float).reshape(-1, 1, 2) + POSE


def run(tracker, frames):
    return [tracker.update(*frame).tolist() for frame in frames]


def test_ids_follow_people_whatever_their_order():
    frames = [
        (boxes_at((10 + 3 * f, 10), (300 - 3 * f, 10))[:: (-1) ** f], [0.9, 0.8][:: (-1) ** f])
        for f in range(4)
    ]
    assert run(Tracker(), frames) == [[0, 1], [1, 0], [0, 1], [1, 0]]


@pytest.mark.parametrize('with_poses', [False, True])
def test_two_who_cross_keep_their_ids(with_poses):
    tracker = Tracker()
    for f in range(60):
        corners = (10 + 5 * f, 100), (310 - 5 * f, 104)
        pose = (poses_at(*corners),) if with_poses else ()
        assert tracker.update(boxes_at(*corners), [0.9, 0.8], *pose).tolist() == [0, 1]


def test_who_is_covered_comes_back_with_the_same_id():
    tracker = Tracker(max_lost=20)
    for f in range(60):
        hidden = 20 <= f < 40
        corners = [(10 + 4 * f, 100)][: 1 - hidden]
        ids = tracker.update(boxes_at(*corners))
        assert ids.tolist() == [0] * (not hidden)


def test_a_track_ends_after_max_lost_frames():
    for missing, expected in ((5, 0), (6, -1)):
        tracker = Tracker(max_lost=5)
        assert tracker.update(boxes_at((0, 0))).tolist() == [0]
        for _ in range(missing):
            tracker.update([])
        assert tracker.update(boxes_at((0, 0))).tolist() == [expected]
        # the numbers of frames say the same
        tracker.reset()
        tracker.update(boxes_at((0, 0)), frame_index=10)
        assert tracker.update(boxes_at((0, 0)), frame_index=11 + missing).tolist() == [expected]


def test_a_gap_between_frames_counts_as_motion():
    tracker = Tracker(reach=0)
    for f in range(10):
        tracker.update(boxes_at((10 * f, 0)), frame_index=f)
    assert tracker.update(boxes_at((190, 0)), frame_index=19).tolist() == [0]
    np.testing.assert_allclose(tracker.predicted_boxes(29).boxes, boxes_at((290, 0)), atol=15)


def test_low_scores_continue_tracks_and_begin_none():
    tracker = Tracker()
    assert tracker.update(boxes_at((0, 0), (200, 0)), [0.9, 0.4]).tolist() == [0, -1]
    assert tracker.update(boxes_at((0, 0), (200, 0)), [0.2, 0.4]).tolist() == [0, -1]
    assert tracker.update(boxes_at((0, 0), (200, 0)), [0.05, 0.5]).tolist() == [-1, -1]
    assert tracker.update(boxes_at((0, 0), (200, 0)), [0.9, 0.5]).tolist() == [0, 1]


def test_later_people_are_confirmed_by_their_second_frame():
    tracker = Tracker()
    assert tracker.update(boxes_at((0, 0))).tolist() == [0]
    assert tracker.update(boxes_at((0, 0), (200, 0))).tolist() == [0, -1]
    assert tracker.update(boxes_at((0, 0))).tolist() == [0]  # a false alarm: it has used no id
    assert tracker.update(boxes_at((0, 0), (400, 0))).tolist() == [0, -1]
    assert tracker.update(boxes_at((0, 0), (400, 0))).tolist() == [0, 1]
    assert Tracker(min_hits=1).update(boxes_at((0, 0), (9, 200))).tolist() == [0, 1]


def test_poses_tell_apart_whom_boxes_do_not():
    box, arms_up = boxes_at((0, 0)), POSE[::-1]
    frames = [
        (np.repeat(box, 2, 0), [0.9, 0.8], np.stack(p)) for p in ((POSE, arms_up), (arms_up, POSE))
    ]
    assert run(Tracker(), frames) == [[0, 1], [1, 0]]
    assert run(Tracker(pose_weight=0), frames) == [[0, 1], [0, 1]]


def test_the_same_pose_twice_gets_one_track():
    poses = np.stack((POSE + 0.1, POSE))
    assert Tracker().update(boxes_at((0, 0), (3, 0)), [0.8, 0.9], poses).tolist() == [-1, 0]


def test_uncertain_keypoints_do_not_count():
    moved = np.concatenate((POSE[:8], POSE[8:] + 500))[None]
    certain = np.repeat([[0.9, 0.1]], (8, 9), axis=1)
    for scores, expected in ((certain, 0), (None, -1)):
        tracker = Tracker(match_thr=0.6)  # 8 of 17 keypoints are where they were
        tracker.update(boxes_at((0, 0)), None, POSE[None])
        ids = tracker.update(boxes_at((0, 0)), None, moved, scores, detected=False)
        assert ids.tolist() == [expected]


def test_unusable_instances_get_no_track():
    boxes = boxes_at((0, 0), (200, 0), (400, 0), (600, 0))
    boxes[1, 2] = boxes[1, 0]
    boxes[2, 0] = np.nan
    assert Tracker().update(boxes, [0.9, 0.9, 0.9, np.nan]).tolist() == [0, -1, -1, -1]


def test_empty_frames_and_frames_without_poses():
    tracker = Tracker()
    for empty in ([], np.empty((0, 4))):
        assert tracker.update(empty).shape == (0,)
    assert tracker.update([], [], np.empty((0, 17, 2)), np.empty((0, 17))).shape == (0,)
    tracker.reset()
    assert tracker.update(boxes_at((0, 0))).tolist() == [0]
    assert tracker.update(boxes_at((0, 0)), None, POSE[None]).tolist() == [0]
    assert tracker.update(boxes_at((0, 0))).tolist() == [0]
    assert tracker.update(boxes_at((0, 0)), None, np.full((1, 17, 3), np.nan)).tolist() == [0]
    assert tracker.track_ids.tolist() == [0]


def test_ids_never_repeat_until_reset():
    tracker = Tracker(max_lost=0, min_hits=1)
    assert [tracker.update(boxes_at((500 * f, 0))).tolist() for f in range(4)] == [
        [0],
        [1],
        [2],
        [3],
    ]
    assert tracker.track_ids.tolist() == [2, 3]
    tracker.reset()
    assert tracker.update(boxes_at((0, 0))).tolist() == [0]


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.booleans())
def test_the_order_of_instances_does_not_matter(seed, with_poses):
    rng = np.random.default_rng(seed)
    plain, shuffled = Tracker(), Tracker()
    for _ in range(6):
        N = rng.integers(0, 7)
        corners = rng.uniform(0, 150, (N, 2))
        frame = [boxes_at(*corners), rng.random(N)]
        if with_poses:
            frame += [poses_at(*corners) + rng.normal(0, 3, (N, 17, 2)), rng.random((N, 17))]
        order = rng.permutation(N)
        ids = plain.update(*frame)
        np.testing.assert_array_equal(shuffled.update(*(part[order] for part in frame)), ids[order])
        tracked = ids[ids >= 0]
        assert len(set(tracked.tolist())) == len(tracked)


def test_boxes_of_tracks_between_detections():
    """A detector every 5th frame; poses from the boxes of the tracks, which follow a turn."""
    tracker = Tracker()
    x = 100.0
    for f in range(40):
        x += 6 if f < 20 else -6
        boxes, scores, ids = tracker.predicted_boxes()
        if f % 5 == 0:
            boxes, scores = boxes_at((x, 50)), [0.9]
        else:
            assert ids.tolist() == [0]
            np.testing.assert_allclose(boxes, boxes_at((x, 50)), atol=25)
            np.testing.assert_allclose(scores, 0.9)
        ids = tracker.update(boxes, scores, poses_at((x, 50)), detected=f % 5 == 0)
        assert ids.tolist() == [0]
    assert tracker.predicted_boxes().boxes.dtype == np.float32


def test_between_detections_no_track_begins_and_nobody_is_taken_twice():
    tracker = Tracker()
    boxes, poses = boxes_at((0, 0), (60, 0)), poses_at((0, 0), (60, 0))
    tracker.update(boxes, [0.9, 0.8], poses)
    boxes, scores, ids = tracker.predicted_boxes()
    assert ids.tolist() == [0, 1]
    # the pose model finds the left person in both boxes
    found = tracker.update(boxes, scores, poses[[0, 0]], detected=False)
    assert found.tolist() == [0, -1]
    stranger = tracker.update(boxes, scores, poses_at((0, 0), (900, 0)), detected=False)
    assert stranger.tolist() == [0, -1]
    # uncertain keypoints continue nothing
    certain = np.repeat([[0.9], [0.1]], 17, axis=1)
    assert tracker.update(boxes, scores, poses, certain, detected=False).tolist() == [0, -1]
    assert tracker.predicted_boxes().track_ids.tolist() == [0]
    assert tracker.predicted_boxes(max_unseen=3).track_ids.tolist() == [0, 1]
    assert tracker.update(boxes_at((0, 0), (60, 0)), None, poses).tolist() == [0, 1]


def test_boxes_move_and_stretch_with_poses():
    boxes, pose = boxes_at((0, 0)), POSE[None]
    np.testing.assert_allclose(
        follow_points(boxes, pose, pose + np.array([7, -3])), boxes + np.array([7, -3, 7, -3])
    )
    wider = follow_points(boxes, pose, pose * [1.2, 1])
    extent = np.ptp(POSE[:, 0])
    stretch = (1.2 * extent + 12.5) / (extent + 12.5)  # a quarter of the box counts as rigid
    np.testing.assert_allclose(wider[0, 2] - wider[0, 0], 50 * stretch)
    np.testing.assert_allclose(wider[0, [1, 3]], [0, 100])
    partly = pose + np.array([7, -3])
    partly[:, 5:] = np.nan
    np.testing.assert_allclose(follow_points(boxes, pose, partly), boxes + np.array([7, -3, 7, -3]))


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        ((np.zeros((2, 5)),), r'boxes have the shape \(2, 5\), but must be \(N, 4\)'),
        ((boxes_at((0, 0)), [1, 1]), r'scores have the shape \(2,\) for 1 boxes'),
        ((boxes_at((0, 0)), None, np.zeros((2, 17, 2))), r'keypoints have the shape \(2, 17, 2\)'),
        (
            (boxes_at((0, 0)), None, np.zeros((1, 17, 2)), np.ones((1, 16))),
            r'keypoint_scores have the shape \(1, 16\) for keypoints of \(1, 17, 2\)',
        ),
        ((boxes_at((0, 0)), None, np.zeros((1, 4, 2))), '17 sigmas for poses of 4 keypoints'),
        ((boxes_at((0, 0)), None, None, None, None, False), 'pass `keypoints`, or skip'),
    ],
)
def test_shapes_that_do_not_go_together(arguments, message):
    with pytest.raises(ValueError, match=message):
        Tracker(sigmas=np.full(17, 0.1)).update(*arguments)


def test_frames_come_in_order():
    tracker = Tracker()
    tracker.update([], frame_index=4)
    with pytest.raises(ValueError, match=r'frame_index is 4 after frame 4; .* reset\(\)'):
        tracker.update([], frame_index=4)
    with pytest.raises(ValueError, match='frame_index is 3, but frame 4 has been tracked'):
        tracker.predicted_boxes(3)


def test_another_number_of_keypoints():
    tracker = Tracker()
    tracker.update(boxes_at((0, 0)), None, POSE[None])
    with pytest.raises(ValueError, match='have 5 keypoints and those of the frames before 17'):
        tracker.update(boxes_at((0, 0)), None, POSE[None, :5])
    assert tracker.update(boxes_at((0, 0)), None, POSE[None]).tolist() == [0]


@pytest.mark.parametrize(
    ('settings_', 'message'),
    [
        (dict(low_thr=0.6), r'low_thr is 0.6 and high_thr 0.5; expected low_thr <= high_thr'),
        (dict(match_thr=0), 'match_thr is 0, but must be above 0 and at most 1'),
        (dict(pose_weight=2), 'pose_weight is 2, but must be from 0 to 1'),
        (dict(max_lost=-1), 'max_lost is -1, but must be 0 or more'),
        (dict(min_hits=0), 'min_hits is 0, but must be positive'),
    ],
)
def test_settings_out_of_range(settings_, message):
    with pytest.raises(ValueError, match=message):
        Tracker(**settings_)

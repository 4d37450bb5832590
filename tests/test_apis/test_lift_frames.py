import numpy as np
import pytest
from mmengine.structures import InstanceData

from mmpose.apis.inferencers.utils.lift_frames import (
    FrameTracker,
    PoseFrame,
    TrackBuffers,
    lift_frames,
)
from mmpose.apis.lifting import LiftingWindow

AROUND = LiftingWindow(5, 2)
CAUSAL = LiftingWindow(3, 2)
STEPS = LiftingWindow(3, 1, step=2)
CLIP = LiftingWindow(18, 17, lifts_all=True)  # lifts two frames at a time


def frame(index, *track_ids):
    """The only keypoint of track t in frame f is at (f, t)."""
    keypoints = np.array([[[index, t]] for t in track_ids], float).reshape(-1, 1, 2)
    return PoseFrame(index, np.array(track_ids, dtype=int), keypoints, f'frame {index}')


def video(num_frames, *track_ids):
    return [frame(f, *track_ids) for f in range(num_frames)]


class Lift:
    """A model whose poses are its keypoints; it remembers what it has seen."""

    def __init__(self, window):
        self.window = window
        self.calls = []

    def __call__(self, tracks):
        self.calls.append([track[:, 0].astype(int).tolist() for track in tracks])
        poses = [np.pad(track, ((0, 0), (0, 0), (0, 1))) for track in tracks]
        return poses if self.window.lifts_all else [p[[self.window.before]] for p in poses]

    @property
    def windows(self):
        """The frames of each window."""
        return [[f for f, _ in window] for call in self.calls for window in call]


def run(frames, window, **options):
    lift = Lift(window)
    return list(lift_frames(frames, window, lift, **options)), lift


def check_results(results, frames):
    assert [f.content for f, _ in results] == [f.content for f in frames]
    for f, poses in results:
        np.testing.assert_array_equal(poses[..., :2], f.keypoints)


@pytest.mark.parametrize('batch_size', [1, 3, 100])
@pytest.mark.parametrize('online', [False, True])
@pytest.mark.parametrize('window', [AROUND, CAUSAL, STEPS, CLIP])
def test_every_frame_comes_out_in_order(window, online, batch_size):
    frames = video(41, 0, 7)
    results, _ = run(frames, window, online=online, batch_size=batch_size)
    check_results(results, frames)


def test_windows_at_the_ends_repeat_the_first_and_the_last_frame():
    _, lift = run(video(6, 0), AROUND)
    assert lift.windows == [
        *([0, 0, 0, 1, 2], [0, 0, 1, 2, 3], [0, 1, 2, 3, 4]),
        *([1, 2, 3, 4, 5], [2, 3, 4, 5, 5], [3, 4, 5, 5, 5]),
    ]


def test_causal_windows():
    _, lift = run(video(4, 0), CAUSAL)
    assert lift.windows == [[0, 0, 0], [0, 0, 1], [0, 1, 2], [1, 2, 3]]


def test_windows_with_steps():
    _, lift = run(video(5, 0), STEPS)
    assert lift.windows == [[0, 0, 2], [0, 1, 3], [0, 2, 4], [1, 3, 4], [2, 4, 4]]


def test_online_the_newest_frame_stands_in_for_later_ones():
    _, lift = run(video(4, 0), AROUND, online=True)
    assert lift.windows == [[0, 0, 0, 0, 0], [0, 0, 1, 1, 1], [0, 1, 2, 2, 2], [1, 2, 3, 3, 3]]


def test_missing_frames_of_a_track_are_those_of_the_nearest():
    frames = [frame(0, 0, 1), frame(1, 0), frame(2, 0), frame(3, 0, 1), frame(4, 0)]
    results, lift = run(frames, AROUND)
    check_results(results, frames)
    of_track_1 = [[f for f, _ in w] for call in lift.calls for w in call if w[0][1] == 1]
    assert of_track_1 == [[0, 0, 0, 0, 0], [3, 3, 3, 3, 3]]
    frames[2] = frame(2, 0, 1)
    _, lift = run(frames, AROUND)
    of_track_1 = [[f for f, _ in w] for call in lift.calls for w in call if w[0][1] == 1]
    assert of_track_1 == [[0, 0, 0, 0, 2], [0, 0, 2, 3, 3], [2, 2, 3, 3, 3]]


def test_frames_of_a_batch_share_a_forward_pass():
    one_by_one, _ = run(video(7, 0, 1), AROUND)
    batched, lift = run(video(7, 0, 1), AROUND, batch_size=3)
    assert [len(call) for call in lift.calls] == [6, 6, 2]
    for (_, expected), (_, found) in zip(one_by_one, batched, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_a_window_does_not_depend_on_the_batch():
    # the track is missing to the right of its window's end, and back in the frame after it
    frames = [frame(0, 0), frame(1), frame(2), frame(3, 0), frame(4, 0)]
    windows = [run(frames, AROUND, batch_size=n)[1].windows for n in (1, 5)]
    assert windows[0] == windows[1]
    assert windows[0][0] == [0, 0, 0, 0, 0]


def test_frames_come_as_soon_as_their_window_is_complete():
    read = []
    frames = (read.append(f.index) or f for f in video(9, 0))
    results = lift_frames(frames, AROUND, Lift(AROUND))
    assert next(results)[0].index == 0
    assert read == [0, 1, 2]
    assert next(results)[0].index == 1
    assert read == [0, 1, 2, 3]


def test_clips_end_with_the_newest_frame():
    _, lift = run(video(23, 0), CLIP)
    assert lift.windows[:2] == [[0, 1], [0, 1, 2, 3]]
    assert lift.windows[10] == list(range(4, 22))
    assert lift.windows[11] == list(range(5, 23))  # one frame was left


def test_clips_of_tracks_that_come_and_go():
    frames = [frame(0, 0), frame(1, 1), frame(2), frame(3, 1), frame(4, 2)]
    results, lift = run(frames, CLIP)
    check_results(results, frames)
    assert lift.windows[:2] == [[0, 0], [1, 1]]  # both tracks in the first pass


def test_nobody_in_sight():
    results, lift = run(video(3), AROUND)
    assert [poses.shape for _, poses in results] == [(0, 1, 3)] * 3
    assert not lift.calls
    assert list(lift_frames([], AROUND, lift)) == []


@pytest.mark.parametrize(('window', 'num_kept'), [(AROUND, 5), (STEPS, 5), (CLIP, 18)])
def test_memory_does_not_grow(window, num_kept, monkeypatch):
    sizes, add = [], TrackBuffers.add

    def counted(self, f):
        add(self, f)
        sizes.append(len(self))

    monkeypatch.setattr(TrackBuffers, 'add', counted)
    frames = [frame(f, f // 10) for f in range(200)]  # tracks are lost all the time
    run(frames, window)
    assert max(sizes) == num_kept


def instances(*boxes):
    boxes = np.array(boxes, dtype=float).reshape(-1, 4)
    return InstanceData(
        bboxes=boxes,
        keypoints=boxes.reshape(-1, 2, 2),
        keypoint_scores=np.ones((len(boxes), 2)),
    )


@pytest.mark.parametrize('by_oks', [False, True])
def test_tracks_follow_their_instances(by_oks):
    tracker = FrameTracker(by_oks, 0.3, np.array([0.1, 0.1]))
    left, right = [0, 0, 40, 80], [100, 0, 140, 80]
    assert tracker.update(instances(left, right)).tolist() == [0, 1]
    moved = [[v + 3 for v in right], [v + 3 for v in left]]
    assert tracker.update(instances(*moved)).tolist() == [1, 0]
    assert tracker.update(instances(left)).tolist() == [0]
    # the other was lost for a frame, so it is someone else
    assert tracker.update(instances(left, right)).tolist() == [0, 2]
    assert tracker.update(instances()).tolist() == []
    assert tracker.update(instances(left)).tolist() == [3]

"""The frames of a video, lifted as soon as the windows around them are complete."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from mmengine.structures import InstanceData

from mmpose.apis.inference_tracking import _track_by_iou, _track_by_oks
from mmpose.apis.lifting import LiftingWindow, nearest
from mmpose.structures import PoseDataSample

# A model that lifts all frames of its window runs again for each ninth of it: more often costs
# time, more seldom memory for the pictures that wait.
_RUNS_PER_WINDOW = 9

Lift = Callable[[list[np.ndarray]], list[np.ndarray]]


class PoseFrame(NamedTuple):
    """The poses in a frame.

    Attributes:
        index: Of the frame, from 0.
        track_ids: (N,) whose they are.
        keypoints: (N, K, 2) as the lifting model takes them.
        content: Travels along.
    """

    index: int
    track_ids: np.ndarray
    keypoints: np.ndarray
    content: Any


class FrameTracker:
    """Gives each instance the number of the one that it resembles in the frame before.

    Args:
        by_oks: Whether keypoints are compared instead of boxes.
        threshold: What the similarity of a match exceeds.
        sigmas: (K,) spread of each keypoint; ``None`` is COCO's.
    """

    def __init__(self, by_oks: bool, threshold: float, sigmas: np.ndarray | None = None) -> None:
        self._match = partial(_track_by_oks, sigmas=sigmas) if by_oks else _track_by_iou
        self._threshold = threshold
        self._last: list[PoseDataSample] = []
        self._next_id = 0

    def update(self, instances: InstanceData) -> np.ndarray:
        """(N,) the numbers of the instances of the next frame.

        Args:
            instances: ``bboxes`` (N, 4), ``keypoints`` (N, K, 2) and ``keypoint_scores`` (N, K).
        """
        samples = []
        for i in range(len(instances)):
            sample = PoseDataSample(pred_instances=instances[i : i + 1])
            track_id, self._last, _ = self._match(sample, self._last, self._threshold)
            if track_id == -1:
                track_id, self._next_id = self._next_id, self._next_id + 1
            sample.track_id = track_id
            samples.append(sample)
        self._last = samples
        return np.array([sample.track_id for sample in samples], dtype=np.int64)


class TrackBuffers:
    """The keypoints of each track in the latest frames.

    Args:
        num_frames: How many frames are kept.
    """

    def __init__(self, num_frames: int) -> None:
        self._num_frames = num_frames
        self._tracks: dict[int, deque[tuple[int, np.ndarray]]] = {}

    def __len__(self) -> int:
        """The number of keypoint sets that are kept."""
        return sum(map(len, self._tracks.values()))

    def add(self, frame: PoseFrame) -> None:
        """Take in the next frame and forget what is too old."""
        for track_id, keypoints in zip(frame.track_ids.tolist(), frame.keypoints, strict=True):
            self._tracks.setdefault(track_id, deque()).append((frame.index, keypoints))
        for track_id, track in list(self._tracks.items()):
            while track and track[0][0] <= frame.index - self._num_frames:
                track.popleft()
            if not track:
                del self._tracks[track_id]

    def window(self, track_id: int, indices: np.ndarray) -> np.ndarray:
        """(T, K, 2) the track in some frames; where it is missing, as in the nearest of them.

        Args:
            track_id: A track that is in one of the frames.
            indices: (T,) frames, ascending; there may be none of that number.
        """
        kept = [item for item in self._tracks[track_id] if indices[0] <= item[0] <= indices[-1]]
        known = np.array([index for index, _ in kept])
        return np.stack([keypoints for _, keypoints in kept])[nearest(known, indices)]


def lift_frames(
    frames: Iterable[PoseFrame],
    window: LiftingWindow,
    lift: Lift,
    online: bool = False,
    batch_size: int = 1,
) -> Iterator[tuple[PoseFrame, np.ndarray]]:
    """Each frame with its poses (N, K, 3), in order.

    A frame waits for those that its window reaches into; at the ends of the video, and where a
    track is missing, the nearest frame of the track stands in. The window of a model that lifts
    all its frames ends with the newest frame, and shortens at the start of the video.

    Args:
        frames: The frames of one video, or a single picture.
        window: The frames that the model sees at once.
        lift: From tracks (T, K, 2) to poses (1, K, 3), or (T, K, 3) of all their frames.
        online: Whether no frame waits: the newest stands in for later ones.
        batch_size: Frames that share a forward pass, of a model that lifts one frame at a time.
    """
    if window.lifts_all:
        delay, hop = 0, max(window.num_frames // _RUNS_PER_WINDOW, 1)
        num_kept = window.num_frames
        lifted = partial(_lifted_together, num_frames=window.num_frames)
    else:
        delay, hop = window.step * window.after, batch_size
        num_kept = delay + hop + window.step * window.before
        lifted = partial(_lifted_each, offsets=window.offsets)
    delay, hop = (0, 1) if online else (delay, hop)
    buffers, waiting = TrackBuffers(num_kept), deque()
    for frame in frames:
        buffers.add(frame)
        waiting.append(frame)
        if len(waiting) == delay + hop:
            yield from lifted([waiting.popleft() for _ in range(hop)], buffers, lift)
    while waiting:
        group = [waiting.popleft() for _ in range(min(hop, len(waiting)))]
        yield from lifted(group, buffers, lift)


def _lifted_each(
    frames: list[PoseFrame], buffers: TrackBuffers, lift: Lift, offsets: np.ndarray
) -> Iterator[tuple[PoseFrame, np.ndarray]]:
    """The frames, each lifted from the window around it."""
    tracks = [
        buffers.window(track_id, frame.index + offsets)
        for frame in frames
        for track_id in frame.track_ids.tolist()
    ]
    poses = iter(lift(tracks) if tracks else [])
    for frame in frames:
        yield frame, _stacked([next(poses)[0] for _ in frame.track_ids], frame)


def _lifted_together(
    frames: list[PoseFrame], buffers: TrackBuffers, lift: Lift, num_frames: int
) -> Iterator[tuple[PoseFrame, np.ndarray]]:
    """The frames, all lifted from one window that ends with the last of them."""
    last = frames[-1].index
    indices = np.arange(max(0, last - num_frames + 1), last + 1)
    ids = list(dict.fromkeys(i for frame in frames for i in frame.track_ids.tolist()))
    tracks = [buffers.window(track_id, indices) for track_id in ids]
    poses = dict(zip(ids, lift(tracks) if tracks else [], strict=True))
    for frame in frames:
        place = frame.index - indices[0]
        yield frame, _stacked([poses[i][place] for i in frame.track_ids.tolist()], frame)


def _stacked(poses: list[np.ndarray], frame: PoseFrame) -> np.ndarray:
    return np.stack(poses) if poses else np.empty((0, frame.keypoints.shape[1], 3), np.float32)

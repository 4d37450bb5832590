"""How well people keep their ids where they cross, what that costs, and what smoothing does.

The videos are of people of ``mmpose.datasets.synthetic`` who walk to and fro past each other. They
are not drawn: detector and pose model are imitated from what is in sight of each person, with
noise, misses, false alarms, and scores that fall where somebody is covered.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from functools import reduce
from operator import add
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
from mmengine.structures import InstanceData
from scipy.optimize import linear_sum_assignment

from mmpose.apis.inference_tracking import _track_by_iou, _track_by_oks
from mmpose.datasets.synthetic.poses import Limb, Pose
from mmpose.datasets.synthetic.skeleton import KEYPOINT_NAMES, SKELETON, pose_body, sample_body
from mmpose.evaluation.functional import MotFrame, clear_mot, nms
from mmpose.tracking import Tracker, TrackSmoother, smooth_sequence
from mmpose.tracking.association import box_overlaps

WIDTH, HEIGHT = 1280, 720
FPS = 30
PHASES = 32  # drawings of a step
SPEEDS = (1.0, 2.0, 4.0)  # 1 is a walk of 0.25 to 0.75 statures a second


class Found(NamedTuple):
    """N instances: boxes (N, 4), scores (N,), keypoints (N, 17, 2) and their scores (N, 17)."""

    boxes: np.ndarray
    scores: np.ndarray
    keypoints: np.ndarray
    keypoint_scores: np.ndarray


class Walkers:
    """P people who walk to and fro, F frames long.

    Attributes:
        keypoints: (F, P, 17, 2) pixels.
        visible: (F, P, 17) boolean, in the picture and not behind somebody.
        statures: (P,) pixels.
    """

    def __init__(self, seed: int, speed: float = 1.0, num_people: int = 10, num_frames: int = 300):
        rng = np.random.default_rng(seed)
        self.seed, self.num_frames = seed, num_frames
        self.statures = np.sort(rng.uniform(150, 320, num_people))  # from far to near
        walks = [self._walk(rng, stature, speed) for stature in self.statures]
        self.keypoints = np.stack(walks, axis=1)
        inside = (self.keypoints >= 0) & (self.keypoints < (WIDTH, HEIGHT))
        self.visible = inside.all(-1)
        for near in range(num_people):
            covered = self._covered(near)
            self.visible[:, :near] &= ~covered

    def _walk(self, rng: np.random.Generator, stature: float, speed: float) -> np.ndarray:
        """Keypoints (F, 17, 2) of one person, who slows down, hurries and turns at the borders."""
        time = np.arange(self.num_frames)
        pace = speed * stature * rng.uniform(0.008, 0.025)
        pace *= 1 + 0.5 * np.sin(time * rng.uniform(0.01, 0.06) + rng.uniform(0, 6))
        path = rng.uniform(0, 2 * WIDTH) + np.cumsum(pace)
        x = WIDTH - np.abs(path % (2 * WIDTH) - WIDTH)
        right = path % (2 * WIDTH) < WIDTH
        phase = (path / (0.8 * stature) * PHASES).astype(int) % PHASES

        body, facing = sample_body(rng), rng.uniform(55, 90)
        steps = np.array(
            [[_step(body, p, yaw) for p in range(PHASES)] for yaw in (-facing, facing)]
        )
        origin = np.stack([x, np.full(len(x), 150 + 0.9 * stature)], axis=-1)
        return origin[:, None] + stature * steps[right.astype(int), phase]

    def _covered(self, near: int) -> np.ndarray:
        """Which keypoints (F, near, 17) of those behind are covered by a person."""
        front = self.keypoints[:, near]
        ends = [(a - 1, b - 1, 0.045) for a, b in SKELETON] + [(5, 12, 0.1), (6, 11, 0.1)]
        covered = np.zeros(self.visible[:, :near].shape, bool)
        for a, b, radius in ends:
            start, along = front[:, None, None, a], (front[:, b] - front[:, a])[:, None, None]
            offset = self.keypoints[:, :near] - start
            share = (offset * along).sum(-1) / (along**2).sum(-1)
            nearest = offset - share.clip(0, 1)[..., None] * along
            covered |= np.linalg.norm(nearest, axis=-1) < radius * self.statures[near]
        return covered

    def boxes(self, frame: int) -> np.ndarray:
        """(P, 4) of what is in sight, zero where nobody is."""
        return extents(self.keypoints[frame], self.visible[frame], 0.06 * self.statures)

    def in_sight(self, frame: int) -> np.ndarray:
        """(P,) share of the keypoints."""
        return self.visible[frame].mean(-1)

    def detect(self, frame: int) -> tuple[np.ndarray, np.ndarray]:
        """Boxes (N, 4) and scores (N,) of an imitated detector."""
        rng = np.random.default_rng([self.seed, frame, 0])
        share, P = self.in_sight(frame), len(self.statures)
        scores = (0.2 + 0.75 * share + rng.normal(0, 0.08, P)).clip(0.02, 0.99)
        jitter = rng.normal(0, 0.015, (P, 4)) * self.statures[:, None]
        found = (share > 0.12) & (rng.random(P) > np.where(share < 0.35, 0.4, 0.03))
        boxes, scores = (self.boxes(frame) + jitter)[found], scores[found]
        false = rng.poisson(0.3)
        corners = rng.uniform((0, 0), (WIDTH - 100, HEIGHT - 200), (false, 2))
        boxes = np.concatenate((boxes, np.hstack((corners, corners + np.array((90, 190))))))
        scores = np.append(scores, rng.uniform(0.05, 0.65, false))
        keep = nms(np.hstack((boxes, scores[:, None])), 0.7)
        return boxes[keep], scores[keep]

    def estimate(self, frame: int, boxes: np.ndarray, scores: np.ndarray) -> Found:
        """An imitated pose model: who fills a box best, or nobody."""
        rng = np.random.default_rng([self.seed, frame, 1])
        N, P = len(boxes), len(self.statures)
        # what the picture shows of a person looks the same whichever box it is cut from
        seen, seen_scores = self._look(frame, rng)
        fit = box_overlaps(np.asarray(boxes, float).reshape(-1, 4), self.boxes(frame))
        fit[:, self.in_sight(frame) < 0.12] = 0
        person = fit.argmax(1) if P else np.zeros(N, int)
        somebody = fit.max(1, initial=0) > 0.3
        corner, size = boxes[:, None, :2], (boxes[:, 2:] - boxes[:, :2])[:, None]
        keypoints = np.where(
            somebody[:, None, None],
            seen[person] + rng.normal(0, 0.004, (N, 17, 2)) * size[..., 1:],
            corner + rng.random((N, 17, 2)) * size,
        )
        doubtful = rng.uniform(0, 0.35, (N, 17))
        keypoint_scores = np.where(somebody[:, None], seen_scores[person], doubtful)
        return Found(boxes, scores, keypoints, keypoint_scores)

    def _look(self, frame: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Keypoints (P, 17, 2) and scores (P, 17): where covered, guessed or somebody else's."""
        truth, visible = self.keypoints[frame], self.visible[frame]
        P = len(truth)
        noise = np.where(visible, 0.01, 0.06) * self.statures[:, None]
        seen = truth + rng.normal(0, 1, truth.shape) * noise[..., None]
        scores = np.where(visible, rng.uniform(0.6, 0.95, (P, 17)), rng.uniform(0, 0.4, (P, 17)))
        distances = np.linalg.norm(truth[:, None] - truth, axis=-1).min(-1)
        np.fill_diagonal(distances, np.inf)
        wrong = ~visible & (rng.random((P, 17)) < 0.3)
        neighbour = np.broadcast_to(distances.argmin(1)[:, None], wrong.shape)[wrong]
        seen[wrong] = truth[neighbour, np.nonzero(wrong)[1]]
        scores[wrong] = rng.uniform(0.3, 0.6, wrong.sum())
        return seen, scores


def _step(body: object, phase: int, yaw: float) -> np.ndarray:
    """Keypoints (17, 2) in statures of somebody who walks, around the pelvis."""
    swing = np.sin(2 * np.pi * phase / PHASES + np.array([0, np.pi]))
    lift = np.cos(2 * np.pi * phase / PHASES + np.array([0, np.pi])).clip(min=0)
    legs = tuple(Limb(26 * s, 2, 0, 8 + 40 * r) for s, r in zip(swing, lift, strict=True))
    arms = tuple(Limb(-22 * s, 6, 10, 20) for s in swing)
    points = pose_body(body, Pose(arms=arms, legs=legs, lean=4, yaw=yaw)).points
    return np.array([points[name] for name in KEYPOINT_NAMES])[:, :2] * (1, -1)


def extents(points: np.ndarray, counted: np.ndarray, margin: np.ndarray) -> np.ndarray:
    """Boxes (N, 4) around the points that count, zero without any."""
    low = np.where(counted[..., None], points, np.inf).min(1) - margin[:, None]
    high = np.where(counted[..., None], points, -np.inf).max(1) + margin[:, None]
    return np.where(counted.any(1)[:, None], np.hstack((low, high)), 0)


class FirstGeneration:
    """What MMPose 1.x does: in turn, each instance takes the best one of the last frame."""

    def __init__(self, find: Callable, score_thr: float = 0.3, thr: float = 0.3):
        self.find, self.score_thr, self.thr = find, score_thr, thr
        self.last: list[SimpleNamespace] = []
        self.num_ids = 0

    def update(self, boxes: np.ndarray, scores: np.ndarray, *pose: np.ndarray) -> np.ndarray:
        """Ids (N,), -1 below the score."""
        ids, now = np.full(len(boxes), -1), []
        for i in np.flatnonzero(scores >= self.score_thr):
            instance = dict(bboxes=boxes[[i]], keypoints=pose[0][[i]], keypoint_scores=pose[1][[i]])
            sample = SimpleNamespace(pred_instances=InstanceData(**instance))
            ids[i], self.last, _ = self.find(sample, self.last, self.thr)
            if ids[i] < 0:
                ids[i], self.num_ids = self.num_ids, self.num_ids + 1
            sample.track_id = ids[i]
            now.append(sample)
        self.last = now
        return ids


TRACKERS: dict[str, Callable] = {
    '1.x, boxes': lambda: FirstGeneration(_track_by_iou),
    '1.x, poses': lambda: FirstGeneration(_track_by_oks),
    'boxes, one stage': lambda: Tracker(pose_weight=0, low_thr=0.5),
    'boxes, two stages': lambda: Tracker(pose_weight=0),
    'boxes and poses, one stage': lambda: Tracker(low_thr=0.5),
    'boxes and poses, two stages': Tracker,
}


def follow(video: Walkers, tracker: object, every: int) -> Iterator[tuple[Found, np.ndarray]]:
    """Instances and ids of each frame; a detector looks at some, the tracker's boxes do else."""
    for frame in range(video.num_frames):
        if frame % every == 0:
            found = video.estimate(frame, *video.detect(frame))
            yield found, tracker.update(*found)
        else:
            boxes, scores, _ = tracker.predicted_boxes()
            found = video.estimate(frame, boxes, scores)
            yield found, tracker.update(*found, detected=False)


def judge(video: Walkers, tracker: object, every: int = 1) -> tuple:
    """MOT counts and the counts of IDF1 (true positives, objects, hypotheses) of a video."""
    frames = []
    for frame, (found, ids) in enumerate(follow(video, tracker, every)):
        true = np.flatnonzero(video.in_sight(frame) >= 0.3)
        tracked = ids >= 0
        margin = 0.06 * (found.boxes[:, 3] - found.boxes[:, 1])
        boxes = extents(found.keypoints, found.keypoint_scores >= 0.3, margin)
        distance = 1 - box_overlaps(boxes[tracked].reshape(-1, 4), video.boxes(frame)[true])
        distance[distance > 0.5] = np.inf
        frames.append(
            MotFrame(
                object_ids=true,
                hypothesis_ids=ids[tracked],
                objects=np.ones((len(true), 1), bool),
                hypotheses=np.ones((tracked.sum(), 1), bool),
                distances=distance[..., None],
            )
        )
    return clear_mot(frames), np.array(identity_counts(frames))


def identity_counts(frames: list[MotFrame]) -> tuple[int, int, int]:
    """Frames in which people have the one id that is best for them; all people; all ids.

    Ristani et al., 2016, `Performance Measures and a Data Set for Multi-Target, Multi-Camera
    Tracking <https://arxiv.org/abs/1609.01775>`_.
    """
    hypothesis_ids = [frame.hypothesis_ids for frame in frames]
    object_ids = [frame.object_ids for frame in frames]
    size = [np.concatenate(ids).max(initial=-1) + 1 for ids in (hypothesis_ids, object_ids)]
    together = np.zeros(size, int)
    for frame in frames:
        near = np.isfinite(frame.distances[..., 0])
        together[np.ix_(frame.hypothesis_ids, frame.object_ids)] += near
    rows, columns = linear_sum_assignment(together, maximize=True)
    right = together[rows, columns].sum()
    return int(right), sum(map(len, object_ids)), sum(map(len, hypothesis_ids))


def score(videos: list[Walkers], make: Callable, every: int = 1) -> tuple[int, float, float]:
    """Id switches, MOTA and IDF1 in percent over all videos."""
    counts, identities = zip(*(judge(video, make(), every) for video in videos), strict=True)
    total = reduce(add, counts)
    right, objects, hypotheses = sum(identities)
    return (
        int(total.switches[0]),
        float(total.numbers()['MOTA'][0]),
        100 * 2 * right / (objects + hypotheses),
    )


def print_ids(num_videos: int) -> None:
    """Table of id switches, MOTA and IDF1."""
    videos = [[Walkers(seed, speed) for seed in range(num_videos)] for speed in SPEEDS]
    print('| detector every | tracker |', ' | '.join(f'speed {speed:g}' for speed in SPEEDS), '|')
    print('|---:|---|' + '---:|' * len(SPEEDS))
    for every in (1, 3, 5):
        for name, make in TRACKERS.items():
            if every > 1 and name.startswith('1.x'):
                continue  # it has no boxes for the frames between
            cells = ['{} / {:.1f} / {:.1f}'.format(*score(v, make, every)) for v in videos]
            print(f'| {every} | {name} |', ' | '.join(cells), '|', flush=True)


def print_times() -> None:
    """Table of milliseconds per frame."""
    print('| people, keypoints | `Tracker.update` | `one_euro` | `savgol` |')
    print('|---|---:|---:|---:|')
    for num_people, K in ((5, 17), (20, 17), (50, 17), (20, 133)):
        rng = np.random.default_rng(0)
        corners = rng.uniform(0, 1500, (num_people, 2))
        poses = corners[:, None] + rng.uniform(0, 1, (num_people, K, 2)) * (60, 150)
        boxes, scores = (
            np.hstack((corners, corners + np.array((60, 150)))),
            np.full(num_people, 0.9),
        )
        certain = np.ones((num_people, K))
        tracker, smoothers = Tracker(), [TrackSmoother(kind) for kind in ('one_euro', 'savgol')]
        times = []
        for frame in range(200):
            keypoints = poses + rng.normal(0, 1, poses.shape) + frame
            started = [time.process_time()]
            ids = tracker.update(boxes + frame, scores, keypoints, certain)
            started.append(time.process_time())
            for smoother in smoothers:
                smoother(keypoints, certain, ids)
                started.append(time.process_time())
            times.append(np.diff(started))
        cells = ' | '.join(f'{1000 * seconds:.2f}' for seconds in np.median(times, axis=0))
        print(f'| {num_people}, {K} | {cells} |')


def print_smoothing() -> None:
    """Table of what is left of noise, and what comes late, of people who stand and who walk."""
    rows: dict[str, Callable] = {
        'none': lambda noisy: noisy,
        '`one_euro`': lambda noisy: smoothed(noisy, 'one_euro'),
        '`one_euro`, `beta=2`': lambda noisy: smoothed(noisy, 'one_euro', beta=2),
        '`savgol`': lambda noisy: smoothed(noisy, 'savgol'),
        '`savgol`, `order=1`': lambda noisy: smoothed(noisy, 'savgol', order=1),
        '`smooth_sequence`': lambda noisy: np.stack(
            [smooth_sequence(track) for track in noisy.swapaxes(0, 1)], axis=1
        ),
    }
    print('| filter | standing: jitter | error | walking: jitter | error | late by, frames |')
    print('|---|' + '---:|' * 5)
    video = Walkers(seed=7, num_people=12)
    walking = video.keypoints / video.statures[:, None, None]
    noise = np.random.default_rng(0).normal(0, 0.01, walking.shape)
    standing = np.broadcast_to(walking[:1], walking.shape)
    for name, smooth in rows.items():
        cells = []
        for truth in (standing, walking):
            result = smooth(truth + noise)[20:]
            jitter = np.linalg.norm(np.diff(result, 2, axis=0), axis=-1).mean()
            error = np.sqrt(((result - truth[20:]) ** 2).sum(-1).mean())
            cells += [f'{100 * jitter:.2f}', f'{100 * error:.2f}']
        velocity = np.gradient(walking, axis=0)[20:]
        late = ((walking[20:] - result) * velocity).sum() / (velocity**2).sum()
        print(f'| {name} |', ' | '.join(cells), f'| {abs(late):.2f} |')


def smoothed(noisy: np.ndarray, kind: str, **options: float) -> np.ndarray:
    """Poses (F, P, 17, 2) as they come out of a stream."""
    smoother = TrackSmoother(kind, **options)
    return np.stack([smoother(poses, timestamp=i / FPS) for i, poses in enumerate(noisy)])


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--videos', type=int, default=4, help='videos of each speed')
    args = parser.parse_args()
    print_ids(args.videos)
    print()
    print_times()
    print()
    print_smoothing()


if __name__ == '__main__':
    main()

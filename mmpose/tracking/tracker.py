"""Ids that people keep through a video."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from mmpose.utils.checks import check_positive

from .association import box_overlaps, default_sigmas, enlarged, match, pose_similarity
from .instances import Instances, follow_points, read_instances, usable_in_order
from .kalman import BoxMotion
from .tracks import UNCONFIRMED, Tracks

LEAST_OVERLAP = 0.05  # of enlarged boxes, for a match
LEAST_SHARE = 0.5  # of the keypoints, to take two poses for one


class TrackedBoxes(NamedTuple):
    """Where the people of T tracks should be in a frame.

    Attributes:
        boxes: (T, 4) float32 left, top, right, bottom in pixels.
        scores: (T,) float32, those of the instances last seen.
        track_ids: (T,) integers; -1 for a track that has no id yet.
    """

    boxes: np.ndarray
    scores: np.ndarray
    track_ids: np.ndarray


class Tracker:
    """Gives the people in the frames of a video ids that stay.

    A Kalman filter predicts each track's box and pose. Instances are assigned to the predictions
    by the overlap of boxes and the similarity of poses (OKS), those with high scores first; those
    with low scores, mostly people who are partly covered, may then continue a track but not begin
    one: Zhang et al., 2022, `ByteTrack: Multi-Object Tracking by Associating Every Detection Box
    <https://arxiv.org/abs/2110.06864>`_, where boxes alone are compared. What is then left of both
    sides is assigned by enlarged boxes, which bring people back who were out of sight or who move
    fast: Yang et al., 2023, `Hard to Track Objects with Irregular Motions and Similar Appearances?
    <https://arxiv.org/abs/2211.14317>`_.

    Ids count from 0, in the order in which tracks are confirmed, and none is given twice. The
    order of the instances in a frame does not matter.

    Args:
        high_thr: Score from which an instance may begin a track.
        low_thr: Score from which it may continue one.
        match_thr: Similarity, 0 to 1, that an instance of a high score needs to continue a track.
        low_match_thr: The same for one of a low score.
        pose_weight: Share of the OKS in the similarity, where all keypoints can be compared; the
            rest is the boxes' intersection over union. 0 compares boxes alone.
        reach: How much boxes are enlarged on every side in the last stage, in their own sizes; 0
            leaves it out.
        duplicate_thr: OKS above which of two poses in a frame the one with the lower score is
            taken for the same person once more, and gets no track.
        keypoint_thr: Score from which a keypoint counts.
        max_lost: Frames that a track lasts without being seen.
        min_hits: Frames in which a person is seen before the track is confirmed; the people of
            the first frame are confirmed at once.
        sigmas: (K,) spread of each keypoint, from the data set's metainfo; ``None`` means COCO's
            for 17 keypoints and 0.05 for any other number.
        motion: The model of motion; ``None`` takes the default one.

    Raises:
        ValueError: Thresholds are out of order or of range.

    Example:
        >>> tracker = Tracker()
        >>> tracker.update([[10, 10, 50, 110], [80, 10, 120, 110]], [0.8, 0.9])
        array([1, 0])
        >>> tracker.update([[83, 10, 123, 110], [12, 10, 52, 110]], [0.9, 0.2])
        array([0, 1])
    """

    def __init__(
        self,
        high_thr: float = 0.5,
        low_thr: float = 0.1,
        match_thr: float = 0.3,
        low_match_thr: float = 0.5,
        pose_weight: float = 0.7,
        reach: float = 0.5,
        duplicate_thr: float = 0.9,
        keypoint_thr: float = 0.3,
        max_lost: int = 30,
        min_hits: int = 2,
        sigmas: np.ndarray | None = None,
        motion: BoxMotion | None = None,
    ):
        if not low_thr <= high_thr:
            raise ValueError(
                f'low_thr is {low_thr} and high_thr {high_thr}; expected low_thr <= high_thr. '
                'Equal ones leave the second stage out.'
            )
        for name, value in (
            ('match_thr', match_thr),
            ('low_match_thr', low_match_thr),
            ('duplicate_thr', duplicate_thr),
        ):
            if not 0 < value <= 1:
                raise ValueError(f'{name} is {value}, but must be above 0 and at most 1.')
        if not 0 <= pose_weight <= 1:
            raise ValueError(f'pose_weight is {pose_weight}, but must be from 0 to 1.')
        for name, value in (('reach', reach), ('max_lost', max_lost)):
            if not value >= 0:
                raise ValueError(f'{name} is {value}, but must be 0 or more.')
        check_positive('min_hits', min_hits, several=False)
        self.high_thr = high_thr
        self.low_thr = low_thr
        self.match_thr = match_thr
        self.low_match_thr = low_match_thr
        self.pose_weight = pose_weight
        self.reach = reach
        self.duplicate_thr = duplicate_thr
        self.keypoint_thr = keypoint_thr
        self.max_lost = max_lost
        self.min_hits = min_hits
        self.sigmas = None if sigmas is None else np.asarray(sigmas, np.float64)
        self.motion = motion or BoxMotion()
        self.reset()

    def reset(self) -> None:
        """Forget all tracks and begin with id 0, for another video."""
        nobody = Instances(np.empty((0, 4)), np.empty(0), np.empty((0, 0, 2)))
        self._tracks = Tracks.start(nobody, -1, self.motion)
        self._frame = -1
        self._num_ids = 0

    @property
    def track_ids(self) -> np.ndarray:
        """(T,) ids of the tracks that may still go on, rising."""
        return np.sort(self._tracks.ids[self._tracks.confirmed])

    def update(
        self,
        boxes: np.ndarray,
        scores: np.ndarray | None = None,
        keypoints: np.ndarray | None = None,
        keypoint_scores: np.ndarray | None = None,
        frame_index: int | None = None,
        detected: bool = True,
    ) -> np.ndarray:
        """Track ids (N,) of the instances of a frame, -1 for those that have no track.

        Instances whose box has no area, or which hold a number that is not finite there or in
        their score, get no track.

        Args:
            boxes: (N, 4) left, top, right, bottom in pixels.
            scores: (N,) of the boxes; ``None`` means 1.
            keypoints: (N, K, 2) or more columns, x and y in pixels first; a keypoint that is not
                finite is missing. ``None`` compares boxes alone.
            keypoint_scores: (N, K); ``None`` means 1.
            frame_index: Number of the frame, larger than the last one; what lies between counts
                as time that has passed. ``None`` means the frame after the last.
            detected: Whether the boxes come from a detector. Else they are those that
                :meth:`predicted_boxes` returned for this frame, and the keypoints what was found
                in them: then poses alone are compared, tracks may end or go on but none begins,
                and the boxes are moved after the poses.

        Raises:
            ValueError: Shapes that do not go together, a frame that does not come after the last
                one, or boxes of tracks without keypoints.
        """
        if not detected and keypoints is None:
            raise ValueError(
                'The boxes are those of tracks (detected=False) and there are no keypoints, so '
                'that nothing is new; pass `keypoints`, or skip the frame.'
            )
        frame = self._following(frame_index)
        given = read_instances(boxes, scores, keypoints, keypoint_scores, self.keypoint_thr)
        self._fit_keypoints(given)
        order = usable_in_order(given)
        ids = np.full(len(given), UNCONFIRMED)
        ids[order] = self._step(given.take(order), frame, detected)
        return ids

    def predicted_boxes(self, frame_index: int | None = None, max_unseen: int = 2) -> TrackedBoxes:
        """Where the people should be in a frame that no detector looks at.

        Args:
            frame_index: Number of the frame, not before the last one; ``None`` means the next.
            max_unseen: Tracks that have not been seen in the last frames, more of them than this,
                are left out.

        Raises:
            ValueError: The frame is before the last one.
        """
        frame = self._frame + 1 if frame_index is None else frame_index
        if frame < self._frame:
            raise ValueError(
                f'frame_index is {frame_index}, but frame {self._frame} has been tracked already; '
                'pass that or a later one.'
            )
        tracks = self._tracks
        tracks = tracks.take(self._frame - tracks.last_seen <= max_unseen)
        boxes = self.motion.predict(tracks.states, frame - self._frame).boxes
        return TrackedBoxes(
            boxes.astype(np.float32), tracks.last.scores.astype(np.float32), tracks.ids
        )

    def _following(self, frame_index: int | None) -> int:
        """The number of the new frame."""
        if frame_index is None:
            return self._frame + 1
        if frame_index <= self._frame:
            raise ValueError(
                f'frame_index is {frame_index} after frame {self._frame}; pass frames in their '
                'order in time, and call reset() before another video.'
            )
        return int(frame_index)

    def _fit_keypoints(self, instances: Instances) -> None:
        """Bring the tracks and the instances to the same number of keypoints."""
        K, known = instances.points.shape[1], self._tracks.last.points.shape[1]
        if K and self.sigmas is not None and len(self.sigmas) != K:
            raise ValueError(
                f'There are {len(self.sigmas)} sigmas for poses of {K} keypoints; '
                'pass `sigmas` of the dataset.'
            )
        if K and known and known != K:
            raise ValueError(
                f'The poses have {K} keypoints and those of the frames before {known}; '
                'call reset() before another model.'
            )
        for each in (instances, self._tracks.last):
            if known != K and each.points.shape[1] == 0:
                each.points = np.full((len(each), max(K, known), 2), np.nan)

    def _step(self, instances: Instances, frame: int, detected: bool) -> np.ndarray:
        """Ids (N,) of usable instances, which continue, begin or end tracks."""
        steps = frame - self._frame
        alive = frame - self._tracks.last_seen <= self.max_lost + 1
        tracks = self._tracks.take(alive).predict(steps, self.motion)
        new = ~self._repeated(instances)
        rows = self._assigned(tracks, instances, new, detected)

        seen = np.flatnonzero(rows >= 0)
        continuing = instances.take(seen)
        if not detected:
            last = tracks.last.take(rows[seen])
            continuing.boxes = follow_points(last.boxes, last.points, continuing.points)
        tracks.see(rows[seen], continuing, frame, self.motion)

        begins = new & (rows < 0) & (instances.scores >= self.high_thr) & detected
        rows[begins] = len(tracks) + np.arange(begins.sum())
        tracks = tracks.followed_by(Tracks.start(instances.take(begins), frame, self.motion))
        self._confirm(tracks)
        ids = np.append(tracks.ids, UNCONFIRMED)[rows]

        unseen = tracks.last_seen < frame
        tracks.states.velocities[unseen, 2:] = 0  # the size of whom nobody sees stays
        self._tracks = tracks.take(tracks.confirmed | ~unseen)
        self._frame = frame
        return ids

    def _repeated(self, instances: Instances) -> np.ndarray:
        """Which instances (N,) have the pose of another with a higher score."""
        overlap = np.triu(box_overlaps(instances.boxes, instances.boxes) > 0, 1)
        oks, share = self._oks(instances, instances, overlap)
        repeated = np.zeros(len(instances), bool)
        alike = (oks > self.duplicate_thr) & (share >= LEAST_SHARE)
        # pairs come by falling score of the first, whose own fate is settled by then
        for first, second in np.argwhere(alike).tolist():
            repeated[second] |= not repeated[first]
        return repeated

    def _assigned(
        self, tracks: Tracks, instances: Instances, new: np.ndarray, detected: bool
    ) -> np.ndarray:
        """The track (N,) that each instance continues, -1 for none."""
        rows = np.full(len(instances), -1)
        free = np.ones(len(tracks), bool)
        for similarity, of_tracks, of_instances, threshold in self._stages(
            tracks, instances, new, detected
        ):
            t = np.flatnonzero(of_tracks & free)
            n = np.flatnonzero(of_instances & (rows < 0))
            chosen_t, chosen_n = match(similarity[np.ix_(t, n)], threshold)
            rows[n[chosen_n]] = t[chosen_t]
            free[t[chosen_t]] = False
        return rows

    def _stages(
        self, tracks: Tracks, instances: Instances, new: np.ndarray, detected: bool
    ) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, float]]:
        """Similarities (T, N), and which tracks and instances may be matched from which one on."""
        confirmed = tracks.confirmed
        if not detected:
            similarity = self._oks(tracks.last, instances)[0]
            yield similarity, confirmed, new, self.match_thr
            yield similarity, ~confirmed, new, self.match_thr
            return
        high = new & (instances.scores >= self.high_thr)
        low = new & (instances.scores >= self.low_thr) & ~high
        similarity = self._similarity(tracks, instances)
        yield similarity, confirmed, high, self.match_thr
        yield similarity, confirmed, low, self.low_match_thr
        yield similarity, ~confirmed, high, self.match_thr
        if self.reach:
            grown = (enlarged(part, self.reach) for part in (tracks.states.boxes, instances.boxes))
            yield box_overlaps(*grown), confirmed, high, LEAST_OVERLAP

    def _similarity(self, tracks: Tracks, instances: Instances) -> np.ndarray:
        """How well instances fit to tracks by their boxes and poses, (T, N), 0 to 1."""
        overlaps = box_overlaps(tracks.states.boxes, instances.boxes)
        if self.pose_weight == 0:
            return overlaps
        oks, share = self._oks(tracks.last, instances, overlaps > 0)
        return overlaps + self.pose_weight * share * (oks - overlaps)

    def _oks(
        self, first: Instances, second: Instances, compared: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """See :func:`pose_similarity`."""
        K = first.points.shape[1]
        sigmas = default_sigmas(K) if self.sigmas is None or K == 0 else self.sigmas
        return pose_similarity(
            first.points, second.points, first.areas, second.areas, sigmas, compared
        )

    def _confirm(self, tracks: Tracks) -> None:
        """Give ids to the tracks that have been seen often enough."""
        first_frame = self._frame < 0
        ready = ~tracks.confirmed & ((tracks.hits >= self.min_hits) | first_frame)
        tracks.ids[ready] = self._num_ids + np.arange(ready.sum())
        self._num_ids += int(ready.sum())

"""Smooth keypoints for each track."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mmpose.utils.checks import check_choice, check_positive

from .filters import OneEuroFilter, SavitzkyGolayFilter, check_time

# maps points (K, D), the time in seconds and which of the points are valid (K,) to points (K, D)
PointFilter = Callable[[np.ndarray, float, np.ndarray], np.ndarray]

KINDS = {'one_euro': OneEuroFilter, 'savgol': SavitzkyGolayFilter}
FRAME_TIME = 1 / 30  # seconds, where nobody says when frames are


class TrackSmoother:
    """Smooths the keypoints of each track by a filter of its own.

    Args:
        kind: ``'one_euro'`` (:class:`OneEuroFilter`), ``'savgol'``
            (:class:`SavitzkyGolayFilter`), or a callable that makes the filter of one track: a
            callable from points (K, D), the time in seconds and which points are valid (K,) to
            points (K, D).
        score_thr: Score from which a keypoint is valid: others come back as they are and leave no
            trace in the filter.
        max_absent: Seconds after which a track that has not been seen is forgotten.
        **options: Arguments of the filter.

    Raises:
        ValueError: ``kind`` is unknown, or a number is out of range.
        TypeError: The filter does not know an option.

    Example:
        >>> smoother = TrackSmoother('savgol', window=5, order=1)
        >>> for frame, x in enumerate((0.0, 1.0, 2.3)):
        ...     smooth = smoother(np.array([[[x, 0.0]]]), track_ids=[7], timestamp=frame / 30)
        >>> smooth.round(2)  # the line nearest to (0, 0), (1, 0) and (2.3, 0)
        array([[[2.25, 0.  ]]])
    """

    def __init__(
        self,
        kind: str | Callable[..., PointFilter] = 'one_euro',
        score_thr: float = 0.3,
        max_absent: float = 1.0,
        **options: Any,
    ):
        check_positive('max_absent', max_absent, several=False)
        if not callable(kind):
            check_choice('kind', kind, tuple(KINDS))
        self.kind = kind
        self.options = options
        self.score_thr = score_thr
        self.max_absent = max_absent
        self.reset()

    def reset(self) -> None:
        """Forget all tracks, for another video."""
        if callable(self.kind):
            self._filter = _FilterOfEach(lambda: self.kind(**self.options))
        else:
            self._filter = KINDS[self.kind](**self.options)
        self._last_seen: dict[int, float] = {}  # by id, in the order of the filter's rows
        self._timestamp = -np.inf
        self._shape: tuple[int, ...] | None = None

    @property
    def track_ids(self) -> np.ndarray:
        """(T,) ids of the tracks that are remembered."""
        return np.array(list(self._last_seen), int)

    def __call__(
        self,
        keypoints: np.ndarray,
        scores: np.ndarray | None = None,
        track_ids: np.ndarray | None = None,
        timestamp: float | None = None,
    ) -> np.ndarray:
        """The smooth keypoints (N, K, D).

        Args:
            keypoints: (N, K, D) in any unit; those that are not finite are not valid.
            scores: (N, K); ``None`` means 1.
            track_ids: (N,) integers, none twice. Instances of a negative id come back as they
                are. ``None`` means 0 to N - 1.
            timestamp: Seconds, later than the last; ``None`` means 1 / 30 later.

        Raises:
            ValueError: Shapes that do not go together, a track that comes twice, or a time that
                has not gone on.
        """
        keypoints = np.asarray(keypoints)
        N = len(keypoints)
        ids = np.arange(N) if track_ids is None else np.asarray(track_ids).reshape(-1)
        if timestamp is None:
            timestamp = self._timestamp + FRAME_TIME if np.isfinite(self._timestamp) else 0.0
        check_time(timestamp, self._timestamp)
        self._check(keypoints, scores, ids)

        tracked = np.flatnonzero(ids >= 0)
        rows = self._rows(ids[tracked].tolist(), timestamp)
        smooth = keypoints.astype(np.result_type(keypoints, np.float32))
        if self._shape is None:
            return smooth
        points = np.full((len(self._last_seen), *self._shape), np.nan)
        valid = np.zeros(points.shape[:2], bool)
        points[rows] = keypoints[tracked].reshape(-1, *self._shape)
        valid[rows] = True if scores is None else np.asarray(scores)[tracked] >= self.score_thr
        smooth[tracked] = self._filter(points, timestamp, valid)[rows]
        return smooth

    def _rows(self, ids: list[int], timestamp: float) -> list[int]:
        """The filter's rows of the given tracks, once old ones have gone and new ones come."""
        self._timestamp = timestamp
        before = {track: row for row, track in enumerate(self._last_seen)}
        self._last_seen = {
            track: seen
            for track, seen in self._last_seen.items()
            if timestamp - seen <= self.max_absent
        }
        going_on = [before[track] for track in self._last_seen]
        new = [track for track in ids if track not in self._last_seen]
        if new or len(going_on) < len(before):
            self._filter.rearrange(np.array(going_on + [-1] * len(new), int))
        self._last_seen.update(dict.fromkeys(ids, timestamp))
        row_of = {track: row for row, track in enumerate(self._last_seen)}
        return [row_of[track] for track in ids]

    def _check(self, keypoints: np.ndarray, scores: np.ndarray | None, ids: np.ndarray) -> None:
        N = len(keypoints)
        if ids.shape != (N,) or len(np.unique(ids[ids >= 0])) < np.count_nonzero(ids >= 0):
            raise ValueError(
                f'track_ids are {ids.tolist()} for {N} instances; expected one for each, and none '
                'twice.'
            )
        if N == 0:
            return
        if keypoints.ndim != 3 or self._shape not in (None, keypoints.shape[1:]):
            expected = ('K', 'D') if self._shape is None else self._shape
            raise ValueError(
                f'keypoints have the shape {keypoints.shape}; expected (N, {expected[0]}, '
                f'{expected[1]}). Call reset() before another model.'
            )
        if scores is not None and np.shape(scores) != keypoints.shape[:2]:
            raise ValueError(
                f'scores have the shape {np.shape(scores)} for keypoints of {keypoints.shape}; '
                f'expected {keypoints.shape[:2]}.'
            )
        self._shape = keypoints.shape[1:]


class _FilterOfEach:
    """Filters of single tracks behind the interface of a filter of many."""

    def __init__(self, make: Callable[[], PointFilter]):
        self._make = make
        self._filters: list[PointFilter] = []

    def rearrange(self, rows: np.ndarray) -> None:
        self._filters = [self._make() if row < 0 else self._filters[row] for row in rows]

    def __call__(self, points: np.ndarray, timestamp: float, valid: np.ndarray) -> np.ndarray:
        smooth = points.copy()
        for i in np.flatnonzero(valid.any(1)):
            smooth[i] = self._filters[i](points[i], timestamp, valid[i])
        return smooth

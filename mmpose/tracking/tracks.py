"""The tracks that a tracker follows, and the instances of a frame that may continue them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np

from .instances import Instances
from .kalman import BoxMotion, BoxStates

Columns = TypeVar('Columns', np.ndarray, BoxStates, Instances, 'Tracks')
UNCONFIRMED = -1  # stands for the id of a track that has not been seen often enough


@dataclass
class Tracks:
    """T tracks, in the order in which they began.

    Attributes:
        ids: (T,) from 0, -1 for those that are not confirmed.
        hits: (T,) frames in which each was seen.
        last_seen: (T,) index of the frame in which each was last seen.
        last: The instance last seen of each, moved by the track's velocity since.
        states: What is known of the motion.
    """

    ids: np.ndarray
    hits: np.ndarray
    last_seen: np.ndarray
    last: Instances
    states: BoxStates

    @classmethod
    def start(cls, instances: Instances, frame: int, motion: BoxMotion) -> Tracks:
        """Unconfirmed tracks of the instances that begin them."""
        N = len(instances)
        states = motion.start(instances.boxes)
        return cls(np.full(N, UNCONFIRMED), np.ones(N, int), np.full(N, frame), instances, states)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def confirmed(self) -> np.ndarray:
        """(T,) boolean."""
        return self.ids != UNCONFIRMED

    def take(self, rows: np.ndarray) -> Tracks:
        """Those of the given indices, or of a boolean mask."""
        return Tracks(
            self.ids[rows],
            self.hits[rows],
            self.last_seen[rows],
            self.last.take(rows),
            self.states.take(rows),
        )

    def followed_by(self, others: Tracks) -> Tracks:
        """These tracks and then the others."""
        return _joined(self, others)

    def predict(self, steps: float, motion: BoxMotion) -> Tracks:
        """The tracks some frames later."""
        states = motion.predict(self.states, steps)
        shift = states.values[:, :2] - self.states.values[:, :2]
        last = replace(
            self.last,
            boxes=self.last.boxes + np.tile(shift, 2),
            points=self.last.points + shift[:, None],
        )
        return replace(self, last=last, states=states)

    def see(self, rows: np.ndarray, instances: Instances, frame: int, motion: BoxMotion) -> None:
        """Continue tracks (M,) by one instance each."""
        self.hits[rows] += 1
        self.last_seen[rows] = frame
        for field in fields(Instances):
            getattr(self.last, field.name)[rows] = getattr(instances, field.name)
        updated = motion.update(self.states.take(rows), instances.boxes)
        for mine, new in zip(self.states, updated, strict=True):
            mine[rows] = new


def _joined(first: Columns, second: Columns) -> Columns:
    """Two structures of arrays, one behind the other."""
    if isinstance(first, np.ndarray):
        return np.concatenate((first, second))
    if isinstance(first, BoxStates):
        return BoxStates(*map(_joined, first, second))
    names = [field.name for field in fields(first)]
    return type(first)(*(_joined(getattr(first, n), getattr(second, n)) for n in names))

"""CLEAR MOT numbers of points that are tracked through a video.

Bernardin and Stiefelhagen, 2008, `Evaluating Multiple Object Tracking Performance: The CLEAR MOT
Metrics <https://doi.org/10.1155/2008/246309>`_.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np


@dataclass
class MotFrame:
    """A frame with G tracked objects and H tracked hypotheses, each of J points.

    Attributes:
        object_ids: (G,) integers.
        hypothesis_ids: (H,) integers, no one twice.
        objects: (G, J) boolean, the points that exist.
        hypotheses: (H, J) boolean, the points that exist.
        distances: (H, G, J) of points; infinite where they cannot belong together.
    """

    object_ids: np.ndarray
    hypothesis_ids: np.ndarray
    objects: np.ndarray
    hypotheses: np.ndarray
    distances: np.ndarray


@dataclass
class MotCounts:
    """What happened to J points, which add up over videos.

    Attributes:
        objects: (J,) objects in all frames.
        hypotheses: (J,) hypotheses in all frames.
        matches: (J,) pairs of an object and a hypothesis.
        switches: (J,) those of them in which the object had another hypothesis before.
        distance: (J,) the sum of the distances of the matches.
    """

    objects: np.ndarray
    hypotheses: np.ndarray
    matches: np.ndarray
    switches: np.ndarray
    distance: np.ndarray

    def __add__(self, other: MotCounts) -> MotCounts:
        names = [field.name for field in fields(self)]
        return MotCounts(*(getattr(self, name) + getattr(other, name) for name in names))

    @property
    def misses(self) -> np.ndarray:
        """(J,) objects without a hypothesis."""
        return self.objects - self.matches

    @property
    def false_positives(self) -> np.ndarray:
        """(J,) hypotheses without an object."""
        return self.hypotheses - self.matches

    def numbers(self) -> dict[str, np.ndarray]:
        """``MOTA``, ``MOTP``, ``precision`` and ``recall``, each (J,) in percent.

        The accuracy is 1 - (misses + false positives + switches) / objects and may be below 0; the
        precision of position (MOTP) is 1 - the mean distance. All are NaN without objects; MOTP
        and the precision are 0 without matches.
        """
        errors = self.misses + self.false_positives + self.switches
        objects = np.where(self.objects > 0, self.objects, np.nan)
        matches = np.where(self.matches > 0, self.matches, np.inf)
        shares = {
            'MOTA': 1 - errors / objects,
            'MOTP': np.where(self.matches > 0, 1 - self.distance / matches, 0),
            'precision': self.matches / self.hypotheses.clip(min=1),
            'recall': self.matches / objects,
        }
        return {
            name: np.where(self.objects > 0, 100 * share, np.nan) for name, share in shares.items()
        }


def clear_mot(frames: Sequence[MotFrame]) -> MotCounts:
    """What happened to the points of one video, each of the J for itself.

    An object keeps the hypothesis that it last had, also after frames without any, as long as
    their distance is finite; of several objects that last had the same one, that which had it most
    recently. The others are assigned so that as many as possible are, with the least total
    distance. An object that gets another hypothesis than it last had is a switch.

    Args:
        frames: Those of the video in their order in time, at least one.
    """
    object_ids = np.unique(np.concatenate([frame.object_ids for frame in frames]))
    J = frames[0].objects.shape[1]
    last_hypothesis, last_time = np.full((2, J, len(object_ids)), -1)
    matches, switches, distance = np.zeros(J, int), np.zeros(J, int), np.zeros(J)

    for time, frame in enumerate(frames):
        if len(frame.object_ids) == 0 or len(frame.hypothesis_ids) == 0:
            continue
        rows = np.searchsorted(object_ids, frame.object_ids)
        distances = frame.distances.transpose(2, 1, 0)
        kept = _kept(distances, frame.hypothesis_ids, last_hypothesis[:, rows], last_time[:, rows])
        new = _assigned(np.where(_unpaired(kept), distances, np.inf))

        j, g, h = np.nonzero(kept | new)
        row, hypothesis = rows[g], frame.hypothesis_ids[h]
        switched = (last_time[j, row] >= 0) & (last_hypothesis[j, row] != hypothesis)
        matches += np.bincount(j, minlength=J)
        switches += np.bincount(j[switched], minlength=J)
        distance += np.bincount(j, distances[j, g, h], minlength=J)
        last_hypothesis[j, row], last_time[j, row] = hypothesis, time

    return MotCounts(
        objects=sum(frame.objects.sum(0) for frame in frames),
        hypotheses=sum(frame.hypotheses.sum(0) for frame in frames),
        matches=matches,
        switches=switches,
        distance=distance,
    )


def _kept(
    distances: np.ndarray,
    hypothesis_ids: np.ndarray,
    last_hypothesis: np.ndarray,
    last_time: np.ndarray,
) -> np.ndarray:
    """The pairs (J, G, H) that last belonged together and still can.

    Args:
        distances: (J, G, H).
        hypothesis_ids: (H,).
        last_hypothesis: (J, G) ids.
        last_time: (J, G) frames, -1 if there was none.
    """
    same = np.isfinite(distances) & (last_hypothesis[..., None] == hypothesis_ids)
    time = np.where(same, last_time[..., None], -1)
    latest = np.arange(time.shape[1])[:, None] == time.argmax(1)[:, None]
    return latest & (time >= 0)


def _unpaired(pairs: np.ndarray) -> np.ndarray:
    """The pairs (J, G, H) of an object and a hypothesis that are in none of those given."""
    return ~(pairs.any(1, keepdims=True) | pairs.any(2, keepdims=True))


def _assigned(distances: np.ndarray) -> np.ndarray:
    """The most pairs (J, G, H) of finite distance, and of those the least in total.

    Args:
        distances: (J, G, H).
    """
    from scipy.optimize import linear_sum_assignment

    possible = np.isfinite(distances)
    # where neither has another choice there is nothing to weigh
    single = (possible.sum(1, keepdims=True) == 1) & (possible.sum(2, keepdims=True) == 1)
    assigned = possible & single
    rest = possible & ~assigned
    for j in np.flatnonzero(rest.any((1, 2))):
        finite = distances[j][rest[j]]
        # dearer than all finite ones together, so that no pair is given up for a shorter total
        costs = np.where(rest[j], distances[j], finite.sum() + 1)
        g, h = linear_sum_assignment(costs)
        assigned[j, g, h] |= rest[j, g, h]
    return assigned

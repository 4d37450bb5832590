"""One pose of a result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .parts import Part, unknown_name

if TYPE_CHECKING:
    from .pose_result import PoseResult


@dataclass(frozen=True, eq=False)
class Pose:
    """One pose of a :class:`PoseResult`, a view of its arrays.

    Example::

        >>> pose = PoseResult([[[3, 4]]], [[0.5]], ['nose'])[0]
        >>> pose['nose']
        (3.0, 4.0, 0.5)

    Attributes:
        result: What it belongs to.
        index: Which of its poses it is.
    """

    result: PoseResult
    index: int

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the K keypoints."""
        return self.result.names

    @property
    def keypoints(self) -> np.ndarray:
        """(K, 2) pixels of the picture, (x, y), or (K, 3)."""
        return self.result.keypoints[self.index]

    @property
    def keypoint_scores(self) -> np.ndarray:
        """(K,) as the codec gives them."""
        return self.result.keypoint_scores[self.index]

    @property
    def keypoint_conf(self) -> np.ndarray:
        """(K,) from 0 to 1."""
        return self.result.keypoint_conf[self.index]

    @property
    def keypoints_3d(self) -> np.ndarray | None:
        """(K, 3) in the unit of the model; ``None`` if nothing was lifted."""
        return self._row(self.result.keypoints_3d)

    @property
    def bbox(self) -> np.ndarray | None:
        """Left, top, right, bottom in pixels; ``None`` if unknown."""
        return self._row(self.result.bboxes)

    @property
    def bbox_score(self) -> float | None:
        """The score of the instance; ``None`` if unknown."""
        score = self._row(self.result.bbox_scores)
        return None if score is None else float(score)

    @property
    def track_id(self) -> int | None:
        """Who it is over the frames of a video; ``None`` if nothing was tracked."""
        track_id = self._row(self.result.track_ids)
        return None if track_id is None else int(track_id)

    def _row(self, values: np.ndarray | None) -> np.ndarray | None:
        return None if values is None else values[self.index]

    def __getitem__(self, name: str) -> tuple[float, ...]:
        """A keypoint: x, y, z if there is one, and score."""
        k = keypoint_index(self.result.metainfo, name)
        return (*self.keypoints[k].tolist(), float(self.keypoint_scores[k]))

    def part(self, part: Part) -> Pose:
        """The pose with some of its keypoints, see :meth:`PoseResult.part`."""
        return self.result[self.index : self.index + 1].part(part)[0]


def keypoint_index(metainfo: Mapping, name: str) -> int:
    """Which keypoint bears a name.

    Raises:
        KeyError: None does; the message lists those that there are.
    """
    index = metainfo['keypoint_name2id']
    if name not in index:
        raise KeyError(unknown_name(name, list(index)))
    return index[name]

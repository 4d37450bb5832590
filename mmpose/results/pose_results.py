"""The results of many pictures, or of the frames of a video."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from .coco import default_image_id
from .exports import Exports
from .openpose import openpose_file_name, write_openpose
from .parts import Part, part_indices
from .pose_result import PoseResult
from .records import RecordLines
from .skeleton import restricted
from .writers import JsonWriter

if TYPE_CHECKING:
    import supervision

_TRACKED = ('keypoints', 'keypoint_scores', 'keypoint_conf', 'keypoints_3d', 'bboxes')


@dataclass(eq=False)
class Track:
    """One instance over F successive results, from the first to the last that has it.

    Attributes:
        track_id: Who it is.
        start: Which result of all is the first.
        keypoints: (F, K, D) pixels; NaN in results without it.
        keypoint_scores: (F, K), likewise.
        keypoint_conf: (F, K) from 0 to 1, likewise.
        keypoints_3d: (F, K, 3), likewise; ``None`` if nothing was lifted.
        bboxes: (F, 4) left, top, right, bottom, likewise; ``None`` if unknown.
        frame_indices: (F,) frames of the video; -1 if unknown.
        timestamps: (F,) seconds; NaN if unknown.
    """

    track_id: int
    start: int
    keypoints: np.ndarray
    keypoint_scores: np.ndarray
    keypoint_conf: np.ndarray
    keypoints_3d: np.ndarray | None
    bboxes: np.ndarray | None
    frame_indices: np.ndarray
    timestamps: np.ndarray

    def __len__(self) -> int:
        return len(self.keypoints)


class PoseResults(Exports, Sequence):
    """A sequence of :class:`PoseResult`, one for each picture or frame.

    Args:
        results: What it holds.

    Raises:
        TypeError: One is no result.
    """

    def __init__(self, results: Iterable[PoseResult] = ()) -> None:
        self._results = list(results)
        for result in self._results:
            if not isinstance(result, PoseResult):
                raise TypeError(
                    f'PoseResults holds PoseResult, not {type(result).__name__}; make one by '
                    '`PoseResult.from_sample`.'
                )

    def __len__(self) -> int:
        return len(self._results)

    @overload
    def __getitem__(self, index: int) -> PoseResult: ...
    @overload
    def __getitem__(self, index: slice) -> PoseResults: ...
    def __getitem__(self, index: int | slice) -> PoseResult | PoseResults:
        """A result, or some of them."""
        if isinstance(index, slice):
            return PoseResults(self._results[index])
        return self._results[index]

    def __iter__(self) -> Iterator[PoseResult]:
        return iter(self._results)

    def __eq__(self, other: object) -> bool:
        """Whether all results are the same, in the same order."""
        return self._results == other._results if isinstance(other, PoseResults) else NotImplemented

    __hash__ = None

    def __repr__(self) -> str:
        return f'PoseResults({len(self)} results, {sum(map(len, self))} poses)'

    def _frames(self) -> Sequence[PoseResult]:
        return self._results

    def part(self, part: Part) -> PoseResults:
        """The results with some of the keypoints, see :meth:`PoseResult.part`."""
        before, parts = None, []
        for result in self:
            if result.metainfo is not before:
                before = result.metainfo
                indices = part_indices(before, part)
                metainfo = restricted(before, indices)
            parts.append(result.with_keypoints(indices, metainfo))
        return PoseResults(parts)

    def filter(self, min_conf: float = 0.0, min_score: float = 0.0) -> PoseResults:
        """What the model is sure of in each result, see :meth:`PoseResult.filter`."""
        return PoseResults(result.filter(min_conf, min_score) for result in self)

    def by_source(self) -> dict[str | None, PoseResults]:
        """The results of each picture or video, such as for :meth:`by_track` of several videos."""
        sources: dict[str | None, list[PoseResult]] = {}
        for result in self:
            sources.setdefault(result.source, []).append(result)
        return {source: PoseResults(results) for source, results in sources.items()}

    def by_track(self) -> dict[int, Track]:
        """The tracks of one video by their ids; negative ids are left out.

        Raises:
            ValueError: There are no ``track_ids``, a result has one twice, or the keypoints
                differ in number.
        """
        found = [result for result in self if len(result)]
        if any(result.track_ids is None for result in found):
            raise ValueError('The results have no track_ids; predict with a tracker.')
        if len({result.keypoints.shape[1:] for result in found}) > 1:
            raise ValueError('The results have different keypoints; take those of one model.')
        if not found:
            return {}
        ids = np.concatenate([result.track_ids for result in found])
        places = np.repeat(np.arange(len(self)), [len(result) for result in self])
        order = np.lexsort((places, ids))
        order = order[ids[order] >= 0]
        members = np.split(order, np.flatnonzero(np.diff(ids[order])) + 1)
        arrays = {name: _stacked(found, name) for name in _TRACKED}
        frames = [-1 if r.frame_index is None else r.frame_index for r in self]
        times = [np.nan if r.timestamp is None else r.timestamp for r in self]
        return {
            int(ids[rows[0]]): _track(int(ids[rows[0]]), rows, places[rows], arrays, frames, times)
            for rows in members
            if len(rows)
        }

    def to_dict(self) -> list[dict[str, Any]]:
        """Plain Python values of each result, see :meth:`PoseResult.to_dict`."""
        return [result.to_dict() for result in self]

    def to_json(self, path: str | PathLike | None = None) -> str | None:
        """A JSON array with an object for each result, as text or as a file.

        Args:
            path: The file; ``None`` returns the text.
        """
        if path is None:
            lines = RecordLines()
            return f'[{",".join(lines.of(result) for result in self)}]'
        with JsonWriter(path) as writer:
            for result in self:
                writer.write(result)
        return None

    def to_coco(
        self,
        image_ids: Iterable[int | str] | None = None,
        category_id: int = 1,
        boxes: bool = True,
    ) -> list[dict[str, Any]]:
        """An entry of COCO's result format for each pose, see :meth:`PoseResult.to_coco`.

        Args:
            image_ids: One for each result; ``None`` takes ``frame_index``, else the number that
                the source is called by, else the place in the sequence.
            category_id: Of all poses.
            boxes: Whether to add ``bbox`` where boxes are known.

        Raises:
            ValueError: There is not one of ``image_ids`` for each result.
        """
        if image_ids is None:
            image_ids = [default_image_id(result, i) for i, result in enumerate(self)]
        ids = list(image_ids)
        if len(ids) != len(self):
            raise ValueError(f'image_ids has {len(ids)} entries for {len(self)} results.')
        return [
            entry
            for result, image_id in zip(self, ids, strict=True)
            for entry in result.to_coco(image_id, category_id, boxes)
        ]

    def to_openpose(
        self, folder: str | PathLike | None = None, body: str = 'BODY_25'
    ) -> list[dict[str, Any]]:
        """The content of a file of OpenPose for each result, see :meth:`PoseResult.to_openpose`.

        Args:
            folder: Where to write the files; ``None`` writes none.
            body: 'BODY_25' or 'BODY_18'.

        Raises:
            ValueError: Two results would have the same file.
        """
        contents = [result.to_openpose(None, body) for result in self]
        if folder is None:
            return contents
        names = [openpose_file_name(result, i) for i, result in enumerate(self)]
        if twice := [name for name, count in Counter(names).items() if count > 1]:
            raise ValueError(
                f'Several results would be written to {twice[0]}; write those of each source to '
                'a folder of their own.'
            )
        for content, name in zip(contents, names, strict=True):
            write_openpose(content, folder, name)
        return contents

    def to_supervision(self) -> list[supervision.KeyPoints]:
        """Key points of each result, see :meth:`PoseResult.to_supervision`."""
        return [result.to_supervision() for result in self]


def _stacked(results: Sequence[PoseResult], name: str) -> np.ndarray | None:
    arrays = [getattr(result, name) for result in results]
    return None if any(array is None for array in arrays) else np.concatenate(arrays)


def _track(
    track_id: int,
    rows: np.ndarray,
    places: np.ndarray,
    arrays: dict[str, np.ndarray | None],
    frames: Sequence[int],
    times: Sequence[float],
) -> Track:
    """The track of some rows of ``arrays``, which stand at rising places in the sequence."""
    start, end = int(places[0]), int(places[-1]) + 1
    if (np.diff(places) == 0).any():
        twice = places[:-1][np.diff(places) == 0][0]
        raise ValueError(
            f'Result {twice} has track {track_id} twice; take the results of one tracker alone.'
        )
    spread: dict[str, np.ndarray | None] = {}
    for name, array in arrays.items():
        if array is not None:
            spread[name] = np.full((end - start, *array.shape[1:]), np.nan, np.float32)
            spread[name][places - start] = array[rows]
    return Track(
        track_id=track_id,
        start=start,
        frame_indices=np.array(frames[start:end]),
        timestamps=np.array(times[start:end]),
        **{name: spread.get(name) for name in arrays},
    )

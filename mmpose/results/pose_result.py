"""The poses of one picture or frame."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from operator import index as as_index
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from mmpose.utils.tensor_utils import to_numpy

from .coco import coco_results
from .confidence import keypoint_confidence
from .exports import Exports
from .openpose import openpose_content, openpose_file_name, write_openpose
from .parts import Part, part_indices, parts_of
from .pose import Pose, keypoint_index
from .records import encoded, plain_record, record_text
from .roboflow import supervision_key_points
from .skeleton import metainfo_for, names_of, restricted

if TYPE_CHECKING:
    import supervision

    from mmpose.structures import PoseDataSample

# fields with a row per instance: shape of a row and type
_ROWS = dict(
    keypoint_scores=(('K',), np.float32),
    keypoint_conf=(('K',), np.float32),
    keypoints_3d=(('K', 3), np.float32),
    bboxes=((4,), np.float32),
    bbox_scores=((), np.float32),
    track_ids=((), np.int64),
)
_PREDICTED = ('keypoints', *(name for name in _ROWS if name != 'keypoint_conf'))
_WITH_KEYPOINTS = ('keypoints', 'keypoint_scores', 'keypoint_conf', 'keypoints_3d')


@dataclass(eq=False, repr=False)
class PoseResult(Exports):
    """The N poses of one picture or frame, with K keypoints each.

    It is a sequence of poses: ``result[0]`` and iteration give a :class:`Pose`, ``result[mask]``
    and ``result[1:]`` a result with some of them, ``result['nose']`` that keypoint of all.
    Arrays are float32. A keypoint that is missing is NaN.

    Attributes:
        keypoints: (N, K, 2) pixels of the picture, (x, y), or (N, K, 3).
        keypoint_scores: (N, K) as the codec gives them.
        metainfo: The keypoint definition, as :func:`mmpose.structures.parse_pose_metainfo` takes
            it, or the names of the keypoints alone; ``None`` numbers them.
        keypoint_conf: (N, K) from 0 to 1, see :func:`keypoint_confidence`; ``None`` makes them of
            the scores.
        bboxes: (N, 4) left, top, right, bottom in pixels; ``None`` if unknown.
        bbox_scores: (N,) scores of the instances; ``None`` if unknown.
        track_ids: (N,) integers that tell instances apart over frames, negative for one without a
            track; ``None`` if nothing was tracked.
        keypoints_3d: (N, K, 3) in the unit of the model that lifted them; ``None`` if none did.
        source: The picture or video they come from.
        frame_index: Which frame of the video, from 0; ``None`` for a picture.
        timestamp: Seconds from the start of the video; ``None`` for a picture.
        size: (height, width) of the picture in pixels; ``None`` if unknown.

    Raises:
        ValueError: A shape does not fit the keypoints, or the metainfo has faults.
    """

    keypoints: np.ndarray
    keypoint_scores: np.ndarray
    metainfo: Mapping | Sequence[str] | None = None
    keypoint_conf: np.ndarray | None = field(default=None, kw_only=True)
    bboxes: np.ndarray | None = field(default=None, kw_only=True)
    bbox_scores: np.ndarray | None = field(default=None, kw_only=True)
    track_ids: np.ndarray | None = field(default=None, kw_only=True)
    keypoints_3d: np.ndarray | None = field(default=None, kw_only=True)
    source: str | None = field(default=None, kw_only=True)
    frame_index: int | None = field(default=None, kw_only=True)
    timestamp: float | None = field(default=None, kw_only=True)
    size: tuple[int, int] | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        self.keypoints = np.asarray(self.keypoints, dtype=np.float32)
        if self.keypoints.ndim != 3 or self.keypoints.shape[2] not in (2, 3):
            raise ValueError(
                f'keypoints has shape {self.keypoints.shape}; give (N, K, 2) or (N, K, 3), where '
                'N may be 0.'
            )
        N, K, _ = self.keypoints.shape
        self.metainfo = metainfo_for(self.metainfo, K)
        if self.keypoint_conf is None:
            self.keypoint_conf = keypoint_confidence(self.keypoint_scores)
        for name, (sizes, dtype) in _ROWS.items():
            shape = (N, *(K if size == 'K' else size for size in sizes))
            values = getattr(self, name)
            if values is None and N == 0 and name != 'keypoints_3d':
                values = np.empty(shape)
            setattr(self, name, None if values is None else _checked(name, values, shape, dtype))
        if not ((self.keypoint_conf >= 0) & (self.keypoint_conf <= 1)).all():
            raise ValueError('keypoint_conf goes beyond 0 to 1; map it by `keypoint_confidence`.')
        self.source = None if self.source in (None, '') else str(self.source)
        self.size = None if self.size is None else (int(self.size[0]), int(self.size[1]))

    @classmethod
    def from_sample(
        cls,
        sample: PoseDataSample,
        dataset_meta: Mapping | None,
        source: str | PathLike | None = None,
        frame_index: int | None = None,
        timestamp: float | None = None,
        score_range: tuple[float, float] = (0.0, 1.0),
    ) -> PoseResult:
        """The predictions of a model for one picture.

        Args:
            sample: With ``pred_instances`` of arrays or tensors; without them, or with none, the
                result is empty. A lone step of time, (N, 1, K, D), is left out. The size is its
                ``ori_shape``.
            dataset_meta: Of the model.
            source: The picture or video.
            frame_index: Which frame of the video.
            timestamp: Seconds from the start of the video.
            score_range: See :func:`score_range_of`.
        """
        instances = sample.get('pred_instances')
        names = [] if instances is None else [name for name in _PREDICTED if name in instances]
        given = {name: to_numpy(instances.get(name)) for name in names}
        if 'keypoints' not in given:
            K = (dataset_meta or {}).get('num_keypoints', 0)
            given = dict(keypoints=np.empty((0, K, 2)), keypoint_scores=np.empty((0, K)))
        elif given['keypoints'].ndim == 4 and given['keypoints'].shape[1] == 1:
            for name in ('keypoints', 'keypoint_scores'):
                given[name] = given[name][:, 0]
        return cls(
            **given,
            keypoint_conf=keypoint_confidence(given['keypoint_scores'], score_range),
            metainfo=dataset_meta,
            source=source,
            frame_index=frame_index,
            timestamp=timestamp,
            size=sample.metainfo.get('ori_shape'),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the K keypoints."""
        return names_of(self.metainfo)

    @property
    def parts(self) -> tuple[str, ...]:
        """What :meth:`part` can be asked for, beside keypoints."""
        return tuple(parts_of(self.metainfo))

    def __len__(self) -> int:
        return len(self.keypoints)

    def __iter__(self) -> Iterator[Pose]:
        return (Pose(self, i) for i in range(len(self)))

    @overload
    def __getitem__(self, key: int) -> Pose: ...
    @overload
    def __getitem__(self, key: str) -> np.ndarray: ...
    @overload
    def __getitem__(self, key: slice | Sequence[int] | np.ndarray) -> PoseResult: ...
    def __getitem__(
        self, key: int | str | slice | Sequence[int] | np.ndarray
    ) -> Pose | np.ndarray | PoseResult:
        """A pose by its number, a keypoint (N, D + 1) with its score by its name, or some poses."""
        if isinstance(key, str):
            k = keypoint_index(self.metainfo, key)
            return np.c_[self.keypoints[:, k], self.keypoint_scores[:, k]]
        if isinstance(key, slice):
            return self._with_rows(key)
        if isinstance(key, Sequence | np.ndarray) and np.ndim(key):
            return self._with_rows(np.asarray(key, dtype=None if len(key) else int))
        i = as_index(key)
        if not -len(self) <= i < len(self):
            raise IndexError(f'There is no pose {i}; the result has {len(self)}.')
        return Pose(self, i % len(self))

    def __repr__(self) -> str:
        known = dict(source=self.source, frame_index=self.frame_index)
        told = ''.join(f', {k}={v!r}' for k, v in known.items() if v is not None)
        return f'PoseResult({len(self)} poses of {self.keypoints.shape[1]} keypoints{told})'

    def __eq__(self, other: object) -> bool:
        """Whether all values are the same; NaN equals NaN, and of the metainfo the names count."""
        if not isinstance(other, PoseResult):
            return NotImplemented
        return self.names == other.names and all(
            _same(getattr(self, f.name), getattr(other, f.name))
            for f in fields(self)
            if f.name != 'metainfo'
        )

    __hash__ = None

    def part(self, part: Part) -> PoseResult:
        """The same poses with some of their keypoints.

        Args:
            part: One of :attr:`parts` ('left_hand'), a keypoint, or a list of keypoints by names
                or indices, which gives their order.

        Raises:
            IndexError: There is no keypoint of an index.
            ValueError: There is no such part or keypoint; the message lists what there is.
        """
        indices = part_indices(self.metainfo, part)
        return self.with_keypoints(indices, restricted(self.metainfo, indices))

    def with_keypoints(self, indices: Sequence[int], metainfo: Mapping) -> PoseResult:
        """The same poses with some of their keypoints.

        Args:
            indices: Which of them.
            metainfo: The definition of these.
        """
        arrays = {name: getattr(self, name) for name in _WITH_KEYPOINTS}
        cut = {name: a if a is None else a[:, indices] for name, a in arrays.items()}
        return replace(self, metainfo=metainfo, **cut)

    def filter(self, min_conf: float = 0.0, min_score: float = 0.0) -> PoseResult:
        """The poses and keypoints that the model is sure of.

        Args:
            min_conf: Keypoints of a lower confidence become NaN; a pose without any is left out.
            min_score: Poses of a lower ``bbox_scores`` are left out.

        Raises:
            ValueError: The poses have no ``bbox_scores`` to compare with ``min_score``.
        """
        if min_score > 0 and self.bbox_scores is None:
            raise ValueError('The poses have no bbox_scores; leave `min_score` out.')
        kept = np.ones(len(self), bool) if min_score <= 0 else self.bbox_scores >= min_score
        if min_conf > 0:
            kept &= (self.keypoint_conf >= min_conf).any(axis=1)
        result = self._with_rows(kept)
        if min_conf > 0:
            result._blank(result.keypoint_conf < min_conf)
        return result

    def _blank(self, unsure: np.ndarray) -> None:
        """Make keypoints (N, K) NaN, in arrays that nobody else has."""
        self.keypoints[unsure] = np.nan
        if self.keypoints_3d is not None:
            self.keypoints_3d[unsure] = np.nan

    def _with_rows(self, rows: slice | np.ndarray) -> PoseResult:
        arrays = {name: getattr(self, name) for name in ('keypoints', *_ROWS)}
        return replace(self, **{n: a if a is None else a[rows] for n, a in arrays.items()})

    def _frames(self) -> list[PoseResult]:
        return [self]

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values.

        ``instances`` are those of :func:`mmpose.structures.split_instances`, each with
        ``keypoint_conf``, and ``keypoints_3d`` and ``track_id`` if there are any. With them are
        ``source``, ``frame_index``, ``timestamp``, ``size`` and ``names``.
        """
        return plain_record(self)

    def to_json(self, path: str | PathLike | None = None) -> str | None:
        """A JSON object as text, or as a file.

        Args:
            path: The file; ``None`` returns the text.
        """
        text = record_text(self, self.metainfo)
        if path is None:
            return text
        Path(path).write_bytes(encoded(f'{text}\n'))
        return None

    def to_coco(
        self, image_id: int | str | None = None, category_id: int = 1, boxes: bool = True
    ) -> list[dict[str, Any]]:
        """An entry of COCO's result format for each pose.

        ``keypoints`` are x, y, score in a row, 0, 0, 0 for a missing one; those of whole bodies
        are under the keys of COCO-WholeBody. ``score`` is the box's score times the mean of the
        keypoint scores above 0.2, as :class:`mmpose.evaluation.CocoMetric` ranks poses.

        Args:
            image_id: ``None`` takes ``frame_index``, else the number that the source is called
                by (000000000139.jpg is 139), else 0.
            category_id: Of all poses.
            boxes: Whether to add ``bbox``, (left, top, width, height), where boxes are known.
        """
        return coco_results(self, image_id, category_id, boxes)

    def to_openpose(
        self, folder: str | PathLike | None = None, body: str = 'BODY_25'
    ) -> dict[str, Any]:
        """The content of a file of OpenPose 1.3.

        Keypoints are matched by name; those that the model has not, and missing ones, are 0, 0, 0.
        A neck and the middle of the hips, if the model has none, are means of shoulders and hips.

        Args:
            folder: Where to write the file, ``{name}_keypoints.json``; ``None`` writes none.
            body: 'BODY_25', 'BODY_18' (also called COCO).

        Raises:
            ValueError: The model has no keypoint that OpenPose knows, or ``body`` is unknown.
        """
        content = openpose_content(self, body)
        if folder is not None:
            write_openpose(content, folder, openpose_file_name(self))
        return content

    def to_supervision(self) -> supervision.KeyPoints:
        """Key points for the annotators of the package ``supervision``.

        Their confidence is ``keypoint_conf``; missing keypoints are at 0, 0. ``data`` has
        ``track_id`` and ``xyxy`` where they are known.

        Raises:
            MissingPackageError: ``supervision`` is not installed.
        """
        return supervision_key_points(self)


def _checked(name: str, values: Any, shape: tuple[int, ...], dtype: type) -> np.ndarray:
    array = np.asarray(values, dtype=dtype)
    if array.shape != shape:
        raise ValueError(
            f'{name} has shape {array.shape}, but the keypoints ask for {shape}; give one row '
            'for each of the poses.'
        )
    return array


def _same(one: Any, other: Any) -> bool:
    """Whether two values are the same; without poses, it does not matter of what they are none."""
    if np.size(one) == 0 or np.size(other) == 0:
        return (one is None or np.size(one) == 0) and (other is None or np.size(other) == 0)
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return np.array_equal(one, other, equal_nan=one.dtype.kind == 'f')
    return one is other or (one is not None and other is not None and one == other)

"""Results as JSON objects, one for a picture or frame."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from .numbers import shortest
from .skeleton import from_plain, to_plain

if TYPE_CHECKING:
    from .pose_result import PoseResult

# what an instance has, in the order of the files: key and field
_FIELDS = dict(
    track_id='track_ids',
    bbox='bboxes',
    bbox_score='bbox_scores',
    keypoints='keypoints',
    keypoint_scores='keypoint_scores',
    keypoint_conf='keypoint_conf',
    keypoints_3d='keypoints_3d',
)
_NOT_FINITE = re.compile('-?inf|nan')
_NUMBER = '%.9g'  # of a float32 in its shortest form no digit is lost


def plain_record(result: PoseResult) -> dict[str, Any]:
    """See :meth:`PoseResult.to_dict`."""
    columns = {key: values.tolist() for key, values in _columns(result).items()}
    rows = zip(*columns.values(), strict=True)
    return dict(
        **_head(result),
        names=list(result.names),
        instances=[dict(zip(columns, row, strict=True)) for row in rows],
    )


def record_text(result: PoseResult, metainfo: Mapping | None) -> str:
    """A JSON object in one line.

    Args:
        result: What is written; numbers that are not finite become ``null``.
        metainfo: The definition to write with it; ``None`` for none.
    """
    record = _head(result)
    if metainfo is not None:
        record['metainfo'] = to_plain(metainfo)
    head = json.dumps(record, ensure_ascii=False, separators=(',', ':'))
    return f'{head[:-1]},"instances":[{_instances_text(result)}]}}'


class RecordLines:
    """JSON objects that follow one another; the first has the definition, and where it changes."""

    def __init__(self) -> None:
        self._metainfo: Mapping | None = None

    def of(self, result: PoseResult) -> str:
        """The object of the next result, in one line."""
        before, self._metainfo = self._metainfo, result.metainfo
        same = before is not None and (
            before is result.metainfo or to_plain(before) == to_plain(result.metainfo)
        )
        return record_text(result, None if same else result.metainfo)


def encoded(text: str) -> bytes:
    """JSON as UTF-8; bytes of a file's name that are none stay as escapes, which JSON allows."""
    return text.encode(errors='backslashreplace')


def _head(result: PoseResult) -> dict[str, Any]:
    return dict(
        source=result.source,
        frame_index=result.frame_index,
        timestamp=result.timestamp,
        size=None if result.size is None else list(result.size),
    )


def _columns(result: PoseResult) -> dict[str, np.ndarray]:
    """The values of the N instances by key, as far as known."""
    columns = {key: getattr(result, name) for key, name in _FIELDS.items()}
    if result.bboxes is not None:
        # a list within a list, as in the files of MMPose 1.x
        columns['bbox'] = result.bboxes[:, None]
    return {key: values for key, values in columns.items() if values is not None}


def _instances_text(result: PoseResult) -> str:
    """One format string for all numbers is twice as fast as the encoder of JSON."""
    N, columns = len(result), _columns(result)
    if N == 0:
        return ''
    layout = tuple((key, values.shape[1:]) for key, values in columns.items())
    track_ids = [columns.pop('track_id')[:, None]] if 'track_id' in columns else []
    floats = np.hstack([values.reshape(N, -1) for values in columns.values()])
    numbers = np.hstack([*track_ids, shortest(floats)])
    text = ','.join([_template(layout)] * N) % tuple(numbers.ravel().tolist())
    if np.isfinite(floats).all():
        return text
    return _NOT_FINITE.sub('null', text)  # no key has these letters


@lru_cache(maxsize=64)
def _template(layout: tuple[tuple[str, tuple[int, ...]], ...]) -> str:
    """The text of an instance with places for its numbers."""
    texts = []
    for key, shape in layout:
        text = '%d' if key == 'track_id' else _NUMBER
        for length in reversed(shape):
            text = f'[{",".join([text] * length)}]'
        texts.append(f'"{key}":{text}')
    return f'{{{",".join(texts)}}}'


def fields_of(record: Mapping, num_keypoints: int) -> dict[str, Any]:
    """The arguments of :class:`PoseResult`, without the metainfo.

    Args:
        record: What :func:`record_text` wrote.
        num_keypoints: How many there are where nobody is.

    Raises:
        KeyError: Something is missing.
        TypeError: Something is not what it should be.
        ValueError: Numbers do not form an array.
    """
    instances = record['instances']
    given = {key: record.get(key) for key in ('source', 'frame_index', 'timestamp', 'size')}
    if not instances:
        none = (0, num_keypoints)
        return dict(given, keypoints=np.empty((*none, 2)), keypoint_scores=np.empty(none))
    for key, name in _FIELDS.items():
        if key in instances[0] or key in ('keypoints', 'keypoint_scores'):
            given[name] = np.array(
                [instance[key] for instance in instances],
                dtype=np.int64 if key == 'track_id' else np.float32,
            )
    if 'bboxes' in given:
        given['bboxes'] = given['bboxes'].reshape(len(instances), 4)
    return given


def metainfo_of(record: Mapping) -> dict[str, Any] | None:
    """The definition that was written with a record; ``None`` if none was."""
    plain = record.get('metainfo')
    return None if plain is None else from_plain(plain)

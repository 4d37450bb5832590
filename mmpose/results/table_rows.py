"""Results from the rows of a table, see :mod:`mmpose.results.tables`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from os import PathLike

import numpy as np

from .pose_result import PoseResult
from .skeleton import as_metainfo

Columns = dict[str, np.ndarray]
"""Of R rows by name: text as objects, ``None`` or '' for nothing; numbers as doubles, or NaN."""

TEXTS = ('source', 'keypoint')
"""The columns that are text."""

_AXES = list('xyz')
_AXES_3D = [f'{axis}_3d' for axis in _AXES]
_BOX = ['left', 'top', 'right', 'bottom']
_NEEDED = {
    *('frame', 'source', 'timestamp', 'instance', 'track', 'keypoint', 'x', 'y', 'score', 'conf'),
    *(*_BOX, 'box_score', 'height', 'width'),
}


def check_columns(names: Collection[str], path: str | PathLike) -> None:
    """Return if a table has the columns of results.

    Raises:
        ValueError: Some are missing.
    """
    if missing := sorted(_NEEDED - set(names)):
        raise ValueError(
            f'{path} has no column {", ".join(missing)}; it is no table of results, which '
            '`open_writer` or `to_csv` write.'
        )


def results_of(
    chunks: Iterable[Columns], metainfo: Mapping | None, path: str | PathLike
) -> Iterator[PoseResult]:
    """The results of a table that comes in pieces, whose borders may lie anywhere.

    Args:
        chunks: The pieces in order.
        metainfo: The keypoint definition; ``None`` takes the names of the table.
        path: Where it is from, for messages.

    Raises:
        ValueError: Rows are missing or in another order.
    """
    rest: Columns | None = None
    done = 0
    for chunk in chunks:
        rest = chunk if rest is None else {n: np.concatenate([rest[n], chunk[n]]) for n in chunk}
        metainfo = metainfo or _definition(rest, whole=False)
        if metainfo is None:
            continue
        starts = _starts(rest, metainfo)
        cut = int(starts[-1]) if len(starts) else 0  # what follows may go on in the next chunk
        yield from _complete({n: values[:cut] for n, values in rest.items()}, metainfo, path, done)
        rest = {n: values[cut:] for n, values in rest.items()}
        done += cut
    if rest is not None:
        metainfo = metainfo or _definition(rest, whole=True)
        yield from _complete(rest, metainfo, path, done)


def _definition(rows: Columns, whole: bool) -> Mapping | None:
    """That of the names of the first pose; ``None`` if more rows may tell more names."""
    there = np.flatnonzero(~np.isnan(rows['instance']))
    names: dict[str, None] = {}
    for i in there:
        if rows['keypoint'][i] in names:
            return as_metainfo(list(names))
        names[rows['keypoint'][i]] = None
    return as_metainfo(list(names)) if whole else None


def _starts(rows: Columns, metainfo: Mapping) -> np.ndarray:
    """The rows at which a result starts."""
    first = metainfo['keypoint_id2name'].get(0)
    starts_pose = (rows['instance'] == 0) & (rows['keypoint'] == first)
    return np.flatnonzero(np.isnan(rows['instance']) | starts_pose)


def _complete(
    rows: Columns, metainfo: Mapping, path: str | PathLike, done: int
) -> Iterator[PoseResult]:
    """The results of rows of which none is missing; ``done`` rows came before."""
    starts = _starts(rows, metainfo)
    ends = np.append(starts[1:], len(rows['instance'])) if len(starts) else starts
    _check_order(rows, metainfo, starts, f'{path}, row {{}} below the names,', done)
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        yield _result({n: values[start:end] for n, values in rows.items()}, metainfo)


def _check_order(
    rows: Columns, metainfo: Mapping, starts: np.ndarray, place: str, done: int
) -> None:
    """Return if poses are counted from 0 and each has all keypoints in their order."""
    instances, K = rows['instance'], max(metainfo['num_keypoints'], 1)
    index = metainfo['keypoint_name2id']
    keypoints = np.array([index.get(name, -1) for name in rows['keypoint']], int)
    numbers = np.arange(len(instances))
    result = np.searchsorted(starts, numbers, side='right') - 1
    place_in_result = numbers - starts[result] if len(starts) else numbers
    there = ~np.isnan(instances)
    wrong = (result < 0) | (
        there & ((keypoints != place_in_result % K) | (instances != place_in_result // K))
    )
    # where a pose ends too early, the next row, or the end, is where a keypoint is missing
    last = np.flatnonzero(there & (np.append(result[1:], len(starts)) != result))
    wrong[last[place_in_result[last] % K != K - 1]] = True
    if wrong.any():
        i = int(wrong.argmax())
        raise ValueError(
            f'{place.format(done + i + 1)} is keypoint {rows["keypoint"][i]!r} of instance '
            f'{instances[i]:g}, but a table has all keypoints of each instance in one order: '
            f'{", ".join(list(index)[:3])} ... Were rows removed, or was the file cut?'
        )


def _result(rows: Columns, metainfo: Mapping) -> PoseResult:
    """The result of its rows, all of them."""
    first = {name: values[0] for name, values in rows.items()}
    K = metainfo['num_keypoints']
    N = 0 if np.isnan(first['instance']) else len(rows['instance']) // K
    axes = [axis for axis in _AXES if axis in rows]
    of_keypoints = dict(keypoints=axes, keypoint_scores='score', keypoint_conf='conf')
    if _AXES_3D[0] in rows:
        of_keypoints['keypoints_3d'] = _AXES_3D
    of_poses = dict(bboxes=_BOX, bbox_scores='box_score', track_ids='track')
    given = {field: _values(rows, names, (N, K)) for field, names in of_keypoints.items()}
    given |= {field: _values(rows, names, (N, K))[:, 0] for field, names in of_poses.items()}
    for field in of_poses:
        if np.isnan(given[field]).all():
            given[field] = None
    height, width = (_whole(first[name]) for name in ('height', 'width'))
    return PoseResult(
        **given,
        metainfo=metainfo,
        source=first['source'] or None,
        frame_index=_whole(first['frame']),
        timestamp=None if np.isnan(first['timestamp']) else float(first['timestamp']),
        size=None if height is None or width is None else (height, width),
    )


def _values(rows: Columns, names: str | list[str], shape: tuple[int, int]) -> np.ndarray:
    """(N, K) of one column, (N, K, C) of several; of no pose the lone row is left out."""
    size = shape[0] * shape[1]
    if isinstance(names, str):
        return rows[names][:size].reshape(shape)
    return np.stack([rows[name][:size] for name in names], axis=-1).reshape(*shape, len(names))


def _whole(number: float) -> int | None:
    return None if np.isnan(number) else int(number)

"""Results as tables with a row for each keypoint."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .numbers import shortest
from .optional import require

if TYPE_CHECKING:
    import pandas as pd

    from .pose_result import PoseResult

_AXES_3D = ('x_3d', 'y_3d', 'z_3d')
_BOX = ('left', 'top', 'right', 'bottom', 'box_score')
_SPECIAL = re.compile('[,"\r\n]')
_NONE = np.iinfo(np.int64).min  # in columns of integers, before they are masked
INTEGERS = ('frame', 'instance', 'track', 'height', 'width')
"""The columns of integers, beside ``keypoint``."""


class Layout(NamedTuple):
    """What all results of a table have in common.

    Attributes:
        names: Of the keypoints.
        dimensions: Of the keypoints, 2 or 3.
        lifted: Whether there are ``keypoints_3d``.
    """

    names: tuple[str, ...] = ()
    dimensions: int = 2
    lifted: bool = False

    def numbers(self) -> list[str]:
        """The names of the columns with numbers of float32."""
        lifted = _AXES_3D if self.lifted else ()
        return [*'xyz'[: self.dimensions], 'score', 'conf', *lifted, *_BOX]

    @classmethod
    def of(cls, result: PoseResult) -> Layout:
        """That of a result."""
        return cls(result.names, result.keypoints.shape[2], result.keypoints_3d is not None)

    def check(self, result: PoseResult) -> None:
        """Return if a result fits.

        Raises:
            ValueError: It does not.
        """
        other = Layout.of(result)
        if (len(result) and other != self) or other.names != self.names:
            raise ValueError(
                f'A table holds poses of one kind, but after {_told(self)} come {_told(other)}; '
                'write one table for each kind, or a .jsonl file. A picture without poses gives '
                'the kind, too, if it is the first.'
            )


def _told(layout: Layout) -> str:
    lifted = ' and keypoints_3d' if layout.lifted else ''
    return f'{len(layout.names)} keypoints in {layout.dimensions}D{lifted}'


class Table(NamedTuple):
    """Columns of R rows.

    Attributes:
        columns: By name masked arrays (R,), masked where there is nothing; ``keypoint`` has
            indices, ``source`` text.
        names: Those of the keypoints.
    """

    columns: dict[str, np.ma.MaskedArray]
    names: tuple[str, ...]


def table_of(results: Sequence[PoseResult], layout: Layout | None = None) -> Table:
    """The table of some results; one without poses has a row without an instance.

    Args:
        results: What is written.
        layout: What they have in common; ``None`` takes that of the first with poses.

    Raises:
        ValueError: They have not.
    """
    if layout is None:
        first = next(chain((r for r in results if len(r)), results), None)
        layout = Layout() if first is None else Layout.of(first)
    for result in results:
        layout.check(result)
    ids = np.concatenate([_ids(r) for r in results] or [np.empty((0, 3), np.int64)])
    names = layout.numbers()
    numbers = [_numbers(r, len(names)) for r in results]
    numbers = np.concatenate(numbers or [np.empty((0, len(names)), np.float32)])
    floats = {name: np.ma.masked_invalid(numbers[:, i]) for i, name in enumerate(names)}
    rows = [max(len(result) * len(layout.names), 1) for result in results]
    sizes = [result.size or (None, None) for result in results]
    columns = dict(
        frame=_repeated([result.frame_index for result in results], rows, np.int64),
        source=_repeated([result.source for result in results], rows, object),
        timestamp=_repeated([result.timestamp for result in results], rows, np.float64),
        instance=np.ma.masked_equal(ids[:, 0], _NONE),
        track=np.ma.masked_equal(ids[:, 1], _NONE),
        keypoint=np.ma.masked_equal(ids[:, 2], _NONE),
        **floats,
        height=_repeated([size[0] for size in sizes], rows, np.int64),
        width=_repeated([size[1] for size in sizes], rows, np.int64),
    )
    return Table(columns, layout.names)


def _ids(result: PoseResult) -> np.ndarray:
    """Instance, track and keypoint of each row."""
    N, K, _ = result.keypoints.shape
    if N == 0:
        return np.full((1, 3), _NONE)
    tracks = np.full(N, _NONE) if result.track_ids is None else result.track_ids
    return np.c_[np.arange(N).repeat(K), tracks.repeat(K), np.tile(np.arange(K), N)]


def _numbers(result: PoseResult, num_columns: int) -> np.ndarray:
    """The numbers of each row, in the order of :meth:`Layout.numbers`; NaN for those unknown."""
    N, K, _ = result.keypoints.shape
    if N == 0:
        return np.full((1, num_columns), np.nan, np.float32)
    boxes = np.full((N, 4), np.nan) if result.bboxes is None else result.bboxes
    scores = np.full(N, np.nan) if result.bbox_scores is None else result.bbox_scores
    of_instances = np.c_[boxes, scores].astype(np.float32).repeat(K, axis=0)
    of_keypoints = [result.keypoints, result.keypoint_scores, result.keypoint_conf]
    if result.keypoints_3d is not None:
        of_keypoints.append(result.keypoints_3d)
    return np.hstack([*(values.reshape(N * K, -1) for values in of_keypoints), of_instances])


def _repeated(values: Sequence[Any], rows: Sequence[int], dtype: type) -> np.ma.MaskedArray:
    """A value for each row of each result, masked where it is ``None``."""
    known = np.array([value is not None for value in values], bool)
    filled = np.zeros(len(values), dtype)
    filled[known] = [value for value in values if value is not None]
    return np.ma.array(filled.repeat(rows), mask=~known.repeat(rows))


def csv_text(table: Table, header: bool) -> str:
    """Lines of a CSV file, empty cells where there is nothing.

    Args:
        table: What is written.
        header: Whether the names of the columns come first.
    """
    cells = [
        _texts(column, table.names if name == 'keypoint' else None)
        for name, column in table.columns.items()
    ]
    rows = [list(table.columns)] * header + list(zip(*cells, strict=True))
    return ''.join(f'{",".join(row)}\n' for row in rows)


def _texts(column: np.ma.MaskedArray, names: Sequence[str] | None) -> list[str]:
    """The cells of a column; values that follow each other are formatted once."""
    if not len(column):
        return []
    values, masked = column.data, np.ma.getmaskarray(column)
    starts = np.append(True, (values[1:] != values[:-1]) | (masked[1:] != masked[:-1]))
    values, masked = values[starts], masked[starts]
    if names is not None:
        texts = [_quoted(names[k]) if k >= 0 else '' for k in values.tolist()]
    elif values.dtype == np.float32:
        texts = (','.join(['%.9g'] * len(values)) % tuple(shortest(values).tolist())).split(',')
    else:
        texts = [_quoted(str(value)) for value in values.tolist()]
    formatted = np.where(masked, '', np.array(texts, object))
    return formatted[starts.cumsum() - 1].tolist()


def _quoted(text: str) -> str:
    """A cell; quoted by the module csv, one with a carriage return would not be read back."""
    return '"{}"'.format(text.replace('"', '""')) if _SPECIAL.search(text) else text


def data_frame(table: Table) -> pd.DataFrame:
    """The table for pandas: ``keypoint`` is a category, integers can be missing."""
    pd = require('pandas', 'to_dataframe()')
    columns: dict[str, Any] = {}
    for name, column in table.columns.items():
        if name == 'keypoint':
            codes = column.filled(-1)
            columns[name] = pd.Categorical.from_codes(codes, list(table.names), ordered=False)
        elif name == 'source':
            columns[name] = column.tolist()
        elif name in INTEGERS:
            columns[name] = pd.arrays.IntegerArray(column.data, np.ma.getmaskarray(column))
        else:
            columns[name] = column.filled(np.nan)
    return pd.DataFrame(columns)

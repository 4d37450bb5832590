"""Files of results, written while they come."""

from __future__ import annotations

import json
import os
from abc import ABC, abstractmethod
from collections.abc import Mapping
from io import FileIO
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

from .optional import require
from .records import RecordLines, encoded
from .skeleton import to_plain
from .tables import INTEGERS, Layout, Table, csv_text, table_of

if TYPE_CHECKING:
    import pyarrow

    from .pose_result import PoseResult

_ROWS_PER_GROUP = 1 << 16
METAINFO_KEY = b'mmpose'
"""Under which a Parquet file keeps the keypoint definition, as JSON."""


class Writer(ABC):
    """Writes results to a file one by one.

    Use it in a ``with`` statement: whatever ends that, an error or Ctrl-C, the file has each
    result that was written, whole, and no part of another. Memory does not grow with their number.

    Args:
        path: The file; its folder is made, and a file that is there is replaced.
    """

    def __init__(self, path: str | PathLike) -> None:
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file: Any = self._open()

    def _open(self) -> Any:
        return FileIO(self.path, 'wb')

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def write(self, result: PoseResult) -> None:
        """Add a picture or frame.

        Raises:
            ValueError: The file is closed, or cannot hold it.
        """
        if self._file is None:
            raise ValueError(f'{self.path} is closed; write before the `with` statement ends.')
        self._add(result)

    def close(self) -> None:
        """Complete the file; a second time does nothing."""
        if self._file is None:
            return
        try:
            self._finish()
        finally:
            self._file.close()
            self._file = None

    @abstractmethod
    def _add(self, result: PoseResult) -> None:
        """Write a result to the file, which is open."""

    def _finish(self) -> None:  # noqa: B027 most formats have nothing
        """Write what comes at the end."""

    def _write(self, data: bytes) -> None:
        """Write in one call of the system, which Ctrl-C does not interrupt."""
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]


class JsonLinesWriter(Writer):
    """A line with a JSON object for each picture or frame, complete as soon as it is written.

    The keypoint definition (``metainfo``) is in the first line, and where it changes.
    """

    def __init__(self, path: str | PathLike) -> None:
        super().__init__(path)
        self._lines = RecordLines()

    def _add(self, result: PoseResult) -> None:
        self._write(encoded(f'{self._lines.of(result)}\n'))


class JsonWriter(Writer):
    """A JSON array with the lines of :class:`JsonLinesWriter`; it ends when the file is closed."""

    def __init__(self, path: str | PathLike) -> None:
        super().__init__(path)
        self._lines = RecordLines()
        self._separator = '[\n'

    def _add(self, result: PoseResult) -> None:
        self._write(encoded(self._separator + self._lines.of(result)))
        self._separator = ',\n'

    def _finish(self) -> None:
        self._write(b'[]\n' if self._separator == '[\n' else b'\n]\n')


class CsvWriter(Writer):
    """A row for each keypoint, those of a result complete as soon as it is written."""

    def __init__(self, path: str | PathLike) -> None:
        super().__init__(path)
        self._layout: Layout | None = None

    def _add(self, result: PoseResult) -> None:
        header = self._layout is None
        layout = self._layout or Layout.of(result)
        text = csv_text(table_of([result], layout), header)
        self._layout = layout
        # the bytes of a file's name that are no UTF-8 are written as they are
        self._write(text.encode(errors='surrogateescape'))

    def _finish(self) -> None:
        if self._layout is None:
            self._write(csv_text(table_of([]), header=True).encode())


class ParquetWriter(Writer):
    """A table with a row for each keypoint, in groups of about 65,000 rows.

    It is called ``{path}.part`` until it is closed, for without its end nobody can read it. Only a
    process that is killed leaves it so; :class:`JsonLinesWriter` loses nothing then.

    Raises:
        MissingPackageError: ``pyarrow`` is not installed.
    """

    def __init__(self, path: str | PathLike) -> None:
        self._arrow = require('pyarrow', 'A Parquet file')
        self._parquet = require('pyarrow.parquet', 'A Parquet file')
        super().__init__(path)
        self._layout: Layout | None = None
        self._writer: Any = None
        self._waiting: list[PoseResult] = []
        self._rows = 0

    def _open(self) -> Any:
        # Arrow's own kind: while it writes, no code of Python runs that an interrupt could end
        return self._arrow.OSFile(str(self._part), 'wb')

    @property
    def _part(self) -> Path:
        return self.path.with_name(f'{self.path.name}.part')

    def _add(self, result: PoseResult) -> None:
        layout = self._layout or Layout.of(result)
        layout.check(result)
        self._layout = layout
        self._waiting.append(result)
        self._rows += max(len(result) * len(layout.names), 1)
        if self._rows >= _ROWS_PER_GROUP:
            self._write_group()

    def _write_group(self) -> None:
        table = table_of(self._waiting, self._layout)
        metainfo = self._waiting[0].metainfo if self._waiting else None
        group = _arrow_table(self._arrow, table, metainfo)
        if self._writer is None:
            self._writer = self._parquet.ParquetWriter(self._file, group.schema)
        # handed over first: an interrupt in between loses rows rather than write them twice
        self._waiting, self._rows = [], 0
        self._writer.write_table(group.cast(self._writer.schema))

    def _finish(self) -> None:
        try:
            if self._waiting or self._writer is None:
                self._write_group()
        finally:
            if self._writer is not None:
                self._writer.close()

    def close(self) -> None:
        """Complete the file and give it its name; a second time does nothing."""
        if self._file is not None:
            super().close()
            os.replace(self._part, self.path)


def _arrow_table(arrow: Any, table: Table, metainfo: Mapping | None) -> pyarrow.Table:
    """The table for Parquet, with the definition beside it."""
    types = dict.fromkeys(INTEGERS, arrow.int32()) | dict(frame=arrow.int64(), track=arrow.int64())
    columns = {}
    for name, column in table.columns.items():
        mask = np.ma.getmaskarray(column)
        if name == 'keypoint':
            indices = arrow.array(column.filled(0), arrow.int32(), mask=mask)
            names = arrow.array(table.names, arrow.string())
            columns[name] = arrow.DictionaryArray.from_arrays(indices, names)
        elif name == 'source':
            texts = [None if value is None else _valid(value) for value in column.tolist()]
            columns[name] = arrow.array(texts, arrow.string())
        else:
            columns[name] = arrow.array(column.filled(0), types.get(name), mask=mask)
    made = arrow.table(columns)
    if metainfo is None:
        return made
    return made.replace_schema_metadata({METAINFO_KEY: json.dumps(to_plain(metainfo))})


def _valid(name: str) -> str:
    """A file's name as text that Parquet takes, with escapes for bytes that are no UTF-8."""
    return name.encode(errors='backslashreplace').decode()


_WRITERS: dict[str, type[Writer]] = {
    '.jsonl': JsonLinesWriter,
    '.json': JsonWriter,
    '.csv': CsvWriter,
    '.parquet': ParquetWriter,
}


def open_writer(path: str | PathLike) -> Writer:
    """The writer of the format that the name of a file asks for.

    Args:
        path: Ends in .jsonl, .json, .csv or .parquet.

    Raises:
        MissingPackageError: The format needs a package that is not installed.
        ValueError: Another suffix.
    """
    return _WRITERS[known_suffix(path)](path)


def known_suffix(path: str | PathLike) -> str:
    """The suffix of a file of results, in small letters.

    Raises:
        ValueError: It is none of them.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in _WRITERS:
        raise ValueError(f'{path} must end in {", ".join(_WRITERS)}, which tells the format.')
    return suffix

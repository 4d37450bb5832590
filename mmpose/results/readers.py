"""Files of results, read back."""

from __future__ import annotations

import csv
import json
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from .optional import require
from .pose_result import PoseResult
from .pose_results import PoseResults
from .records import fields_of, metainfo_of
from .skeleton import as_metainfo, from_plain
from .table_rows import TEXTS, Columns, check_columns, results_of
from .writers import METAINFO_KEY, known_suffix

_ROWS = 1 << 16  # of a table that are read at a time


def read_results(
    path: str | PathLike, metainfo: Mapping | Sequence[str] | None = None
) -> PoseResults:
    """The results of a file that a writer of this package wrote.

    Args:
        path: Ends in .jsonl, .json, .csv or .parquet.
        metainfo: The keypoint definition, instead of that of the file; a .csv file has names
            alone.

    Raises:
        FileNotFoundError: There is no such file.
        MissingPackageError: The format needs a package that is not installed.
        ValueError: Another suffix, or a file that is not what the writers write; the message says
            where.

    Warns:
        UserWarning: The last line of a .jsonl file was not written to its end, and is left out.
    """
    return PoseResults(iter_results(path, metainfo))


def iter_results(
    path: str | PathLike, metainfo: Mapping | Sequence[str] | None = None
) -> Iterator[PoseResult]:
    """The same one by one, without holding all of them; of .json files all are held.

    Args:
        path: As for :func:`read_results`.
        metainfo: As for :func:`read_results`.
    """
    definition = None if metainfo is None else as_metainfo(metainfo)
    read = {'.jsonl': _json_lines, '.json': _json, '.csv': _csv, '.parquet': _parquet}
    return read[known_suffix(path)](Path(path), definition)


def _json_lines(path: Path, metainfo: Mapping | None) -> Iterator[PoseResult]:
    with open(path, 'rb') as file:
        yield from _of_records(_lines(file, path), f'{path}, line', metainfo)


def _lines(file: Iterable[bytes], path: Path) -> Iterator[Any]:
    for number, line in enumerate(file, 1):
        try:
            yield json.loads(line)
        except ValueError as error:
            if line.endswith(b'\n'):
                raise ValueError(f'{path}, line {number}, is no JSON: {error}.') from error
            warnings.warn(
                f'{path} ends within line {number}, which is left out; the process that wrote it '
                'was killed, or still writes.',
                stacklevel=2,
            )


def _json(path: Path, metainfo: Mapping | None) -> Iterator[PoseResult]:
    try:
        content = json.loads(path.read_bytes())
    except ValueError as error:
        raise ValueError(f'{path} is no JSON: {error}.') from error
    records = content if isinstance(content, list) else [content]
    yield from _of_records(records, f'{path}, result', metainfo)


def _of_records(
    records: Iterable[Any], place: str, metainfo: Mapping | None
) -> Iterator[PoseResult]:
    """The results of records; a definition that one of them has holds until another comes."""
    current = metainfo
    for number, record in enumerate(records, 1):
        try:
            if metainfo is None:
                current = metainfo_of(record) or current
            K = 0 if current is None else current['num_keypoints']
            result = PoseResult(**fields_of(record, K), metainfo=current)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            told = f'it has no {error}' if isinstance(error, KeyError) else f'{error}'
            raise ValueError(
                f'{place} {number}, is no result: {told.rstrip(".")}. It needs `instances`, each '
                'with `keypoints` and `keypoint_scores`.'
            ) from error
        yield result


def _csv(path: Path, metainfo: Mapping | None) -> Iterator[PoseResult]:
    with open(path, encoding='utf-8', errors='surrogateescape', newline='') as file:
        rows = csv.reader(file)
        names = next(rows, [])
        check_columns(names, path)
        yield from results_of(_csv_chunks(rows, names, path), metainfo, path)


def _csv_chunks(rows: Iterator[list[str]], names: Sequence[str], path: Path) -> Iterator[Columns]:
    done = 0
    while chunk := list(islice(rows, _ROWS)):
        for number, row in enumerate(chunk, done + 1):
            if len(row) != len(names):
                raise ValueError(
                    f'{path}, row {number} below the names, has {len(row)} cells for {len(names)} '
                    'columns; was the file cut, or edited?'
                )
        done += len(chunk)
        columns = dict(zip(names, zip(*chunk, strict=True), strict=True))
        yield {name: _cells(name, values, path) for name, values in columns.items()}


def _cells(name: str, values: Sequence[str], path: Path) -> np.ndarray:
    if name in TEXTS:
        return np.array(values, object)
    try:
        return np.array([value or 'nan' for value in values], np.float64)
    except ValueError as error:
        raise ValueError(f'{path} has no numbers in its column {name}: {error}.') from error


def _parquet(path: Path, metainfo: Mapping | None) -> Iterator[PoseResult]:
    parquet = require('pyarrow.parquet', 'A Parquet file')
    with parquet.ParquetFile(path) as file:
        check_columns(file.schema_arrow.names, path)
        plain = (file.schema_arrow.metadata or {}).get(METAINFO_KEY)
        if metainfo is None and plain is not None:
            metainfo = from_plain(json.loads(plain))
        yield from results_of(_parquet_chunks(file), metainfo, path)


def _parquet_chunks(file: Any) -> Iterator[Columns]:
    for batch in file.iter_batches(_ROWS):
        yield {
            name: np.array(batch[name].to_pylist(), object)
            if name in TEXTS
            else batch[name].to_numpy(zero_copy_only=False).astype(np.float64)
            for name in batch.schema.names
        }

"""Reading a DeepLabCut project: ``config.yaml`` and the tables in ``labeled-data``."""

from __future__ import annotations

import csv
from pathlib import Path, PureWindowsPath
from typing import NamedTuple

import numpy as np

from .coco_writer import CocoWriter
from .errors import ConversionError, require
from .sources import find_file, find_files, read_yaml, track

OPTIONS = dict(
    category=dict(metavar='NAME', help='what is labelled'),
    scorer=dict(metavar='NAME', help="whose labels to read (default: the project's scorer)"),
)
SINGLE = 'single'  # the individual that unique body parts of a multi-animal project belong to


class Column(NamedTuple):
    """What one column of numbers holds."""

    individual: str
    bodypart: str
    coord: str


class Table(NamedTuple):
    """The labels of one video's frames.

    Attributes:
        columns: The C columns of numbers.
        names: The F file names of the frames.
        values: (F, C), NaN where there is no label.
    """

    columns: list[Column]
    names: list[str]
    values: np.ndarray


def read(
    source: Path, out: Path, category: str = 'animal', scorer: str | None = None
) -> CocoWriter:
    """The labels of a project; an animal of a multi-animal project is an instance.

    Args:
        source: The project's folder, or its ``config.yaml``.
        out: Not used: the frames stay in ``labeled-data``.
        category: What is labelled.
        scorer: Whose tables to read; ``None``: the config's.

    Raises:
        FileNotFoundError: The config or the tables are not there.
        ConversionError: One of them is malformed, or names a body part that the config lacks.
    """
    config_file = find_file(source, ['config.yaml', 'config.yml'], 'a DeepLabCut project')
    config = read_yaml(config_file)
    folder = config_file.parent / 'labeled-data'
    writer = _writer(config, config_file, folder, category)
    tracked = bool(config.get('identity'))
    tables = _tables(folder, scorer or config.get('scorer'))
    for path in track(tables):
        table = read_h5(path) if path.suffix == '.h5' else read_csv(path)
        _add_table(writer, path, table, tracked)
    return writer


# ------------------------------------------------------------------------ config


def _writer(config: dict, config_file: Path, image_root: Path, category: str) -> CocoWriter:
    key = 'multianimalbodyparts' if config.get('multianimalproject') else 'bodyparts'
    bodyparts = config.get(key)
    if not isinstance(bodyparts, list) or not bodyparts:
        raise ConversionError(
            f'{str(config_file)!r}: {key} is {bodyparts!r}; expected the list of the body parts.'
        )
    names = [str(name) for name in bodyparts]
    links = [tuple(map(str, link)) for link in config.get('skeleton') or []]
    known = [link for link in links if len(link) == 2 and set(link) <= set(names)]
    writer = CocoWriter(names, known, category=category, image_root=image_root)
    # a new project's config has example links, which many leave as they are
    for link in links:
        if link not in known:
            writer.drop('skeleton link to no body part', ' - '.join(link))
    return writer


def _tables(folder: Path, scorer: str | None) -> list[Path]:
    """The table of each folder of frames: the scorer's, CSV rather than HDF5."""
    what = 'the labeled-data of a DeepLabCut project'
    found = find_files(folder, '*/CollectedData_*.[ch][s5]*', what)
    by_folder: dict[Path, list[Path]] = {}
    for path in found:
        by_folder.setdefault(path.parent, []).append(path)
    return [_table_of(paths, scorer) for paths in by_folder.values()]


def _table_of(paths: list[Path], scorer: str | None) -> Path:
    scorers = sorted({path.stem.removeprefix('CollectedData_') for path in paths})
    chosen = scorer if scorer in scorers else scorers[0]
    if scorer not in scorers and len(scorers) > 1:
        raise ConversionError(
            f'{str(paths[0].parent)!r} has labels by {", ".join(scorers)}, none by {scorer!r}; '
            'say whose to read with scorer (--scorer).'
        )
    # '.csv' sorts before '.h5'
    return min(path for path in paths if path.stem == f'CollectedData_{chosen}')


# ------------------------------------------------------------------------ tables


def read_csv(path: Path) -> Table:
    """The table of a CSV file, its frames named in one column or in three.

    Raises:
        ConversionError: It is malformed; the message has the line.
    """
    try:
        with open(path, newline='', encoding='utf-8-sig') as file:
            lines = [line for line in csv.reader(file) if any(line)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConversionError(f'{str(path)!r} is no CSV text: {error}.') from error
    header: dict[str, list[str]] = {}
    for line in lines[:4]:
        header.setdefault(line[0].strip(), line)
        if 'coords' in header:
            break
    if not {'scorer', 'bodyparts', 'coords'} <= set(header):
        raise ConversionError(
            f'{str(path)!r} starts with the lines {", ".join(header) or "of nothing"}; expected '
            'scorer, (individuals,) bodyparts and coords, as DeepLabCut writes them.'
        )
    num_index = next((i for i, word in enumerate(header['coords'][1:], 1) if word), 1)
    columns = _columns(header, num_index, path)
    names, rows = [], []
    for i, line in enumerate(lines[len(header) :], start=len(header) + 1):
        if len(line) != num_index + len(columns):
            raise ConversionError(
                f'{str(path)!r}, line {i}: {len(line)} fields; expected '
                f'{num_index + len(columns)} as in the header.'
            )
        names.append(_file_name(line[num_index - 1]))
        rows.append([_number(word, path, i) for word in line[num_index:]])
    return Table(columns, names, np.reshape(rows, (len(names), len(columns))).astype(np.float64))


def _columns(header: dict[str, list[str]], num_index: int, path: Path) -> list[Column]:
    bodyparts, coords = header['bodyparts'][num_index:], header['coords'][num_index:]
    individuals = header.get('individuals', [''] * num_index + [''] * len(coords))[num_index:]
    if not len(individuals) == len(bodyparts) == len(coords):
        raise ConversionError(f'{str(path)!r}: its header lines have different lengths.')
    return [Column(*row) for row in zip(individuals, bodyparts, coords, strict=True)]


def _number(word: str, path: Path, line: int) -> float:
    try:
        return float(word) if word.strip() else np.nan
    except ValueError as error:
        raise ConversionError(
            f'{str(path)!r}, line {line}: {word!r} is no number; expected pixels, or nothing for '
            'a body part that is not labelled.'
        ) from error


def _file_name(path: str) -> str:
    """The last part of a path that was written on any system."""
    return PureWindowsPath(path).name


def read_h5(path: Path) -> Table:
    """The table of an HDF5 file.

    Raises:
        MissingPackageError: pandas or PyTables is not installed.
        ConversionError: It is malformed.
    """
    for module in ('tables', 'pandas'):
        pandas = require(module, 'pandas tables', 'reading .h5 tables without their .csv')
    try:
        frame = pandas.read_hdf(path)
        levels = [frame.columns.get_level_values(name) for name in ('bodyparts', 'coords')]
    except (KeyError, ValueError, OSError, TypeError) as error:
        raise ConversionError(f'{str(path)!r} is no table of DeepLabCut: {error}.') from error
    individuals = [''] * len(levels[0])
    if 'individuals' in frame.columns.names:
        individuals = frame.columns.get_level_values('individuals')
    columns = [Column(*map(str, row)) for row in zip(individuals, *levels, strict=True)]
    # three levels of the index are the folders and the file
    names = [_file_name(key[-1] if isinstance(key, tuple) else key) for key in frame.index]
    return Table(columns, names, frame.to_numpy(dtype=np.float64))


# --------------------------------------------------------------------- instances


def _add_table(writer: CocoWriter, path: Path, table: Table, tracked: bool) -> None:
    """Add the pictures and the animals of one folder of frames."""
    folder = path.parent.name
    individuals = list(dict.fromkeys(column.individual for column in table.columns))
    if SINGLE in individuals and len(individuals) > 1:
        individuals.remove(SINGLE)
        unique = {c.bodypart for c in table.columns if c.individual == SINGLE}
        writer.drop('unique body part, which is of no animal', ', '.join(sorted(unique)))
    places = [_places(writer, table.columns, individual, path) for individual in individuals]
    for name, row in zip(table.names, table.values, strict=True):
        animals = [keypoints_of(row, place) for place in places]
        if not any(animal[:, 2].any() for animal in animals):
            writer.drop('picture without a label', f'{folder}/{name}')
            continue
        image_id = writer.add_picture(f'{folder}/{name}', group=folder)
        if image_id is None:
            continue
        for number, animal in enumerate(animals, start=1):
            if animal[:, 2].any():
                track_id = number if tracked else None
                writer.add_instance(image_id, animal, track_id=track_id)


def _places(writer: CocoWriter, columns: list[Column], individual: str, path: Path) -> np.ndarray:
    """(K, 2) columns of x and y of an individual's keypoints; -1 where there is none."""
    places = np.full((writer.num_keypoints, 2), -1)
    for i, column in enumerate(columns):
        if column.individual != individual or column.coord not in ('x', 'y'):
            continue
        if column.bodypart not in writer.keypoints:
            raise ConversionError(
                f'{str(path)!r} labels {column.bodypart!r}, which config.yaml does not list; it '
                f'has {", ".join(writer.keypoints)}. Add it there, or delete its columns.'
            )
        places[writer.keypoints.index(column.bodypart), 'xy'.index(column.coord)] = i
    return places


def keypoints_of(row: np.ndarray, places: np.ndarray) -> np.ndarray:
    """(K, 3) x, y, v from a row of the table.

    Args:
        row: (C,) numbers.
        places: (K, 2) columns of x and y; -1 for none.
    """
    points = np.append(row, np.nan)[places]  # -1 is the appended place
    labelled = np.isfinite(points).all(axis=1)
    return np.column_stack([np.where(labelled[:, None], points, 0), 2.0 * labelled])

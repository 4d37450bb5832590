"""Reading LaPa: 106 points of a face, in a text file for each picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .coco_writer import CocoWriter
from .errors import ConversionError
from .labels import box_around
from .published import Part, publish
from .sources import find_files, track
from .text_rows import points_of, read_lines

OPTIONS: dict = {}
NUM_POINTS = 106
# the annotation files, and the folders they are made of
PARTS = dict(train=['train'], val=['val'], test=['test'], trainval=['train', 'val'])


def write(source: Path, out: Path) -> str:
    """Convert the parts that are there, and training and validation together.

    Args:
        source: The folder with ``train``, ``val`` and ``test``, each with ``images`` and
            ``landmarks``.
        out: Gets ``annotations/lapa_*.json``.

    Raises:
        FileNotFoundError: There are no points.
        ConversionError: A file is malformed.
    """
    found = find_files(source, '*/landmarks/*.txt', 'LaPa with its folders train, val and test')
    files: dict[str, list[Path]] = {}
    for path in found:
        files.setdefault(path.parents[1].name, []).append(path)
    parts = {
        part: Part(_faces([path for folder in folders for path in files[folder]], source))
        for part, folders in PARTS.items()
        if set(folders) <= set(files)
    }
    return publish(out, 'LapaDataset', 'annotations/lapa_{}.json', parts)


def _faces(paths: Sequence[Path], image_root: Path) -> CocoWriter:
    writer = CocoWriter.from_metainfo(
        'configs/_base_/datasets/lapa.py', category='face', image_root=image_root
    )
    for path in track(paths):
        points = read_points(path)
        image_id = writer.add_picture(f'{path.parents[1].name}/images/{path.stem}.jpg')
        if image_id is not None:
            x, y, w, h = box_around(points)
            labelled = np.column_stack([points, np.full(NUM_POINTS, 2)])
            writer.add_instance(image_id, labelled, bbox=[x, y, w, h], area=w * h)
    return writer


def read_points(path: Path) -> np.ndarray:
    """(106, 2) points of a file: their number in the first line, then x and y in each.

    Raises:
        ConversionError: It is malformed; the message has the line.
    """
    lines = read_lines(path)
    if not lines or lines[0].strip() != str(NUM_POINTS):
        raise ConversionError(
            f'{str(path)!r}, line 1: {lines[0] if lines else ""!r}; expected {NUM_POINTS}, the '
            'number of points.'
        )
    return points_of(lines[1:], path, 2, NUM_POINTS)

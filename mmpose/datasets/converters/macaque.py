"""Reading MacaquePose: a CSV file with keypoints and outlines as JSON."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mmpose.datasets.datasets.base.coco_file import ENTRY_ERRORS

from .coco_writer import CocoWriter
from .errors import ConversionError
from .labels import box_around
from .published import Part, picture_folder, publish
from .sources import find_file, track

OPTIONS = dict(
    test_fraction=dict(type=float, metavar='SHARE', help='how many of the pictures are for testing')
)
COLUMNS = ('image file name', 'keypoints', 'segmentation')


class Monkey(NamedTuple):
    """A monkey in a picture.

    Attributes:
        keypoints: (17, 3) x, y, v.
        outlines: Polygons (N, 2) around what is seen of it.
    """

    keypoints: np.ndarray
    outlines: list[np.ndarray]


def write(source: Path, out: Path, test_fraction: float = 583 / 13083) -> str:
    """Convert all pictures, and draw some to test on, which the data set does not state.

    Args:
        source: The folder with ``annotations.csv`` and ``images``.
        out: Gets ``annotations/macaque_*.json``.
        test_fraction: The share of the pictures to test on; that of the published annotations is
            583 of 13083.

    Raises:
        FileNotFoundError: The table or the folder of the pictures is not there.
        ConversionError: The table is malformed.
    """
    if not 0 < test_fraction < 1:
        raise ConversionError(f'test_fraction is {test_fraction}; expected between 0 and 1.')
    table = find_file(source, ['annotations.csv'], 'MacaquePose')
    root = picture_folder(table.parent, None, 'images')
    writer = CocoWriter.from_metainfo(
        'configs/_base_/datasets/macaque.py', category='macaque', image_root=root
    )
    for name, monkeys in track(list(read_table(table, writer.keypoints))):
        image_id = writer.add_picture(name)
        if image_id is not None:
            for monkey in monkeys:
                _add_monkey(writer, image_id, monkey)
    ids = list(range(1, len(writer.images) + 1))
    test = set(random.Random(0).sample(ids, min(max(round(len(ids) * test_fraction), 1), len(ids))))
    parts = dict(train=Part(writer, set(ids) - test), test=Part(writer, test))
    return publish(out, 'MacaqueDataset', 'annotations/macaque_{}.json', parts)


def read_table(path: Path, keypoints: Sequence[str]) -> Iterator[tuple[str, list[Monkey]]]:
    """The name and the monkeys of each picture.

    Args:
        path: The CSV file.
        keypoints: The names of the keypoints, in the order to return them in.

    Raises:
        ConversionError: It is malformed; the message has the line.
    """
    csv.field_size_limit(2**31 - 1)  # the outlines of a picture may be long
    with open(path, newline='', encoding='utf-8-sig') as file:
        rows = csv.reader(file)
        header = [word.strip().lower() for word in next(rows, [])]
        if tuple(header) != COLUMNS:
            raise ConversionError(
                f'{str(path)!r}, line 1: the columns are {", ".join(header) or "none"}; expected '
                f'{", ".join(COLUMNS)}.'
            )
        for row in rows:
            try:
                name, points, outlines = row
                yield name, _monkeys(json.loads(points), json.loads(outlines), keypoints)
            except ENTRY_ERRORS as error:
                raise ConversionError(
                    f'{str(path)!r}, line {rows.line_num}: cannot be used: {error}; expected a '
                    'picture, the keypoints of each monkey with name and position, and its '
                    'segments, as JSON.'
                ) from error


def _monkeys(points: list, outlines: list, names: Sequence[str]) -> list[Monkey]:
    if len(points) != len(outlines):
        raise ValueError(f'{len(points)} monkeys have keypoints, {len(outlines)} outlines')
    return [
        Monkey(_keypoints(entries, names), [_polygon(entry) for entry in segments])
        for entries, segments in zip(points, outlines, strict=True)
    ]


def _keypoints(entries: list[dict], names: Sequence[str]) -> np.ndarray:
    keypoints = np.zeros((len(names), 3))
    for entry in entries:
        if entry['position'] is not None:
            x, y = entry['position']
            keypoints[names.index(entry['name'])] = x, y, 2
    return keypoints


def _polygon(entry: Any) -> np.ndarray:
    corners = np.array(entry['segment'], dtype=np.float64)
    if corners.ndim != 2 or corners.shape[1] != 2 or len(corners) < 3:
        raise ValueError(f'a segment has the shape {corners.shape}, expected 3 or more corners')
    return corners


def _add_monkey(writer: CocoWriter, image_id: int, monkey: Monkey) -> None:
    """Add a monkey with the box and the area of its outlines."""
    if not monkey.outlines:
        writer.add_instance(image_id, monkey.keypoints)
        return
    x, y, w, h = box_around(np.concatenate(monkey.outlines))
    writer.add_instance(
        image_id,
        monkey.keypoints,
        bbox=[x, y, w + 1, h + 1],  # with the outermost pixels
        area=sum(map(polygon_area, monkey.outlines)),
        segmentation=[corners.ravel().tolist() for corners in monkey.outlines],
    )


def polygon_area(corners: np.ndarray) -> float:
    """Area of a polygon in square pixels.

    Args:
        corners: (N, 2).

    Examples:
        >>> polygon_area(np.array([[0, 0], [4, 0], [0, 3]]))
        6.0
    """
    x, y = corners.T
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2

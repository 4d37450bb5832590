"""Reading the JSON export of Label Studio."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlparse

import numpy as np

from mmpose.datasets.datasets.base.coco_file import ENTRY_ERRORS

from .coco_writer import CocoWriter
from .errors import ConversionError
from .labels import CATEGORY_OPTION, KEYPOINTS_OPTION, box_around, categories_of
from .sources import PICTURE_SUFFIXES, find_files, read_json, track

OPTIONS = dict(
    images=dict(metavar='FOLDER', help='where the pictures are (default: beside the export)'),
    keypoints=KEYPOINTS_OPTION,
    category=CATEGORY_OPTION,
)
POINT, RECTANGLE = 'keypointlabels', 'rectanglelabels'
_UPLOAD_PREFIX = re.compile(r'^[0-9a-f]{8}-')  # that Label Studio puts before an uploaded name


class Region(NamedTuple):
    """A point or rectangle of a picture.

    Attributes:
        id: Other regions refer to it.
        label: The keypoint, or the category.
        parent: The id of the region that it is part of, or ``None``.
        corners: (1, 2) or, of a rectangle, (4, 2), in percent of the picture's sides.
        degrees: How far a rectangle is turned about its first corner.
    """

    id: str
    label: str
    parent: str | None
    corners: np.ndarray
    degrees: float


class Task(NamedTuple):
    """A picture with what is labelled in it.

    Attributes:
        name: What its picture is called, a path or an address.
        points: Its keypoints.
        boxes: Its rectangles.
    """

    name: str
    points: list[Region]
    boxes: list[Region]


def read(
    source: Path,
    out: Path,
    images: str | None = None,
    keypoints: Sequence[str] | None = None,
    category: str = 'object',
) -> CocoWriter:
    """The keypoints of an export, joined to instances by rectangles.

    A point is part of the rectangle that it names as its parent or has a relation to, else of
    the smallest one around it. The points outside all rectangles of a picture form one
    instance. If several people have labelled a picture, the first one counts. Other regions
    are not read.

    Args:
        source: The JSON file, or the folder that holds it.
        out: Not used: the pictures stay where they are.
        images: Their folder; ``None``: that of the export. They are found by the path in the
            export, by the name alone, or by the name before it was uploaded.
        keypoints: The K names in their order; ``None``: the labels in the order in which they
            first occur.
        category: What is labelled, where no rectangle tells it.

    Raises:
        FileNotFoundError: There is no JSON file.
        ConversionError: The file is malformed, or nothing is labelled.
    """
    path, *more = find_files(source, '*.json', 'an export of Label Studio')
    if more:
        raise ConversionError(f'{str(source)!r} holds several JSON files; give the one to read.')
    content = read_json(path)
    if not isinstance(content, list) or not content:
        raise ConversionError(f"{str(path)!r} holds no list of tasks; export it as 'JSON'.")
    tasks = [_task(entry, f'{str(path)!r}, entry {i}') for i, entry in enumerate(content)]
    names = keypoints or dict.fromkeys(p.label for task in tasks for p in task.points)
    if not names:
        raise ConversionError(f'{str(path)!r}: its {len(tasks)} tasks have no keypoint labels.')
    categories = categories_of((box.label for task in tasks for box in task.boxes), category)
    root = Path(images) if images else path.parent
    writer = CocoWriter(list(names), category=categories, image_root=root)
    for task in track(tasks):
        _add_task(writer, task)
    return writer


# ----------------------------------------------------------------------- reading


def _task(entry: Any, where: str) -> Task:
    """A task of the export, checked.

    Raises:
        ConversionError: It is malformed, or of another kind of export.
    """
    if not isinstance(entry, dict) or not isinstance(entry.get('data'), dict):
        raise ConversionError(
            f"{where} has no `data`; export the project as 'JSON', not as 'JSON-MIN'."
        )
    try:
        annotations = entry.get('annotations', entry.get('completions')) or []
        finished = [ann for ann in annotations if not ann.get('was_cancelled')]
        results = finished[0]['result'] if finished else []
        pairs = [(r['from_id'], r['to_id']) for r in results if r['type'] == 'relation']
        related = dict(pairs) | {end: start for start, end in pairs}
        points = [_region(r, POINT, related) for r in results if r['type'] == POINT]
        boxes = [_region(r, RECTANGLE, related) for r in results if r['type'] == RECTANGLE]
        return Task(_picture_name(entry), points, boxes)
    except ENTRY_ERRORS as error:
        what = f'it has no {error}' if isinstance(error, KeyError) else error
        raise ConversionError(f'{where} cannot be used: {what}.') from error


def _picture_name(entry: dict) -> str:
    """What a task calls its picture: the first value of its data that is like one."""
    for value in entry['data'].values():
        if isinstance(value, str):
            address = urlparse(value)
            # files on the disk of the server are named in the query: ?d=folder/name.png
            path = parse_qs(address.query).get('d', [unquote(address.path)])[0]
            if path.lower().endswith(PICTURE_SUFFIXES):
                return path
    raise ValueError(f'no value of its data names a picture: {entry["data"]}')


def _region(result: dict, kind: str, related: dict[str, str]) -> Region:
    value = result['value']
    x, y = float(value['x']), float(value['y'])
    corners = [[x, y]]
    if kind == RECTANGLE:
        right, bottom = x + float(value['width']), y + float(value['height'])
        corners += [[right, y], [right, bottom], [x, bottom]]
    return Region(
        id=result.get('id', ''),
        label=value[kind][0],
        parent=result.get('parentID') or related.get(result.get('id')),
        corners=np.array(corners),
        degrees=float(value.get('rotation') or 0),
    )


# --------------------------------------------------------------------- instances


def _add_task(writer: CocoWriter, task: Task) -> None:
    """Add a picture and its instances."""
    name = _located(writer.image_root, task.name)
    folder = PurePosixPath(name).parent.as_posix()
    image_id = writer.add_picture(name, group=None if folder == '.' else folder)
    if image_id is None:
        return
    image = writer.images[image_id - 1]
    size_wh = np.array([image['width'], image['height']])
    places = {box.id: box_around(_pixels(box, size_wh)) for box in task.boxes}
    members: dict[str | None, list] = {box.id: [] for box in task.boxes} | {None: []}
    for point in task.points:
        (place,) = _pixels(point, size_wh)
        inside = point.parent if point.parent in places else _smallest_around(place, places)
        members[inside].append((point.label, (*place, 2)))
    labels = {box.id: box.label for box in task.boxes}
    for box_id, points in members.items():
        if points or box_id is not None:
            writer.add_instance(
                image_id,
                writer.rows_by_name(points, name),
                bbox=places.get(box_id),
                category=labels.get(box_id),
            )


def _pixels(region: Region, size_wh: np.ndarray) -> np.ndarray:
    """The corners in pixels, (1, 2) or (4, 2)."""
    corners = region.corners / 100 * size_wh
    c, s = np.cos(np.radians(region.degrees)), np.sin(np.radians(region.degrees))
    return corners[0] + (corners - corners[0]) @ np.array([[c, s], [-s, c]])


def _smallest_around(place: np.ndarray, boxes: dict[str, list[float]]) -> str | None:
    """The id of the smallest box that holds a place, or ``None``."""
    holding = {
        box_id: w * h
        for box_id, (x, y, w, h) in boxes.items()
        if x <= place[0] <= x + w and y <= place[1] <= y + h
    }
    return min(holding, key=holding.get, default=None)


def _located(root: Path, name: str) -> str:
    """The picture's path from ``root``; its name alone if it is not there."""
    base = PurePosixPath(name).name
    places = [name.lstrip('/'), base, _UPLOAD_PREFIX.sub('', base)]
    return next((place for place in places if (root / place).is_file()), base)

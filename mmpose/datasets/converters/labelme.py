"""Reading LabelMe: one JSON file for each picture."""

from __future__ import annotations

import os.path as osp
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path, PureWindowsPath
from typing import Any

from .coco_writer import CocoWriter
from .errors import ConversionError
from .labels import CATEGORY_OPTION, KEYPOINTS_OPTION, box_around, categories_of
from .sources import find_files, read_json, track

OPTIONS = dict(keypoints=KEYPOINTS_OPTION, category=CATEGORY_OPTION)
NUM_CORNERS = dict(point=(1,), rectangle=(2, 4))  # some versions write all four of a rectangle


def read(
    source: Path,
    out: Path,
    keypoints: Sequence[str] | None = None,
    category: str = 'object',
) -> CocoWriter:
    """The points of a folder's files, joined to instances by their ``group_id``.

    Points without a group form one instance. A rectangle of the same group is the box, and its
    label the category; so is the only rectangle of a picture with one instance. A point with the
    flag ``occluded`` is labelled but hidden. Other shapes are dropped.

    Args:
        source: The folder, searched with those in it, or one file.
        out: Not used: the pictures stay where they are.
        keypoints: The K names in their order; ``None``: the labels in the order in which they
            first occur.
        category: What is labelled, where no rectangle tells it.

    Raises:
        FileNotFoundError: There is no JSON file.
        ConversionError: A file is malformed, or nothing is labelled.
    """
    paths = find_files(source, '**/*.json', 'a folder of LabelMe files')
    files = {path: content for path in track(paths) if (content := _content(path))}
    shapes = [shape for content in files.values() for shape in content['shapes']]
    names = keypoints or _labels(shapes, 'point')
    if not names:
        raise ConversionError(
            f'{str(source)!r}: {len(paths)} JSON files, {len(files)} of them with the `shapes` of '
            'LabelMe, but no labelled point.'
        )
    pictures = {path: _picture(path, content['imagePath']) for path, content in files.items()}
    categories = categories_of(_labels(shapes, 'rectangle'), category)
    root = osp.commonpath([picture.parent for picture in pictures.values()])
    writer = CocoWriter(names, category=categories, image_root=root)
    for path, picture in pictures.items():
        _add_picture(writer, picture.relative_to(root), files[path]['shapes'])
    return writer


def _labels(shapes: list[dict], shape_type: str) -> list[str]:
    """The labels of the shapes of a type, as first met."""
    return list(dict.fromkeys(s['label'] for s in shapes if s.get('shape_type') == shape_type))


def _picture(path: Path, name: str) -> Path:
    """The file's picture: where it says, by any system, or else beside it."""
    named = PureWindowsPath(name)
    picture = path.parent / named.as_posix()
    return Path(osp.abspath(picture if picture.is_file() else path.parent / named.name))


# ----------------------------------------------------------------------- reading


def _content(path: Path) -> dict | None:
    """The file's content, checked; ``None`` if it is a JSON file of another kind.

    Raises:
        ConversionError: It is malformed; the message has the number of the shape.
    """
    content = read_json(path)
    if not isinstance(content, dict) or not isinstance(content.get('shapes'), list):
        return None
    if not isinstance(content.get('imagePath'), str):
        raise ConversionError(f'{str(path)!r} has no `imagePath`, the name of its picture.')
    for i, shape in enumerate(content['shapes']):
        if fault := _fault(shape):
            raise ConversionError(f'{str(path)!r}, shape {i}: {fault}')
    return content


def _fault(shape: Any) -> str | None:
    """What is wrong with a shape, or ``None``."""
    if not isinstance(shape, dict) or not isinstance(shape.get('label'), str):
        return 'it has no `label`.'
    numbers, points = NUM_CORNERS.get(shape.get('shape_type')), shape.get('points')
    if numbers is None or (
        isinstance(points, list) and len(points) in numbers and all(map(_is_place, points))
    ):
        return None
    return f'its `points` are {points!r}; expected {numbers[0]} of [x, y].'


def _is_place(value: Any) -> bool:
    return (
        isinstance(value, list) and len(value) == 2 and all(type(x) in (int, float) for x in value)
    )


# --------------------------------------------------------------------- instances


def _add_picture(writer: CocoWriter, picture: Path, shapes: list[dict]) -> None:
    """Add a picture and its instances."""
    folder = picture.parent.as_posix()
    image_id = writer.add_picture(picture, group=None if folder == '.' else folder)
    if image_id is None:
        return
    groups, boxes = defaultdict(list), defaultdict(list)
    for shape in shapes:
        if shape.get('shape_type') == 'point':
            groups[shape.get('group_id')].append(shape)
        elif shape.get('shape_type') == 'rectangle':
            boxes[shape.get('group_id')].append(shape)
        else:
            writer.drop('shape that is neither point nor rectangle', f'{picture}: {shape["label"]}')
    if len(groups) == len(boxes) == 1:
        boxes = dict(zip(groups, boxes.values(), strict=True))
    for group, points in groups.items():
        found = boxes.get(group, [])
        box = found[0] if len(found) == 1 else None
        writer.add_instance(
            image_id,
            writer.rows_by_name(map(_named, points), picture.as_posix()),
            bbox=box_around(box['points']) if box else None,
            category=box['label'] if box else None,
        )


def _named(shape: dict) -> tuple[str, tuple[float, float, int]]:
    """Name and x, y, v of a point."""
    hidden = (shape.get('flags') or {}).get('occluded')
    return shape['label'], (*shape['points'][0], 1 if hidden else 2)

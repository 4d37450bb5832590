"""Reading WFLW: the lists of 98 points, rectangle and attributes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mmpose.datasets.datasets.base.base_center_scale_dataset import SCALE_UNIT

from .coco_writer import CocoWriter
from .errors import ConversionError
from .labels import box_around
from .published import Part, picture_folder, publish
from .sources import find_files, track
from .text_rows import numbers_of, read_lines

OPTIONS = dict(
    images=dict(
        metavar='FOLDER', help='where the pictures are (default: `WFLW_images` or `images` there)'
    )
)
# attributes of a face, in the order of the lists; each makes a part of the test set
ATTRIBUTES = ('largepose', 'expression', 'illumination', 'makeup', 'occlusion', 'blur')
NUM_POINTS = 98
NUM_FIELDS = 2 * NUM_POINTS + 4 + len(ATTRIBUTES) + 1
BOX_MARGIN = 0.1  # on each side, of the extent of the points; that of the published annotations


def write(source: Path, out: Path, images: str | None = None) -> str:
    """Convert both lists; the test set also in the parts that share an attribute.

    Args:
        source: The folder with ``WFLW_annotations`` and ``WFLW_images``.
        out: Gets ``annotations/face_landmarks_wflw_*.json``.
        images: The folder of the pictures; ``None``: ``WFLW_images`` or ``images`` in the source.

    Raises:
        FileNotFoundError: A list or the folder of the pictures is not there.
        ConversionError: A list is malformed.
    """
    pattern = '**/list_98pt_rect_attr_{}.txt'
    what = 'WFLW with its WFLW_annotations'
    lists = {part: find_files(source, pattern.format(part), what)[0] for part in ('train', 'test')}
    root = picture_folder(source, images, 'WFLW_images', 'images')
    parts = {part: Part(_faces(path, root)) for part, path in lists.items()}
    for number, name in enumerate(ATTRIBUTES):
        with_it = _faces(lists['test'], root, number)
        if with_it.annotations:
            parts[f'test_{name}'] = Part(with_it)
    return publish(out, 'WFLWDataset', 'annotations/face_landmarks_wflw_{}.json', parts)


def _faces(path: Path, image_root: Path, attribute: int | None = None) -> CocoWriter:
    """The faces of a list; if an attribute is given, those that have it."""
    writer = CocoWriter.from_metainfo(
        'configs/_base_/datasets/wflw.py', category='face', image_root=image_root
    )
    for line, text in enumerate(track(read_lines(path)), start=1):
        words = text.split(maxsplit=NUM_FIELDS - 1)
        if not words:
            continue
        if len(words) != NUM_FIELDS:
            raise ConversionError(
                f'{str(path)!r}, line {line}: {len(words)} fields; expected {NUM_FIELDS}: x and y '
                f'of {NUM_POINTS} points, 4 of a rectangle, {len(ATTRIBUTES)} attributes and the '
                'picture.'
            )
        numbers = numbers_of(words[:-1], f'{str(path)!r}, line {line}')
        attributes = numbers[-len(ATTRIBUTES) :].astype(int).tolist()
        if attribute is not None and not attributes[attribute]:
            continue
        image_id = writer.add_picture(words[-1].strip())
        if image_id is not None:
            points = numbers[: 2 * NUM_POINTS].reshape(-1, 2)
            _add_face(writer, image_id, points, dict(zip(ATTRIBUTES, attributes, strict=True)))
    return writer


def _add_face(
    writer: CocoWriter, image_id: int, points: np.ndarray, attributes: dict[str, int]
) -> None:
    """Add a face with the square and the box that the published annotations have."""
    low, high = np.floor(points.min(axis=0)), np.ceil(points.max(axis=0))
    image = writer.images[image_id - 1]
    margin = BOX_MARGIN * np.ptp(points, axis=0)
    corners = np.array([points.min(axis=0) - margin, points.max(axis=0) + margin])
    x, y, w, h = box_around(corners.clip(0, [image['width'], image['height']]))
    writer.add_instance(
        image_id,
        np.column_stack([points, np.ones(NUM_POINTS)]),
        bbox=[x, y, w, h],
        area=w * h,
        center=((low + high) / 2).tolist(),
        scale=float((high - low).max() / SCALE_UNIT),
        **attributes,
    )

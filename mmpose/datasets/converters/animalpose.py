"""Reading Animal-Pose: an XML file with 20 keypoints for each animal."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import numpy as np

from .coco_writer import CocoWriter
from .errors import ConversionError
from .published import Part, publish
from .sources import find_files, read_xml, track
from .splitting import split_images
from .text_rows import numbers_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from xml.etree.ElementTree import Element

OPTIONS = dict(
    val_fraction=dict(
        type=float,
        metavar='SHARE',
        help='how many of the pictures of PASCAL VOC are for validation; those of part 2 are for '
        'testing',
    )
)
PASCAL = 'PASCAL2011_animal_annotation'  # the folder of its XML files, those of part 2 vary
PASCAL_PICTURES = 'VOC2012/JPEGImages'
PART_2_PICTURES = 'animalpose_image_part2'  # with a folder for each species
# how some files call keypoints otherwise, in small letters
OTHER_NAMES = dict(l_ear='l_earbase', r_ear='r_earbase', tail='tailbase')


def write(source: Path, out: Path, val_fraction: float = 810 / 3608) -> str:
    """Convert both parts; the first is divided to train and to validate, the second to test.

    The data set states no split. The published annotations have 810 of 3608 pictures of PASCAL
    VOC to validate on; which ones is drawn here.

    Args:
        source: The folder with ``annotations/PASCAL2011_animal_annotation``, ``VOC2012``,
            ``annotations/animalpose_anno2`` and ``animalpose_image_part2``; either part may be
            absent.
        out: Gets ``annotations/animalpose_*.json``.
        val_fraction: The share of the first part to validate on.

    Raises:
        FileNotFoundError: There are no XML files, or no pictures of a part that has some.
        ConversionError: One of them is malformed.
    """
    found = find_files(source, '**/*anno*/*/*.xml', 'Animal-Pose with its folder annotations')
    first = [path for path in found if path.parents[1].name == PASCAL]
    second = [path for path in found if path.parents[1].name != PASCAL]
    parts = {}
    if first:
        writer = _animals(source, first)
        if val_fraction and writer.images:
            drawn, _ = split_images(writer, val_fraction)
            parts = {part: Part(writer, ids) for part, ids in drawn.items()}
        parts['trainval'] = Part(writer)
    if second:
        parts['test'] = Part(_animals(source, second))
    return publish(out, 'AnimalPoseDataset', 'annotations/animalpose_{}.json', parts)


def _animals(source: Path, paths: list[Path]) -> CocoWriter:
    """The animals of XML files, whose pictures lie in ``source``."""
    writer = CocoWriter.from_metainfo('configs/_base_/datasets/animalpose.py', image_root=source)
    places = {name.lower(): place for place, name in enumerate(writer.keypoints)}
    places |= {other: places[name] for other, name in OTHER_NAMES.items()}
    for path in track(paths):
        root = read_xml(path)
        species = path.parent.name
        in_pascal = path.parents[1].name == PASCAL
        folder = PASCAL_PICTURES if in_pascal else f'{PART_2_PICTURES}/{species}'
        stem = PurePath(root.findtext('image') or '').stem or path.stem
        picture = _picture(source / folder, stem)
        image_id = writer.add_picture(picture.relative_to(source))
        if image_id is not None:
            keypoints = _keypoints(writer, root, path, places)
            x, y, w, h = _box(root, path)
            writer.add_instance(image_id, keypoints, [x, y, w, h], w * h, species=species)
    return writer


def _picture(folder: Path, stem: str) -> Path:
    """The picture of that name with whatever suffix; ``.jpg`` if there is none."""
    candidates = [folder / f'{stem}{suffix}' for suffix in ('.jpg', '.jpeg', '.png')]
    return next((path for path in candidates if path.is_file()), candidates[0])


def _box(root: Element, path: Path) -> list[float]:
    """x, y, w, h."""
    bounds = root.find('visible_bounds')
    if bounds is None:
        raise ConversionError(f'{str(path)!r} has no <visible_bounds>.')
    # files of part 2 call the upper edge xmax
    top = 'ymin' if 'ymin' in bounds.attrib else 'xmax'
    return _attributes(bounds, ['xmin', top, 'width', 'height'], path).tolist()


def _keypoints(
    writer: CocoWriter, root: Element, path: Path, places: Mapping[str, int]
) -> np.ndarray:
    """(20, 3) x, y, v."""
    keypoints = np.zeros((writer.num_keypoints, 3))
    for element in root.iter('keypoint'):
        x, y, visible = _attributes(element, ['x', 'y', 'visible'], path)
        place = places.get(element.get('name', '').lower())
        if place is None:
            writer.drop('keypoint of another name', element.get('name', ''))
        elif visible:
            keypoints[place] = x, y, 2
    return keypoints


def _attributes(element: Element, names: list[str], path: Path) -> np.ndarray:
    if missing := [name for name in names if name not in element.attrib]:
        raise ConversionError(
            f'{str(path)!r}: <{element.tag}> has no {", ".join(missing)}; it has '
            f'{", ".join(element.attrib) or "nothing"}.'
        )
    place = f'{str(path)!r}, <{element.tag}>'
    return numbers_of([element.attrib[name] for name in names], place)

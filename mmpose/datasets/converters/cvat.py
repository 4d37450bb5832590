"""Reading the XML of CVAT: for images 1.1 and for video 1.1."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple

from .coco_writer import CocoWriter
from .errors import ConversionError
from .pictures import extract_frames
from .sources import PICTURE_SUFFIXES, find_file, read_xml, track

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

OPTIONS = dict(
    label=dict(metavar='NAME', help='the skeleton to read, if several are labelled'),
    images=dict(
        metavar='FOLDER', help='where the pictures are (default: `images` beside the XML, or there)'
    ),
    video=dict(metavar='FILE', help='the video that was labelled, to take the frames from'),
    keyframes='only the frames that somebody labelled, not those between, which CVAT filled in',
)
_ELEMENT = re.compile(r'<(circle|line)\b([^>]*)>')
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_FRAME = re.compile(r'frame_(\d+)')
_PARTS = dict(training='train', validation='val')  # how subsets may be called


class Shape(NamedTuple):
    """A skeleton, rectangle or row of points in one picture.

    Attributes:
        element: As the file has it.
        label: Its label.
        group: What is drawn together has the same; ``''``: none.
        track_id: Of the same individual in other frames, or ``None``.
    """

    element: Element
    label: str
    group: str
    track_id: int | None


class Skeleton(NamedTuple):
    """What the labels of the task say.

    Attributes:
        names: The K names of the keypoints.
        links: Pairs of names.
        categories: The labels of the instances.
    """

    names: list[str]
    links: list[tuple[str, str]]
    categories: list[str]


def read(
    source: Path,
    out: Path,
    label: str | None = None,
    images: str | None = None,
    video: str | None = None,
    keyframes: bool = False,
) -> CocoWriter:
    """The skeletons of an export; without skeletons, its points.

    Points with one place each are keypoints by their label, joined to an instance by their
    group; points with several places each are an instance, whose keypoints are numbered. A
    rectangle of the same group is the instance's box. What is `occluded` is labelled but hidden,
    what is `outside` is not labelled.

    Args:
        source: The XML file, or the folder with ``annotations.xml``.
        out: Its ``images`` get the frames of a video.
        label: The label of the skeletons to read; ``None``: the only one.
        images: The folder of the pictures; ``None``: ``images`` beside the XML, or its folder.
        video: What CVAT for video refers to; ``None``: the pictures ``frame_000123.*`` there, or
            else the video of the task's name beside the XML.
        keyframes: Whether to leave out what CVAT has filled in between keyframes.

    Raises:
        FileNotFoundError: There is no such file.
        ConversionError: The XML is malformed, or it is not clear what to read.
    """
    path = find_file(source, ['annotations.xml'], 'a CVAT export')
    root = read_xml(path)
    if root.tag != 'annotations':
        raise ConversionError(
            f'{str(path)!r} has <{root.tag}> outermost; expected <annotations>. Export the task '
            "as 'CVAT for images 1.1' or 'CVAT for video 1.1'."
        )
    beside = path.parent / 'images'
    image_root = Path(images) if images else beside if beside.is_dir() else path.parent
    try:
        if root.find('track') is None:
            return _read_images(root, label, image_root)
        return _read_video(root, label, image_root, path, video, out, keyframes)
    except ConversionError as error:
        raise ConversionError(f'{str(path)!r}: {error}') from error


def _read_images(root: Element, label: str | None, image_root: Path) -> CocoWriter:
    pictures = [
        (image, [Shape(s, _get(s, 'label'), s.get('group_id', ''), None) for s in image])
        for image in root.iter('image')
    ]
    skeleton = find_skeleton(root, [shape for _, shapes in pictures for shape in shapes], label)
    writer = CocoWriter(*skeleton[:2], category=skeleton.categories, image_root=image_root)
    for image, shapes in track(pictures):
        name, subset = _get(image, 'name'), image.get('subset', '')
        part = None if subset.lower() in ('', 'default') else subset.lower()
        image_id = writer.add_picture(
            _located(image_root, name, subset),
            group=PurePath(name).parent.as_posix() if '/' in name else None,
            split=_PARTS.get(part, part),
        )
        if image_id is not None:
            _add_instances(writer, image_id, shapes)
    return writer


def _located(root: Path, name: str, subset: str) -> str:
    """The picture's path from ``root``: CVAT puts subsets in folders, people move pictures."""
    places = [name, f'{subset}/{name}', PurePath(name).name]
    return next((place for place in places if (root / place).is_file()), name)


# ------------------------------------------------------------------------- video


def _read_video(
    root: Element,
    label: str | None,
    image_root: Path,
    path: Path,
    video: str | None,
    out: Path,
    keyframes: bool,
) -> CocoWriter:
    frames = _frames(root, keyframes)
    skeleton = find_skeleton(root, [s for shapes in frames.values() for s in shapes], label)
    pictures = {
        int(match[1]): file
        for file in sorted(image_root.glob('frame_*'))
        if file.suffix.lower() in PICTURE_SUFFIXES and (match := _FRAME.match(file.stem))
    }
    if video or not pictures:
        image_root = out / 'images'
        found = Path(video) if video else path.parent / (root.findtext('.//source') or 'video')
        if not found.is_file():
            raise ConversionError(
                f'its frames are neither pictures frame_000000.* nor in a video {str(found)!r}; '
                'say where with images (--images) or video (--video).'
            )
        pictures = extract_frames(found, frames, image_root)
    writer = CocoWriter(*skeleton[:2], category=skeleton.categories, image_root=image_root)
    for index, shapes in sorted(frames.items()):
        if index not in pictures:
            writer.drop('frame missing', str(index))
            continue
        name = pictures[index].relative_to(image_root)
        image_id = writer.add_picture(name, frame_id=index)
        if image_id is not None:
            _add_instances(writer, image_id, shapes)
    return writer


def _frames(root: Element, keyframes: bool) -> dict[int, list[Shape]]:
    """The shapes of all tracks by the number of the frame."""
    frames = defaultdict(list)
    for number, element in enumerate(root.iter('track'), start=1):
        group = element.get('group_id', '')
        for shape in element:
            if keyframes and shape.get('keyframe') == '0':
                continue
            frame = int(_number(_get(shape, 'frame'), shape))
            frames[frame].append(Shape(shape, _get(element, 'label'), group, number))
    return frames


# --------------------------------------------------------------------- skeletons


def find_skeleton(root: Element, shapes: list[Shape], label: str | None) -> Skeleton:
    """What the keypoints are, from the labels of the task and what was drawn.

    Args:
        root: The outermost element.
        shapes: All that was drawn.
        label: The skeleton to read, or ``None``.

    Raises:
        ConversionError: There is nothing to read, or several different skeletons.
    """
    drawn = dict.fromkeys(s.label for s in shapes if s.element.tag == 'skeleton')
    if label is not None and label not in drawn:
        raise ConversionError(
            f'it has no skeleton labelled {label!r}; it has {", ".join(drawn) or "none"}.'
        )
    if drawn:
        chosen = list(drawn) if label is None else [label]
        names = {name: _children(root, shapes, name) for name in chosen}
        if len({tuple(keypoints) for keypoints in names.values()}) > 1:
            raise ConversionError(
                f'the skeletons {", ".join(chosen)} have different keypoints; choose one with '
                'label (--label).'
            )
        return Skeleton(names[chosen[0]], _links(root, chosen[0]), chosen)
    return _skeleton_of_points(root, [s for s in shapes if s.element.tag == 'points'])


def _children(root: Element, shapes: list[Shape], label: str) -> list[str]:
    """The names of a skeleton's keypoints: as the task lists them, or else as they were drawn."""
    listed = [e.findtext('name') for e in root.iter('label') if e.findtext('parent') == label]
    drawn = dict.fromkeys(
        _get(points, 'label')
        for shape in shapes
        if shape.label == label
        for points in shape.element.iter('points')
    )
    return list(dict.fromkeys([*listed, *drawn]))


def _links(root: Element, label: str) -> list[tuple[str, str]]:
    """The lines of the drawing that the skeleton was defined by."""
    svg = next((e.findtext('svg') for e in root.iter('label') if e.findtext('name') == label), '')
    names, lines = {}, []
    for tag, text in _ELEMENT.findall(svg or ''):
        attributes = dict(_ATTRIBUTE.findall(text))
        if tag == 'circle':
            names[attributes.get('data-node-id')] = attributes.get('data-label-name')
        else:
            lines.append((attributes.get('data-node-from'), attributes.get('data-node-to')))
    links = [(names.get(start), names.get(end)) for start, end in lines]
    return [link for link in links if all(link)]


def _skeleton_of_points(root: Element, shapes: list[Shape]) -> Skeleton:
    """The keypoints where there are no skeletons, only points."""
    if not shapes:
        raise ConversionError('it has neither skeletons nor points.')
    counts = {len(_places(shape.element)) for shape in shapes}
    used = dict.fromkeys(shape.label for shape in shapes)
    if counts == {1}:
        listed = [e.findtext('name') for e in root.iter('label')]
        names = [name for name in dict.fromkeys(listed) if name in used]
        return Skeleton(names or list(used), [], ['object'])
    if len(counts) > 1:
        raise ConversionError(
            f'its points have {", ".join(map(str, sorted(counts)))} places; expected one place '
            'each, or the same number in all.'
        )
    return Skeleton([str(i + 1) for i in range(counts.pop())], [], list(used))


# --------------------------------------------------------------------- instances


def _add_instances(writer: CocoWriter, image_id: int, shapes: Iterable[Shape]) -> None:
    """Add the instances of one picture."""
    boxes = {shape.group: shape for shape in shapes if shape.element.tag == 'box'}
    for members in _instances(writer, shapes):
        first = members[0]
        rows = writer.rows_by_name(_rows(members), writer.images[image_id - 1]['file_name'])
        # an individual that left the picture stays in its track
        if not rows[:, 2].any():
            continue
        box = boxes.get(first.group) if first.group else None
        writer.add_instance(
            image_id,
            rows,
            bbox=_box(box.element) if box else None,
            track_id=first.track_id,
            category=first.label if first.label in writer.categories else None,
        )


def _instances(writer: CocoWriter, shapes: Iterable[Shape]) -> Iterator[list[Shape]]:
    """The shapes that form each instance."""
    groups = defaultdict(list)
    for shape in shapes:
        if shape.element.tag == 'skeleton':
            if shape.label in writer.categories:
                yield [shape]
        elif shape.element.tag == 'points' and shape.label in writer.keypoints:
            # single points: those of one group, or all without a group
            groups[shape.group].append(shape._replace(track_id=None))
        elif shape.element.tag == 'points' and shape.label in writer.categories:
            yield [shape]
    yield from groups.values()


def _rows(members: list[Shape]) -> Iterator[tuple[str, tuple[float, float, int]]]:
    """The names and x, y, v of an instance's keypoints."""
    for shape in members:
        if shape.element.tag == 'skeleton':
            for points in shape.element.iter('points'):
                yield _get(points, 'label'), (*_places(points)[0], _visibility(points))
            continue
        places = _places(shape.element)
        names = [shape.label] if len(places) == 1 else [str(i + 1) for i in range(len(places))]
        visibility = _visibility(shape.element)
        yield from ((name, (*xy, visibility)) for name, xy in zip(names, places, strict=True))


def _visibility(element: Element) -> int:
    if element.get('outside') == '1':
        return 0
    return 1 if element.get('occluded') == '1' else 2


def _places(element: Element) -> list[tuple[float, float]]:
    """The places of a <points> element, written as ``x,y;x,y``."""
    pairs = [pair.split(',') for pair in _get(element, 'points').split(';')]
    if any(len(pair) != 2 for pair in pairs):
        raise ConversionError(f'points="{element.get("points")}"; expected x,y;x,y;...')
    return [(_number(x, element), _number(y, element)) for x, y in pairs]


def _box(element: Element) -> list[float]:
    """x, y, w, h of a <box> element."""
    x1, y1, x2, y2 = (_number(_get(element, k), element) for k in ('xtl', 'ytl', 'xbr', 'ybr'))
    return [x1, y1, x2 - x1, y2 - y1]


def _get(element: Element, name: str) -> str:
    if name not in element.attrib:
        raise ConversionError(f'a <{element.tag}> has no {name!r}; it has {dict(element.attrib)}.')
    return element.attrib[name]


def _number(word: str, element: Element) -> float:
    try:
        return float(word)
    except ValueError as error:
        raise ConversionError(f'a <{element.tag}> has the number {word!r}.') from error

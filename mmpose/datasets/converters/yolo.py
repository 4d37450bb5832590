"""Reading YOLO pose labels: ``data.yaml``, and a text file for each picture."""

from __future__ import annotations

import os.path as osp
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .coco_writer import CocoWriter
from .errors import ConversionError
from .sources import PICTURE_SUFFIXES, find_files, read_yaml, track

OPTIONS = dict(
    keypoints=dict(
        nargs='+',
        metavar='NAME',
        help='the names of the keypoints (default: those in data.yaml, or else numbers)',
    ),
)
PARTS = ('train', 'val', 'test')
SLACK = 1e-3  # how far out of the picture, as a share of it, rounding may lead a box


class Layout(NamedTuple):
    """What a YAML file says of the labels.

    Attributes:
        keypoints: The K names.
        num_values: 2 if keypoints have x and y, 3 if they have v too.
        swaps: Mirror images by name, or ``None``.
        classes: The names of the categories.
    """

    keypoints: list[str]
    num_values: int
    swaps: dict[str, str] | None
    classes: list[str]


def read(source: Path, out: Path, keypoints: Sequence[str] | None = None) -> CocoWriter:
    """The labels of a data set, in the parts that its YAML file names.

    A picture without a text file, or with an empty one, is background. A keypoint without v is
    not labelled if it is at (0, 0) or left of or above the picture.

    Args:
        source: The folder with ``data.yaml`` (or another YAML file alone), or that file.
        out: Not used: the pictures stay where they are.
        keypoints: The K names; ``None``: ``kpt_names`` of the YAML file, or else '1' to 'K'.

    Raises:
        FileNotFoundError: There is no YAML file, or no picture where it says.
        ConversionError: A file is malformed.
    """
    path = _yaml_file(source)
    config = read_yaml(path)
    try:
        layout = parse_layout(config, keypoints)
    except (ValueError, TypeError, LookupError) as error:
        raise ConversionError(f'{str(path)!r}: {error}') from error
    parts = {part: _pictures(config, part, path) for part in PARTS if config.get(part)}
    if not any(parts.values()):
        named = {part: config[part] for part in parts}
        raise FileNotFoundError(
            f'{str(path)!r} names no folder of pictures; it has path={config.get("path")!r} and '
            f'{named or "neither train, val nor test"}. Set `path` in it to the data set.'
        )
    root = osp.commonpath([picture.parent for found in parts.values() for picture in found])
    names, _, swaps, classes = layout
    writer = CocoWriter(names, swaps=swaps, category=classes, image_root=root)
    # where there is nothing to validate on, `val` may name the folder of `train`
    owner = {picture: part for part in reversed(parts) for picture in parts[part]}
    for part, pictures in parts.items():
        for picture in track(pictures):
            if owner[picture] == part:
                _add_picture(writer, part, picture, layout)
            else:
                writer.drop(f'picture of {part} that is in {owner[picture]}', picture.name)
    return writer


# ------------------------------------------------------------------------ layout


def _yaml_file(source: Path) -> Path:
    what = 'a YOLO data set'
    named = source / 'data.yaml'
    if named.is_file():
        return named
    found = find_files(source, '*.y*ml', what)
    if len(found) > 1:
        names = ', '.join(path.name for path in found)
        raise ConversionError(f'{str(source)!r} holds {names}; give the one to read.')
    return found[0]


def parse_layout(config: dict, keypoints: Sequence[str] | None = None) -> Layout:
    """What the labels hold, from the content of a YAML file.

    Args:
        config: The content.
        keypoints: The K names; ``None``: see :func:`read`.

    Raises:
        ValueError: The content is not that of pose labels, or the names are not K.
    """
    shape = config.get('kpt_shape')
    if not (isinstance(shape, list) and len(shape) == 2 and shape[0] > 0 and shape[1] in (2, 3)):
        raise ValueError(
            f'kpt_shape is {shape}; expected [K, 2] or [K, 3], the number of keypoints and of '
            'values for each. Labels without it are not pose labels.'
        )
    K, num_values = shape
    known = config.get('kpt_names') or []
    known = known[min(known)] if isinstance(known, dict) else known
    names = [str(name) for name in keypoints or known or range(1, K + 1)]
    if len(names) != K:
        raise ValueError(f'{len(names)} names for {K} keypoints (kpt_shape): {", ".join(names)}.')
    classes = config.get('names') or [str(i) for i in range(config.get('nc', 1))]
    if isinstance(classes, dict):
        classes = [classes[i] for i in sorted(classes)]
    flip = config.get('flip_idx')
    if not flip:
        return Layout(names, num_values, None, list(map(str, classes)))
    if sorted(flip) != list(range(K)) or any(flip[flip[k]] != k for k in range(K)):
        raise ValueError(
            f'flip_idx is {flip}; expected the place of the mirror image of each of the {K} '
            'keypoints, so that mirroring twice changes nothing.'
        )
    swaps = {names[k]: names[flip[k]] for k in range(K)}
    return Layout(names, num_values, swaps, list(map(str, classes)))


# ---------------------------------------------------------------------- pictures


def _pictures(config: dict, part: str, path: Path) -> list[Path]:
    """The pictures of a part, absolute: of folders, or of the lines of text files."""
    values = config[part] if isinstance(config[part], list) else [config[part]]
    return [picture for value in values for picture in _pictures_at(config, str(value), path)]


def _pictures_at(config: dict, value: str, path: Path) -> Iterator[Path]:
    root = path.parent / str(config.get('path') or '')
    # data that moved: `path` may be of another machine, and '../' lead out of a download
    places = [root / value, path.parent / value, path.parent / value.removeprefix('../')]
    place = next((place for place in places if place.exists()), None)
    if place is None:
        return
    if place.is_file():
        lines = place.read_text(encoding='utf-8').splitlines()
        yield from (Path(osp.abspath(place.parent / line.strip())) for line in lines if line)
        return
    for file in sorted(place.rglob('*')):
        if file.suffix.lower() in PICTURE_SUFFIXES:
            yield Path(osp.abspath(file))


def label_file(picture: Path) -> Path:
    """The text file of a picture: ``labels`` for the last ``images`` in its path.

    Examples:
        >>> label_file(Path('/mice/images/train/7.png')).as_posix()
        '/mice/labels/train/7.txt'
    """
    parts = list(picture.with_suffix('.txt').parts)
    places = [i for i, part in enumerate(parts[:-1]) if part == 'images']
    if places:
        parts[places[-1]] = 'labels'
    return Path(*parts)


def _add_picture(writer: CocoWriter, part: str, picture: Path, layout: Layout) -> None:
    """Add a picture and its instances."""
    image_id = writer.add_picture(picture.relative_to(writer.image_root), split=part)
    path = label_file(picture)
    if image_id is None or not path.is_file():
        return
    image = writer.images[image_id - 1]
    size_wh = np.array([image['width'], image['height']])
    for i, line in enumerate(path.read_text(encoding='utf-8').splitlines(), start=1):
        if not line.strip():
            continue
        try:
            category, box, rows = parse_line(line, layout)
        except ValueError as error:
            raise ConversionError(f'{str(path)!r}, line {i}: {error}') from error
        rows[:, :2] *= size_wh
        writer.add_instance(
            image_id, rows, bbox=(box * np.tile(size_wh, 2)).tolist(), category=category
        )


def parse_line(line: str, layout: Layout) -> tuple[str, np.ndarray, np.ndarray]:
    """The category, the box (4,) xywh and the keypoints (K, 3) of a line, as shares.

    Raises:
        ValueError: It has another number of values than expected, or values in pixels.
    """
    K, num_values = len(layout.keypoints), layout.num_values
    values = np.array(line.split(), dtype=np.float64)
    if len(values) != 5 + K * num_values:
        raise ValueError(
            f'{len(values)} numbers; expected {5 + K * num_values}: the class, 4 of the box and '
            f'{num_values} for each of {K} keypoints (kpt_shape).'
        )
    number, cx, cy, w, h = values[:5].tolist()
    if number not in range(len(layout.classes)):
        raise ValueError(f'class {number:g}; expected 0 to {len(layout.classes) - 1} (names).')
    if not (min(values[1:5]) >= -SLACK and max(values[1:5]) <= 1 + SLACK):
        raise ValueError(
            f'the box is {values[1:5].tolist()}; expected shares of the picture, 0 to 1, not '
            'pixels.'
        )
    rows = values[5:].reshape(K, num_values)
    if num_values == 2:
        labelled = (rows >= 0).all(axis=1) & rows.any(axis=1)
        rows = np.column_stack([rows, 2 * labelled])
    if not np.isin(rows[:, 2], (0, 1, 2)).all():
        raise ValueError(f'v of the keypoints is {rows[:, 2].tolist()}; expected 0, 1 or 2 each.')
    return layout.classes[int(number)], np.array([cx - w / 2, cy - h / 2, w, h]), rows

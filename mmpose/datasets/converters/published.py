"""Writing published data sets where their configs look for them."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from .coco_writer import CocoWriter
from .conversion import dropped_lines, load, part_line, prefix_of, require_content
from .errors import ConversionError


class Part(NamedTuple):
    """A part of a data set, with an annotation file of its own.

    Attributes:
        writer: Holds its pictures and instances.
        image_ids: Which pictures; ``None``: all.
    """

    writer: CocoWriter
    image_ids: Collection[int] | None = None


def publish(out: Path, dataset: str, ann_file: str, parts: Mapping[str, Part]) -> str:
    """Write the annotation files, load each with its own class and say what came out.

    Args:
        out: The folder that configs call ``data_root``.
        dataset: The registered class.
        ann_file: The files from ``out``, with ``{}`` for the name of the part.
        parts: By their names; the pictures of all start from the same folder.

    Raises:
        FileNotFoundError: None of the pictures of a part is there.
        ConversionError: A part has no labelled instance.
    """
    names, lines, dropped = [], [], []
    for name, (writer, image_ids) in parts.items():
        require_content(writer)
        names.append(ann_file.format(name))
        writer.write(out / names[-1], image_ids=image_ids)
        ids = range(1, len(writer.images) + 1) if image_ids is None else set(image_ids)
        instances = sum(ann['image_id'] in ids for ann in writer.annotations)
        if not instances:
            raise ConversionError(f'None of the {len(ids)} pictures of {name} is labelled.')
        prefix = prefix_of(writer.image_root, out)
        num_usable = load(out, dataset, names[-1], prefix)
        lines.append(part_line(out / names[-1], len(ids), instances, num_usable))
        dropped += [line for line in dropped_lines(writer) if line not in dropped]
    pictures = os.path.normpath(out / prefix)
    lines += [*dropped, f'pictures: {pictures}']
    return '\n'.join([*lines, '', config_lines(out, dataset, names, prefix)])


def config_lines(out: Path, dataset: str, names: Iterable[str], prefix: str) -> str:
    """The lines for a config, one for each annotation file."""
    return '\n'.join(
        [
            'For a config:',
            '',
            *(
                f'dict(type={dataset!r}, data_root={out.as_posix()!r}, ann_file={name!r}, '
                f'data_prefix=dict(img={prefix!r}))'
                for name in names
            ),
        ]
    )


def picture_folder(source: Path, images: str | None, *names: str) -> Path:
    """Where the pictures are.

    Args:
        source: The folder of the data set.
        images: What was said; ``None``: the first of ``names`` that is in ``source``.
        names: Folders they may lie in.

    Raises:
        FileNotFoundError: There is no such folder.
    """
    for folder in [Path(images)] if images else [source / name for name in names]:
        if folder.is_dir():
            return folder
    raise FileNotFoundError(
        f'There is no folder {images!r}; give that of the pictures.'
        if images
        else f'{str(source)!r} has no folder {" or ".join(names)} with the pictures; say where '
        'they are with images (--images).'
    )

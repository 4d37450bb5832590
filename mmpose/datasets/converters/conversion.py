"""Converting a data set: read, split, write, load again to check, and say what came out."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .coco_writer import CocoWriter
from .errors import ConversionError
from .formats import format_module
from .sources import track
from .splitting import split_images


@dataclass
class Conversion:
    """What a conversion has written.

    Attributes:
        out: The folder.
        ann_files: The annotation files by the name of the part.
        num_images: Their numbers of pictures.
        num_instances: Their numbers of instances.
        num_usable: Their numbers of instances that a top-down data set loads.
        metainfo: The file that describes the keypoints.
        image_prefix: The folder of the pictures, from ``out``.
        text: What to tell about it.
    """

    out: Path
    ann_files: dict[str, Path] = field(default_factory=dict)
    num_images: dict[str, int] = field(default_factory=dict)
    num_instances: dict[str, int] = field(default_factory=dict)
    num_usable: dict[str, int] = field(default_factory=dict)
    metainfo: str = ''
    image_prefix: str = ''
    text: str = ''


def convert(
    format_name: str,
    source: str | Path,
    out: str | Path,
    *,
    val_share: float = 0.0,
    seed: int = 0,
    split_by: str | None = None,
    copy_images: bool = False,
    dataset_name: str | None = None,
    box_margin: float | None = None,
    links: Iterable[str | Sequence[str]] | None = None,
    swaps: Iterable[str | Sequence[str]] | None = None,
    **options: Any,
) -> Conversion:
    """Convert a data set and check the result by loading it.

    ``out`` gets ``annotations.json``, or ``train.json`` and ``val.json``, and ``metainfo.py``.
    The pictures stay where they are unless ``copy_images`` is set.

    Args:
        format_name: One of :data:`mmpose.datasets.converters.FORMATS`.
        source: The folder or file to read, see docs/converting.md.
        out: The folder to write to; made if absent.
        val_share: The share of the pictures that go to ``val.json``; 0: no split, unless the
            source itself has one.
        seed: Of the split.
        split_by: ``'group'`` keeps sequences and folders together, ``'image'`` does not; ``None``:
            by group where there are several.
        copy_images: Copy the pictures to ``out/images``.
        dataset_name: ``None``: the name of the folder ``out``.
        box_margin: See :class:`CocoWriter`; ``None``: the format's.
        links: What the skeleton joins, pairs of names or words such as ``'snout:tail'``;
            ``None``: as the source says.
        swaps: What mirrors what, likewise; ``None``: as the source says, or else the names.
        options: Those of the format.

    Raises:
        ConversionError: The source, or an option, cannot be used.
        FileNotFoundError: The source lacks what the format consists of, or all pictures.
        MissingPackageError: The format needs a package that is not installed.
    """
    source, out = Path(source), Path(out)
    module = format_module(format_name)
    if unknown := sorted(set(options) - set(module.OPTIONS)):
        raise ConversionError(
            f'{format_name} has no option {", ".join(unknown)}; it has '
            f'{", ".join(module.OPTIONS) or "none of its own"}.'
        )
    if hasattr(module, 'write'):
        return Conversion(out, text=module.write(source, out, **options))
    writer = module.read(source, out, **options)
    if not (links is swaps is dataset_name is None):
        writer.metainfo = None  # a shipped one would say something else
    if not writer.metainfo:
        writer.dataset_name = dataset_name or out.resolve().name
    if box_margin is not None:
        writer.box_margin = box_margin
    writer.set_skeleton(
        None if links is None else _pairs(links),
        None if swaps is None else dict(_pairs(swaps)),
    )
    return write_splits(writer, out, val_share, seed, split_by, copy_images)


def write_splits(
    writer: CocoWriter,
    out: str | Path,
    val_share: float = 0.0,
    seed: int = 0,
    split_by: str | None = None,
    copy_images: bool = False,
) -> Conversion:
    """Write what ``writer`` has collected, check it and describe it; see :func:`convert`."""
    out = Path(out)
    require_content(writer)
    parts, how = split_images(writer, val_share, seed, split_by)
    _require_instances(writer, parts)
    result = Conversion(out, metainfo=writer.metainfo or (out / 'metainfo.py').as_posix())
    result.image_prefix = _place_images(writer, out, copy_images)
    if not writer.metainfo:
        writer.write_metainfo(out / 'metainfo.py')
    for part, image_ids in parts.items():
        result.ann_files[part] = out / f'{part}.json'
        writer.write(result.ann_files[part], image_ids=image_ids)
        result.num_images[part] = len(image_ids)
        result.num_instances[part] = _num_instances(writer, image_ids)
        result.num_usable[part] = load(
            out,
            'CocoDataset',
            result.ann_files[part].name,
            result.image_prefix,
            metainfo=dict(from_file=result.metainfo),
        )
    result.text = describe(writer, result, how)
    return result


def _pairs(words: Iterable[str | Sequence[str]]) -> list[tuple[str, str]]:
    pairs = [tuple(word.split(':')) if isinstance(word, str) else tuple(word) for word in words]
    if wrong := [pair for pair in pairs if len(pair) != 2]:
        raise ConversionError(
            f'{":".join(wrong[0])!r} is no pair of keypoints; write two names with a colon '
            "between them, such as 'snout:tail'."
        )
    return pairs


def require_content(writer: CocoWriter) -> None:
    """Return if there is something to write.

    Raises:
        FileNotFoundError: Instances there are none, for the pictures are missing.
        ConversionError: There are none for other reasons.
    """
    if writer.annotations:
        return
    lost = dropped_lines(writer)
    if missing := writer.dropped['picture missing']:
        raise FileNotFoundError(
            f'None of the {missing} pictures is in {str(writer.image_root)!r}; looked for '
            f'{", ".join(writer.examples["picture missing"])}. Put the pictures where they were '
            'labelled, or say where they are.'
        )
    raise ConversionError(
        'The source has no labelled instance' + (':\n' + '\n'.join(lost) if lost else '.')
    )


def _require_instances(writer: CocoWriter, parts: dict[str, list[int]]) -> None:
    for part, image_ids in parts.items():
        if not _num_instances(writer, image_ids):
            raise ConversionError(
                f'None of the {len(image_ids)} pictures of {part} has a labelled instance; choose '
                'another seed or share.'
            )


def _num_instances(writer: CocoWriter, image_ids: Iterable[int]) -> int:
    kept = set(image_ids)
    return sum(annotation['image_id'] in kept for annotation in writer.annotations)


def _place_images(writer: CocoWriter, out: Path, copy_images: bool) -> str:
    """The folder of the pictures from ``out``; it is filled if they are to be copied."""
    target, root = out / 'images', writer.image_root
    if copy_images and target.resolve() != root.resolve():
        for image in track(writer.images):
            path = target / image['file_name']
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / image['file_name'], path)
        root = target
    return prefix_of(root, out)


def prefix_of(folder: Path, out: Path) -> str:
    """The path of a folder from ``out``, as ``data_prefix`` has it; ``''`` for ``out`` itself."""
    try:
        path = Path(os.path.relpath(folder.resolve(), out.resolve())).as_posix()
    except ValueError:  # another drive
        return folder.resolve().as_posix()
    return '' if path == '.' else path


def load(out: Path, dataset: str, ann_file: str, prefix: str = '', **kwargs: Any) -> int:
    """How many items a data set made from a written file has.

    Args:
        out: The folder that configs call ``data_root``.
        dataset: The registered class.
        ann_file: From ``out``.
        prefix: The folder of the pictures, from ``out``.
        kwargs: Further arguments of the class.

    Raises:
        ConversionError: It has none, or does not accept the file.
    """
    from mmpose.registry import DATASETS

    arguments = dict(ann_file=ann_file, data_prefix=dict(img=prefix), **kwargs)
    level = logging.root.manager.disable
    logging.disable(logging.INFO)  # the summary tells what the data set would
    try:
        return len(DATASETS.build(dict(type=dataset, data_root=out.as_posix(), **arguments)))
    except ValueError as error:
        raise ConversionError(
            f'{str(out / ann_file)!r} was written, but is of no use: {error}'
        ) from error
    finally:
        logging.disable(level)


def _dataset_arguments(result: Conversion, part: str) -> dict:
    return dict(
        type='CocoDataset',
        data_root=result.out.as_posix(),
        ann_file=result.ann_files[part].name,
        data_prefix=dict(img=result.image_prefix),
        metainfo=dict(from_file=result.metainfo),
    )


# ------------------------------------------------------------------- describing


def describe(writer: CocoWriter, result: Conversion, how: str) -> str:
    """What was written, what was dropped, and the lines for a config."""
    lines = [f'{writer.num_keypoints} keypoints: {", ".join(writer.keypoints)}']
    if writer.swaps:
        pairs = {tuple(sorted(pair)) for pair in writer.swaps.items()}
        lines.append('mirrored: ' + ', '.join(f'{a} and {b}' for a, b in sorted(pairs)))
    for part, path in result.ann_files.items():
        counts = (result.num_images[part], result.num_instances[part], result.num_usable[part])
        lines.append(part_line(path, *counts))
    if how:
        lines.append(f'split: {how}')
    lines += dropped_lines(writer)
    pictures = os.path.normpath(result.out / result.image_prefix)
    lines += [f'pictures: {pictures}', f'metainfo: {result.metainfo}']
    return '\n'.join([*lines, '', 'For a config:', '', config_lines(result, writer.num_keypoints)])


def part_line(path: Path, num_images: int, num_instances: int, num_usable: int) -> str:
    """What an annotation file holds, and how much of it is of no use."""
    unusable = num_instances - num_usable
    note = f' ({unusable} without use for top-down training)' if unusable else ''
    return f'{path}: {num_images} pictures, {num_instances} instances{note}'


def dropped_lines(writer: CocoWriter) -> list[str]:
    """What was left out and why, a line for each reason."""
    return [
        f'dropped {count}: {reason}'
        + (f', such as {", ".join(shown)}' if (shown := writer.examples[reason]) else '')
        for reason, count in writer.dropped.items()
    ]


def config_lines(result: Conversion, num_keypoints: int) -> str:
    """The lines that make a config use the data."""
    parts = list(result.ann_files)
    train = 'train' if 'train' in parts else parts[0]
    val = next((part for part in ('val', 'test') if part in parts), train)
    # the last two replace what a base may have for COCO
    testing = dict(bbox_file=None, test_mode=True)
    return (
        f'train_dataloader = {_loader_code(_dataset_arguments(result, train))}\n'
        f'val_dataloader = {_loader_code(_dataset_arguments(result, val) | testing)}\n'
        'test_dataloader = val_dataloader\n'
        f"val_evaluator = dict(type='CocoMetric', ann_file={result.ann_files[val].as_posix()!r})\n"
        'test_evaluator = val_evaluator\n'
        f'model = dict(head=dict(out_channels={num_keypoints}))'
    )


def _loader_code(dataset: dict) -> str:
    rows = ''.join(f'        {key}={_code(value)},\n' for key, value in dataset.items())
    return f'dict(\n    dataset=dict(\n{rows}    ),\n)'


def _code(value: object) -> str:
    if isinstance(value, dict):
        return f'dict({", ".join(f"{key}={item!r}" for key, item in value.items())})'
    return repr(value)

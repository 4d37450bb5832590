"""Reading what the labelling tools write: pictures, JSON, YAML and XML, with errors that help."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from mmpose.datasets.datasets.base.coco_file import load_json

from .errors import ConversionError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

T = TypeVar('T')
PICTURE_SUFFIXES = ('.png', '.jpg', '.jpeg', '.bmp', '.tif', '.tiff', '.webp')
_SIDEWAYS = (5, 6, 7, 8)  # values of the EXIF orientation that turn a picture by 90 degrees
_ORIENTATION = 0x0112


def picture_size(path: Path) -> tuple[int, int]:
    """Width and height as the pipelines load the picture: turned as its EXIF data says.

    Only the header is read.

    Raises:
        FileNotFoundError: There is no such file.
        OSError: It is no picture.
    """
    from PIL import Image

    with Image.open(path) as image:
        width, height = image.size
        if image.getexif().get(_ORIENTATION) in _SIDEWAYS:
            return height, width
    return width, height


def find_file(folder: Path, names: Sequence[str], what: str) -> Path:
    """The first of ``names`` that is in ``folder``, or ``folder`` if it is such a file itself.

    Raises:
        FileNotFoundError: There is none; the message says what was looked for.
    """
    if folder.is_file():
        return folder
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(_nothing_found(folder, ' or '.join(names), what))


def find_files(folder: Path, pattern: str, what: str) -> list[Path]:
    """The files below ``folder`` that match ``pattern``, sorted.

    Raises:
        FileNotFoundError: There is none; the message says what was looked for.
    """
    if folder.is_file():
        return [folder]
    if found := sorted(path for path in folder.glob(pattern) if path.is_file()):
        return found
    raise FileNotFoundError(_nothing_found(folder, pattern, what))


def _nothing_found(folder: Path, looked_for: str, what: str) -> str:
    if not folder.exists():
        return f'There is nothing at {str(folder)!r}; give the path of {what}.'
    names = sorted(path.name for path in folder.iterdir())
    shown = ', '.join(names[:8]) + (', ...' if len(names) > 8 else '')
    return (
        f'{str(folder)!r} is not {what}: looked for {looked_for}, found {shown or "nothing"}. '
        'Give the folder that holds it.'
    )


def read_json(path: Path) -> Any:
    """What a JSON file holds.

    Raises:
        FileNotFoundError: There is no such file.
        ConversionError: It is not JSON; the message has the line.
    """
    try:
        return load_json(str(path))
    except ValueError as error:
        raise ConversionError(str(error)) from error


def read_yaml(path: Path) -> dict:
    """The mapping that a YAML file holds.

    Raises:
        ConversionError: It is not YAML, or no mapping; the message has the line.
    """
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding='utf-8'))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConversionError(f'{str(path)!r} is not YAML: {error}') from error
    if not isinstance(content, dict):
        raise ConversionError(f'{str(path)!r} has no `key: value` lines; it may be another file.')
    return content


def read_xml(path: Path) -> Element:
    """The root element of an XML file.

    Raises:
        ConversionError: It is not XML; the message has the line.
    """
    from xml.etree import ElementTree

    try:
        return ElementTree.parse(path).getroot()
    except ElementTree.ParseError as error:
        raise ConversionError(f'{str(path)!r} is not XML: {error}. Export it again.') from error


def track(items: Iterable[T], total: int | None = None) -> Iterator[T]:
    """The items; their progress is shown if the command runs in a terminal.

    Args:
        items: What to go through.
        total: How many they are; ``None``: their length.
    """
    if not sys.stderr.isatty():
        yield from items
        return
    from mmengine.utils import ProgressBar

    bar = ProgressBar(len(items) if total is None else total, file=sys.stderr)
    for item in items:
        yield item
        bar.update()
    sys.stderr.write('\n')

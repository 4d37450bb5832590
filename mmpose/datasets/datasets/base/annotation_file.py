"""COCO style files whose annotations stay on the disk until they are asked for."""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Hashable, Iterator, Sequence
from pathlib import Path
from typing import Any

from .coco_file import check_layout, load_coco
from .json_stream import JsonStream
from .required_file import require_file

_NOT_JSON = (ValueError, RecursionError)
_IMAGE_ID = re.compile(r'"image_id"\s*:\s*(-?\d+)\s*[,}]')


def open_coco(path: str, data_root: str | None = None) -> dict:
    """A COCO style annotation file as a dict with ``images`` and ``annotations``.

    ``images`` is a list and ``annotations`` an :class:`AnnotationFile`, for as objects in memory
    they would take several times the size of the file.

    Args:
        path: The file, already joined with ``data_root``.
        data_root: Named in the error when the file is absent; ``None`` or ``''``: none was set.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is not JSON, or not in the COCO layout.
    """
    require_file(path, data_root, 'ann_file')
    content: dict = {}
    try:
        with open(path, 'rb') as file:
            stream = JsonStream(file)
            for name in stream.names():
                if stream.peek() != '[':
                    content[name] = stream.value()
                elif name == 'annotations':
                    content[name] = AnnotationFile(path, stream)
                else:
                    content[name] = list(stream.elements())
            stream.end()
    except _NOT_JSON as error:
        raise _reason(path, error) from error
    check_layout(content, path)
    return content


class AnnotationFile(Sequence):
    """The annotations in a file, each of them read when it is asked for.

    Args:
        path: The file.
        stream: The same file, just before the list of the annotations.
    """

    def __init__(self, path: str, stream: JsonStream) -> None:
        self._path = path
        self._decode = json.JSONDecoder().raw_decode
        self._starts, self._sizes = array('q'), array('q')
        self._image_ids: list[Any] = []
        for start, text in stream.spans():
            self._starts.append(start)
            self._sizes.append(len(text.encode()))
            self._image_ids.append(self._image_id(text))
        self._file = Path(path).open('rb')  # noqa: SIM115 - open until nobody needs it

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, place: int) -> Any:
        self._file.seek(self._starts[place])
        content = self._file.read(self._sizes[place])
        try:
            return self._decode(content.decode())[0]
        except _NOT_JSON as error:
            raise _reason(self._path, error) from error

    def __del__(self) -> None:
        if hasattr(self, '_file'):
            self._file.close()

    def image_ids(self) -> Iterator[Hashable]:
        """The ``image_id`` of each; what has none raises the error of looking it up."""
        for place, image_id in enumerate(self._image_ids):
            yield self[place]['image_id'] if image_id is ... else image_id

    def _image_id(self, text: str) -> Any:
        """The ``image_id`` of an annotation, ``...`` if it has none."""
        # an annotation that is flat, as nearly all are, is not worth decoding for it
        flat = text.rfind('{') == 0 and '\\' not in text
        found = _IMAGE_ID.search(text) if flat else None
        if found:
            return int(found[1])
        ann, _ = self._decode(text)
        return ann.get('image_id', ...) if isinstance(ann, dict) else ...


def _reason(path: str, error: Exception) -> ValueError:
    """What is wrong with a file that could not be read part by part."""
    load_coco(path)  # says it, and where
    return ValueError(f'{path!r} has changed while it was read ({error}); try again.')

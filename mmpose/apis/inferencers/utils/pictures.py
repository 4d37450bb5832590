"""The pictures of an inference call: from files, folders, arrays and videos."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from mmpose.apis.input_pipeline import Image, check_array

from .videos import Camera, Video, camera_index

PICTURE_SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.webp', '.tif', '.tiff', '.ppm', '.pgm')
VIDEO_SUFFIXES = ('.mp4', '.avi', '.mov', '.mkv', '.webm', '.m4v')
_SUPPORTED = (
    "a picture file, a folder of pictures, a video file, a camera as 'webcam:0', an (H, W, 3) "
    'uint8 BGR array, a list of these, or an iterator of pictures'
)

Inputs = Image | Sequence[Image] | Iterator[Image]


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture to predict on.

    Attributes:
        source: Path or (H, W, 3) uint8 BGR array.
        name: File name for its results, unlike that of any other picture of the call.
        video: The file it comes from, if that is a video; of a camera, the name of its results.
        fps: Frames per second of the video; 0 if not known.
        frame: Which frame of the video it is, or of the frames that an iterator gives.
    """

    source: Image
    name: str
    video: Path | None = None
    fps: float = 0.0
    frame: int | None = None

    @property
    def seconds(self) -> float | None:
        """When it is to be seen, from the start of its video; ``None`` if that is not known."""
        return self.frame / self.fps if self.fps and self.frame is not None else None


class Pictures:
    """All pictures of a call, videos read frame by frame.

    Args:
        inputs: A picture file, a folder of pictures, a video file, ``'webcam:0'``, an (H, W, 3)
            uint8 BGR array, a list of these, or an iterator of pictures, which may be endless.

    Raises:
        FileNotFoundError: There is no such file, or a folder has no picture.
        TypeError: An input is something else, or an array is not of type uint8.
        ValueError: An array is not (H, W, 3), a video cannot be read, or there is no input at all.
        RuntimeError: There is no such camera.
    """

    def __init__(self, inputs: Inputs) -> None:
        if isinstance(inputs, Iterator):
            self._sources: list[Any] = [inputs]
            return
        entries = list(inputs) if isinstance(inputs, list | tuple) else [inputs]
        if not entries:
            raise ValueError(f'The list of inputs is empty; give {_SUPPORTED}.')
        self._sources = [source for entry in entries for source in _sources(entry)]

    @property
    def count(self) -> int | None:
        """How many there are; ``None`` for a camera or an iterator, whose end is not known."""
        if any(isinstance(source, Camera | Iterator) for source in self._sources):
            return None
        return sum(len(s) if isinstance(s, Video) else 1 for s in self._sources)

    def __len__(self) -> int:
        if self.count is None:
            raise TypeError('It is not known how many pictures a camera or an iterator gives.')
        return self.count

    def __iter__(self) -> Iterator[Picture]:
        seen: Counter[str] = Counter()
        index = 0
        for source in self._sources:
            if isinstance(source, Video | Camera):
                file = source.path if isinstance(source, Video) else Path(f'{source.name}.mp4')
                path = file.with_stem(_unlike(file.stem, seen))
                for i, frame in enumerate(source):
                    yield Picture(frame, f'{path.stem}_{i:06d}.jpg', path, source.fps, i)
                    index += 1
            elif isinstance(source, Iterator):
                for i, image in enumerate(source):
                    # no register of names: it would grow for as long as the stream lasts
                    yield Picture(image, f'{i:08d}.jpg', frame=i)
            else:
                is_array = isinstance(source, np.ndarray)
                name = Path(f'{index:08d}.jpg' if is_array else urlsplit(str(source)).path)
                yield Picture(source, _unlike(name.stem, seen) + name.suffix)
                index += 1


def _sources(entry: Any) -> Iterator[Image | Video | Camera]:
    if isinstance(entry, np.ndarray):
        check_array(entry)
        yield entry
        return
    if not isinstance(entry, str | PathLike):
        raise TypeError(f'An input is a {type(entry).__name__}; give {_SUPPORTED}.')
    text = str(entry)
    if (camera := camera_index(text)) is not None:
        yield Camera(camera)
        return
    path = Path(text)
    if '://' in text:
        yield text
    elif path.is_dir():
        files = sorted(p for p in path.iterdir() if p.suffix.lower() in PICTURE_SUFFIXES)
        if not files:
            raise FileNotFoundError(
                f'The folder {text} has no picture: no file ends in {", ".join(PICTURE_SUFFIXES)}.'
            )
        yield from map(str, files)
    elif not path.is_file():
        raise FileNotFoundError(f'The input {text} does not exist; give {_SUPPORTED}.')
    elif path.suffix.lower() in VIDEO_SUFFIXES:
        yield Video(path)
    else:
        yield text


def _unlike(stem: str, seen: Counter[str]) -> str:
    """``stem``, with a number if it was there before."""
    seen[stem] += 1
    return stem if seen[stem] == 1 else _unlike(f'{stem}_{seen[stem] - 1}', seen)

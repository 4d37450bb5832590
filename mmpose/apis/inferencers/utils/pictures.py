"""The pictures of an inference call: from files, folders, arrays and videos."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import numpy as np
from mmcv import VideoReader

from mmpose.apis.input_pipeline import Image, check_array

PICTURE_SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.webp', '.tif', '.tiff', '.ppm', '.pgm')
VIDEO_SUFFIXES = ('.mp4', '.avi', '.mov', '.mkv', '.webm', '.m4v')
_SUPPORTED = (
    'a picture file, a folder of pictures, a video file, an (H, W, 3) uint8 BGR array, or a list '
    'of these'
)

Inputs = Image | Sequence[Image]


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture to predict on.

    Attributes:
        source: Path or (H, W, 3) uint8 BGR array.
        name: File name for its results, unlike that of any other picture of the call.
        video: The file it comes from, if that is a video.
        fps: Frames per second of the video.
    """

    source: Image
    name: str
    video: Path | None = None
    fps: float = 0.0


class Pictures:
    """All pictures of a call, videos read frame by frame.

    Args:
        inputs: A picture file, a folder of pictures, a video file, an (H, W, 3) uint8 BGR array,
            or a list of these.

    Raises:
        FileNotFoundError: There is no such file, or a folder has no picture.
        TypeError: An input is something else, or an array is not of type uint8.
        ValueError: An array is not (H, W, 3), or there is no input at all.
        NotImplementedError: A camera is asked for.
    """

    def __init__(self, inputs: Inputs) -> None:
        entries = list(inputs) if isinstance(inputs, list | tuple) else [inputs]
        if not entries:
            raise ValueError(f'The list of inputs is empty; give {_SUPPORTED}.')
        self._sources = [source for entry in entries for source in _sources(entry)]

    def __len__(self) -> int:
        return sum(len(s.frames) if isinstance(s, _Video) else 1 for s in self._sources)

    def __iter__(self) -> Iterator[Picture]:
        seen: Counter[str] = Counter()
        index = 0
        for source in self._sources:
            if isinstance(source, _Video):
                path = source.path.with_stem(_unlike(source.path.stem, seen))
                for i, frame in enumerate(source.frames):
                    yield Picture(frame, f'{path.stem}_{i:06d}.jpg', path, source.frames.fps)
                index += len(source.frames)
            else:
                is_array = isinstance(source, np.ndarray)
                name = Path(f'{index:08d}.jpg' if is_array else urlsplit(str(source)).path)
                yield Picture(source, _unlike(name.stem, seen) + name.suffix)
                index += 1


class _Video(NamedTuple):
    path: Path
    frames: VideoReader


def _sources(entry: Any) -> Iterator[Image | _Video]:
    if isinstance(entry, np.ndarray):
        check_array(entry)
        yield entry
        return
    if not isinstance(entry, str | PathLike):
        raise TypeError(f'An input is a {type(entry).__name__}; give {_SUPPORTED}.')
    text = str(entry)
    if text == 'webcam' or text.startswith('webcam:'):
        raise NotImplementedError(f'Cameras ({text!r}) are not supported; give {_SUPPORTED}.')
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
        yield _video(path)
    else:
        yield text


def _video(path: Path) -> _Video:
    frames = VideoReader(str(path))
    if not frames.opened or not len(frames):
        raise ValueError(f'The video {path} could not be read; is it a whole video file?')
    return _Video(path, frames)


def _unlike(stem: str, seen: Counter[str]) -> str:
    """``stem``, with a number if it was there before."""
    seen[stem] += 1
    return stem if seen[stem] == 1 else _unlike(f'{stem}_{seen[stem] - 1}', seen)

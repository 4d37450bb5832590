"""Writing pictures out of videos and arrays; those that are there already stay as they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from .errors import ConversionError
from .sources import track

JPEG_QUALITY = 95  # of 100


def save_picture(path: Path, image: np.ndarray) -> None:
    """Write a picture unless the file is there; ``.jpg`` with a quality of 95.

    Args:
        path: Its suffix tells the format; its folder is made if absent.
        image: (H, W, 3) BGR, or (H, W) or (H, W, 1) grey.
    """
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    options = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    _, data = cv2.imencode(path.suffix, np.ascontiguousarray(image), options)
    # under another name first: what is there when a run is broken off is whole
    unfinished = path.with_name(f'{path.name}.part')
    unfinished.write_bytes(data.tobytes())
    unfinished.replace(path)


def save_frames(video: Path, frames: Mapping[Path, int]) -> list[Path]:
    """Write the frames of a video that are not there yet; returns those that it does not have.

    The video is read from its start, because seeking in it is not exact for every coding.

    Args:
        video: The file; it is not opened if all frames are there.
        frames: The index of the frame, from 0, by the file to write.

    Raises:
        FileNotFoundError: There is no such video.
        ConversionError: It cannot be opened.
    """
    wanted: dict[int, list[Path]] = {}
    for path, index in frames.items():
        if not path.exists():
            wanted.setdefault(index, []).append(path)
    if wanted:
        with _opened(video) as capture:
            for index in track(range(max(wanted) + 1)):
                if not capture.grab():
                    break
                if index in wanted:
                    image = capture.retrieve()[1]
                    for path in wanted.pop(index):
                        save_picture(path, image)
    return [path for paths in wanted.values() for path in paths]


def extract_frames(video: Path, indices: Iterable[int], folder: Path) -> dict[int, Path]:
    """Write frames of a video as ``000123.png``; returns the paths of those it has, by index.

    Args:
        video: As for :func:`save_frames`, and so is what is raised.
        indices: Which frames, from 0.
        folder: Where to; made if absent.
    """
    paths = {index: folder / f'{index:06d}.png' for index in indices}
    missing = save_frames(video, {path: index for index, path in paths.items()})
    return {index: path for index, path in paths.items() if path not in missing}


def frame_rate(video: Path) -> float:
    """Frames in a second.

    Raises:
        FileNotFoundError: There is no such video.
        ConversionError: It cannot be opened.
    """
    with _opened(video) as capture:
        return capture.get(cv2.CAP_PROP_FPS)


@contextmanager
def _opened(video: Path) -> Iterator[cv2.VideoCapture]:
    if not video.is_file():
        raise FileNotFoundError(
            f'There is no video {str(video)!r}, which pictures are to be taken from.'
        )
    capture = cv2.VideoCapture(str(video))
    try:
        if not capture.isOpened():
            raise ConversionError(f'{str(video)!r} cannot be opened as a video.')
        yield capture
    finally:
        capture.release()

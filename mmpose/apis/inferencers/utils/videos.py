"""Frames of video files and cameras."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from mmengine.logging import print_log


class Video:
    """A video file, read frame by frame from its start each time it is iterated over.

    A file that ends too early, as an interrupted recording does, gives the frames that there are,
    and a warning.

    Attributes:
        path: The file.
        fps: Frames per second, 0 if the file does not tell.
        num_frames: How many frames the file claims to have, 0 if it does not tell.

    Raises:
        ValueError: The file is no video.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        capture = cv2.VideoCapture(str(path))
        if not capture.isOpened() or not capture.grab():
            raise ValueError(
                f'The video {path} could not be read; is it a whole video file, and of a kind that '
                'OpenCV knows? `ffmpeg -i FILE out.mp4` converts most others.'
            )
        self.fps = float(capture.get(cv2.CAP_PROP_FPS)) or 0.0
        self.num_frames = max(int(capture.get(cv2.CAP_PROP_FRAME_COUNT)), 0)
        capture.release()

    def __len__(self) -> int:
        return self.num_frames

    def __iter__(self) -> Iterator[np.ndarray]:
        capture = cv2.VideoCapture(str(self.path))
        count = 0
        try:
            while (frame := _next_frame(capture)) is not None:
                count += 1
                yield frame
        finally:
            capture.release()
        if count < self.num_frames:
            print_log(
                f'The video {self.path} ends after {count} of the {self.num_frames} frames that it '
                'claims to have: it is truncated or damaged. The results until there are whole.',
                logger='current',
                level=logging.WARNING,
            )


class Camera:
    """A camera, read until its reader stops.

    Attributes:
        name: Such as 'webcam' for the results of it.
        fps: Frames per second, 0 if the camera does not tell.

    Raises:
        RuntimeError: There is no such camera.
    """

    def __init__(self, index: int) -> None:
        self.name = f'webcam{index or ""}'
        self._capture = cv2.VideoCapture(index)
        if not self._capture.isOpened():
            raise RuntimeError(
                f'The camera {index} could not be opened: it is not there, another program has it, '
                "or this user may not use it. 'webcam:1' is the second camera."
            )
        # the newest frame counts, not those that waited for it
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        self.fps = float(self._capture.get(cv2.CAP_PROP_FPS)) or 0.0

    def __iter__(self) -> Iterator[np.ndarray]:
        try:
            while (frame := _next_frame(self._capture)) is not None:
                yield frame
        finally:
            self._capture.release()


def camera_index(text: str) -> int | None:
    """The number of the camera that ``'webcam'`` or ``'webcam:N'`` asks for; ``None`` if neither.

    Raises:
        ValueError: N is no number.
    """
    name, _, number = text.partition(':')
    if name != 'webcam':
        return None
    if not number.isdigit() and number:
        raise ValueError(f"The input is {text!r}; give a camera's number, such as 'webcam:0'.")
    return int(number or 0)


def _next_frame(capture: cv2.VideoCapture) -> np.ndarray | None:
    read, frame = capture.read()
    return frame if read else None

"""Frames of video files that nobody has vouched for."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Lock
from typing import NamedTuple

import cv2
import numpy as np

from .errors import RequestError
from .limits import Limits
from .pictures import check_size

VIDEO_TYPES = (
    'video/mp4',
    'video/webm',
    'video/quicktime',
    'video/x-matroska',
    'video/x-msvideo',
)
# Where a mark stands and which. Playlists, which FFmpeg reads too, could name other files and
# hosts, so that the container is known before FFmpeg sees the file.
_MARKS = ((4, b'ftyp'), (0, b'\x1a\x45\xdf\xa3'), (8, b'AVI '))


class Frame(NamedTuple):
    """One frame of a video.

    Attributes:
        index: From 0, counted in the video.
        timestamp: Seconds from its start.
        picture: (H, W, 3) uint8 BGR.
    """

    index: int
    timestamp: float
    picture: np.ndarray


class Video:
    """The frames of a video file, decoded as they are asked for.

    Args:
        path: The file.
        limits: How large and how long it may be.
        step: Every how many frames one is looked at.

    Raises:
        RequestError: It is no MP4, WebM, Matroska or AVI file, is damaged, or too large.
    """

    def __init__(self, path: str, limits: Limits, step: int = 1) -> None:
        self._limits, self._step = limits, step
        self._lock, self._closed = Lock(), False
        _check_container(path)
        self._capture = cv2.VideoCapture(path, cv2.CAP_FFMPEG)
        if not self._capture.isOpened():
            raise RequestError(
                400, 'damaged', 'The video cannot be decoded; the file is damaged or its codec is '
                'unknown. Videos with H.264 (MP4) or VP9 (WebM) can be.'
            )  # fmt: skip
        try:
            self._check_header()
        except RequestError:
            self.close()
            raise

    def __iter__(self) -> Iterator[Frame]:
        """The frames.

        Raises:
            RequestError: There are more than allowed, or none.
        """
        for sent in range(self._limits.max_frames + 1):
            index = sent * self._step
            picture = self._decode(skip=self._step - 1 if sent else 0)
            if picture is None:
                break
            if sent == self._limits.max_frames:
                raise self._too_long(f'more than {sent} frames')
            yield Frame(index, round(index / self._fps, 6), picture)
        if index == 0:
            raise RequestError(400, 'damaged', 'The video has no frame that can be decoded.')

    def close(self) -> None:
        """Let go of the file, as soon as no other thread decodes a frame."""
        with self._lock:
            self._closed = True
            self._capture.release()

    def _decode(self, skip: int) -> np.ndarray | None:
        """The next picture after some that are skipped; ``None`` at the end."""
        for _ in range(skip):
            with self._lock:
                if self._closed or not self._capture.grab():
                    return None
        with self._lock:
            return None if self._closed else self._capture.read()[1]

    def _check_header(self) -> None:
        get = self._capture.get
        self._fps = get(cv2.CAP_PROP_FPS) or 25.0
        width, height = get(cv2.CAP_PROP_FRAME_WIDTH), get(cv2.CAP_PROP_FRAME_HEIGHT)
        check_size(int(width), int(height), self._limits, 'video')
        # a guess, and negative where the file does not say
        frames = int(get(cv2.CAP_PROP_FRAME_COUNT))
        if -(-frames // self._step) > self._limits.max_frames:
            raise self._too_long(f'{frames} frames')

    def _too_long(self, found: str) -> RequestError:
        limit = self._limits.max_frames
        return RequestError(
            413, 'too_many_frames', f'The video has {found}; {limit} are taken. Cut it, look at '
            'fewer by a higher `step`, or start the server with a higher --max-frames.'
        )  # fmt: skip


def _check_container(path: str) -> None:
    with open(path, 'rb') as file:
        head = file.read(16)
    if not any(head[start : start + len(mark)] == mark for start, mark in _MARKS):
        raise RequestError(
            415, 'unknown_format', 'The data is no MP4, QuickTime, WebM, Matroska or AVI video; '
            'send one of these.'
        )  # fmt: skip

"""Which frames of a video go together into one item."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True, eq=False)
class FrameWindows(Sequence):
    """Sequences of T frames, each (T,) and made when it is asked for; a slice has fewer of them.

    A frame that would lie before its video or behind it is the first or the last one instead.

    Attributes:
        order: (N,) frames, video after video. What follows counts places in it.
        anchors: (W,) the place that each window is laid at.
        first: (W,) where the window's video begins.
        last: (W,) where the window's video ends, inclusive.
        offsets: (T,) places of the window's frames from its anchor.
    """

    order: np.ndarray
    anchors: np.ndarray
    first: np.ndarray
    last: np.ndarray
    offsets: np.ndarray

    def __len__(self) -> int:
        return len(self.anchors)

    def __getitem__(self, index: int | slice) -> np.ndarray | FrameWindows:
        anchor, first, last = self.anchors[index], self.first[index], self.last[index]
        if isinstance(index, slice):
            return replace(self, anchors=anchor, first=first, last=last)
        return self.order[np.clip(anchor + self.offsets, first, last)]


def cut_windows(
    videos: np.ndarray, length: int, step: int = 1, stride: int = 1, before: int | None = None
) -> FrameWindows:
    """The windows of all videos, from the first video's first to the last one's last.

    Args:
        videos: (N,) for each frame the number of its video, from 0.
        length: Frames of a window, T.
        step: Distance of a window's frames: 2 takes every other frame.
        stride: Distance of the windows.
        before: ``None``: windows lie inside their videos. Otherwise one is laid around each
            ``stride``-th frame, with so many frames before that; see :class:`FrameWindows`.
    """
    order = np.argsort(videos, kind='stable')
    counts = np.bincount(videos)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    last = first + np.repeat(counts, counts) - 1
    places = np.arange(len(order))
    offsets = (np.arange(length) - (before or 0)) * step
    chosen = (places - first) % stride == 0
    if before is None:
        chosen &= places + offsets[-1] <= last
    return FrameWindows(order, places[chosen], first[chosen], last[chosen], offsets)


def number_videos(keys: Sequence[Hashable]) -> np.ndarray:
    """For each frame the number of its video, (N,): its key's place among the sorted keys."""
    numbers = {key: number for number, key in enumerate(sorted(set(keys)))}
    return np.fromiter((numbers[key] for key in keys), dtype=np.int64, count=len(keys))

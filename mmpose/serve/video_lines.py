"""The poses of a video, a line of JSON for each frame."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any, TypeVar

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from mmpose.results import PoseResult
from mmpose.results.records import RecordLines, encoded

from .errors import RequestError
from .videos import Frame, Video
from .worker import Slot, Worker

T = TypeVar('T')


class LinesResponse(StreamingResponse):
    """Lines that are sent as they come.

    Args:
        lines: The lines.
        stack: Closed at the end, however it comes; even if no line was asked for.
    """

    def __init__(self, lines: AsyncIterator[bytes], stack: AsyncExitStack) -> None:
        super().__init__(lines, media_type='application/x-ndjson')
        self._stack = stack

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send them."""
        async with self._stack:
            await super().__call__(scope, receive, send)


class VideoPoses:
    """Runs a model on the frames of a video.

    Args:
        worker: Runs the model.
        slot: The place of the request.
        options: Of ``predict``.
        kpt_thr: Keypoints of a lower confidence are left out.
        track: Whether people get ids that stay.
        deadline: When to end, on the clock of :func:`time.monotonic`.
    """

    def __init__(
        self,
        worker: Worker,
        slot: Slot,
        options: Mapping[str, Any],
        kpt_thr: float,
        track: bool,
        deadline: float,
    ) -> None:
        self._worker, self._slot, self._options = worker, slot, options
        self._kpt_thr, self._track, self._deadline = kpt_thr, track, deadline
        self._tracker: Any = None

    async def lines(self, video: Video) -> AsyncIterator[bytes]:
        """A line for each frame; the last one tells an error, if there was one."""
        records, frames, index = RecordLines(), iter(video), 0
        try:
            while (
                frame := await self._in_time(asyncio.to_thread(_next, frames), index)
            ) is not None:
                index = frame.index
                result = await self._in_time(self._result(frame), index)
                yield encoded(f'{await asyncio.to_thread(records.of, result)}\n')
        except RequestError as error:
            yield encoded(f'{error.to_json()}\n')

    async def _in_time(self, step: Awaitable[T], index: int) -> T:
        left = max(self._deadline - time.monotonic(), 0)
        try:
            return await asyncio.wait_for(step, left)
        except asyncio.TimeoutError as error:
            raise RequestError(
                504, 'timeout', f'The time for a video was over at frame {index}; cut it, look '
                'at fewer frames by a higher `step`, or start the server with a higher '
                '--max-video-seconds.'
            ) from error  # fmt: skip

    async def _result(self, frame: Frame) -> PoseResult:
        prediction = await self._worker.run(self._slot, frame.picture, self._options)
        result = replace(
            prediction.result,
            source=None,
            size=frame.picture.shape[:2],
            frame_index=frame.index,
            timestamp=frame.timestamp,
        )
        if self._track and result.bboxes is not None:
            result.track_ids = await asyncio.to_thread(self._ids, result)
        return result.filter(min_conf=self._kpt_thr)

    def _ids(self, result: PoseResult) -> Any:
        from mmpose.tracking import Tracker

        if self._tracker is None:
            sigmas = result.metainfo['sigmas']
            self._tracker = Tracker(sigmas=sigmas if len(sigmas) else None)
        return self._tracker.update(
            result.bboxes,
            result.bbox_scores,
            result.keypoints,
            result.keypoint_scores,
            result.frame_index,
        )


def _next(frames: Iterator[Frame]) -> Frame | None:
    """The next one; ``None`` at the end, for StopIteration does not pass through a future."""
    return next(frames, None)

"""The one thread that runs the model."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from .errors import RequestError

if TYPE_CHECKING:
    from mmpose.results import PoseResult, PoseResults

_LOGGER = logging.getLogger('mmpose.serve')
# (height, width) of the black picture that a model sees before the first request
_FIRST_PICTURE = (240, 320)


class Predictor(Protocol):
    """What is served, such as :class:`mmpose.apis.MMPoseInferencer`."""

    def predict(
        self,
        inputs: list[np.ndarray],
        *,
        bboxes: np.ndarray | None = None,
        bbox_thr: float = 0.3,
        nms_thr: float = 0.3,
    ) -> PoseResults:
        """A result for each picture, (H, W, 3) uint8 BGR."""


class Prediction(NamedTuple):
    """A result and how long it took.

    Attributes:
        result: The poses.
        wait_ms: Milliseconds until the model was free.
        model_ms: Milliseconds of the model.
    """

    result: PoseResult
    wait_ms: float
    model_ms: float


class Worker:
    """Runs a model for one picture at a time, and keeps count of the requests.

    Args:
        predictor: The model.
        max_requests: How many requests there may be at the same time.
    """

    def __init__(self, predictor: Predictor, max_requests: int) -> None:
        self._predictor, self._max = predictor, max_requests
        self._thread = ThreadPoolExecutor(1, thread_name_prefix='mmpose-serve')
        self.requests = 0

    def metainfo(self) -> Mapping:
        """The keypoint definition of the model, from its result for a black picture.

        The first call of a model is slow, so this one also spares the first user the wait.
        """
        black = np.zeros((*_FIRST_PICTURE, 3), np.uint8)
        return self._thread.submit(self._predictor.predict, [black]).result()[0].metainfo

    def enter(self) -> Slot:
        """A place for a request.

        Raises:
            RequestError: There are as many as there may be.
        """
        if self.requests >= self._max:
            raise RequestError(
                503,
                'busy',
                f'The server works on {self._max} requests already; try again in a second.',
                retry_after=1,
            )
        return Slot(self)

    async def run(self, slot: Slot, picture: np.ndarray, options: Mapping[str, Any]) -> Prediction:
        """The prediction for a picture.

        Args:
            slot: The place of the request; it stays taken while the model runs, even if nobody
                waits for the answer any more.
            picture: (H, W, 3) uint8 BGR.
            options: Of ``predict``.

        Raises:
            RequestError: The model failed.
        """
        future = self._thread.submit(self._predict, picture, options, time.perf_counter())
        slot.hold(future, asyncio.get_running_loop())
        try:
            return await asyncio.wrap_future(future)
        except Exception as error:
            _LOGGER.exception('The model failed.')
            raise RequestError(
                500,
                'model_failed',
                f'The model failed with {type(error).__name__}; the output of the server has more.',
            ) from error

    def close(self) -> None:
        """Drop what waits; what the model is busy with ends by itself."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _predict(
        self, picture: np.ndarray, options: Mapping[str, Any], submitted: float
    ) -> Prediction:
        started = time.perf_counter()
        (result,) = self._predictor.predict([picture], **options)
        ended = time.perf_counter()
        return Prediction(result, 1e3 * (started - submitted), 1e3 * (ended - started))


class Slot:
    """The place of a request among those at the same time, for a ``with`` statement."""

    def __init__(self, worker: Worker) -> None:
        self._worker, self._uses = worker, 0

    def __enter__(self) -> Slot:
        self._worker.requests += 1
        self._uses = 1
        return self

    def __exit__(self, *error: object) -> None:
        self._leave()

    def hold(self, future: Future, loop: asyncio.AbstractEventLoop) -> None:
        """Keep the place until the future is done."""
        self._uses += 1
        future.add_done_callback(lambda _: _call_in(loop, self._leave))

    def _leave(self) -> None:
        self._uses -= 1
        self._worker.requests -= not self._uses


def _call_in(loop: asyncio.AbstractEventLoop, function: Callable[[], None]) -> None:
    # a loop that has ended counts no requests
    if not loop.is_closed():
        loop.call_soon_threadsafe(function)

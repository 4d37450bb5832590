"""The pages and the HTTP interface."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from mmpose.results.records import encoded, record_text
from mmpose.results.skeleton import to_plain
from mmpose.version import __version__

from . import schemas
from .errors import RequestError
from .limits import Limits
from .pictures import PICTURE_TYPES, decode_picture, parse_boxes
from .security import Guard
from .uploads import Upload
from .video_lines import LinesResponse, VideoPoses
from .videos import VIDEO_TYPES, Video
from .worker import Prediction, Predictor, Slot, Worker

STATIC = Path(__file__).parent / 'static'

_KPT_THR = Query(ge=0, le=1, description='keypoints of a lower confidence are null')
_BBOX_THR = Query(ge=0, le=1, description='detected boxes that do not score higher are left out')
_NMS_THR = Query(ge=0, le=1, description='of detected boxes that overlap more, the best is kept')
_BOXES = Query(description='JSON: (N, 4) left, top, right, bottom in pixels; else the detector')
_STEP = Query(ge=1, le=10000, description='every how many frames one is looked at')
_TRACK = Query(description='whether people get ids that stay over the frames')


def _answer_of(model: type, description: str) -> dict[str, Any]:
    return dict(model=model, description=description)


_REFUSED = {403: _answer_of(schemas.ErrorAnswer, 'another host or origin')}
_ERRORS = {
    status: _answer_of(schemas.ErrorAnswer, description)
    for status, description in {
        400: 'no file, or a damaged one',
        413: 'too large: bytes, pixels or frames',
        415: 'not a kind of file that is taken',
        422: 'a bad value in the query',
        500: 'the model failed',
        503: 'too many requests at the same time; Retry-After tells seconds',
        504: 'it took too long',
    }.items()
}


def build_app(
    predictor: Predictor, name: str, limits: Limits, hosts: Collection[str] | None
) -> FastAPI:
    """See :func:`mmpose.serve.create_app`."""
    service = PoseService(predictor, name, limits)
    app = FastAPI(
        title='mmpose serve',
        version=__version__,
        description='Poses in pictures and videos.',
        openapi_url='/api/openapi.json',
        docs_url=None,
        redoc_url=None,
        lifespan=service.lifespan,
    )
    app.add_middleware(Guard, hosts=hosts)
    app.add_exception_handler(RequestError, _refusal)
    app.add_exception_handler(RequestValidationError, _bad_value)
    app.add_exception_handler(HTTPException, _no_such_page)
    app.add_exception_handler(ClientDisconnect, _nobody_listens)
    _add_routes(app, service)
    app.mount('/static', StaticFiles(directory=STATIC))
    return app


class PoseService:
    """What the interface does, with one model.

    Args:
        predictor: The model.
        name: What the page calls it.
        limits: What a request may ask for.
    """

    def __init__(self, predictor: Predictor, name: str, limits: Limits) -> None:
        self._limits = limits
        self._worker = Worker(predictor, limits.max_requests)
        model = dict(
            name=name,
            version=__version__,
            metainfo=to_plain(self._worker.metainfo()),
            limits=limits.to_dict(),
            picture_types=PICTURE_TYPES,
            video_types=VIDEO_TYPES,
        )
        self._model = json.dumps(model, ensure_ascii=False).encode()

    @asynccontextmanager
    async def lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        """From the start of the server to its end."""
        yield
        self._worker.close()

    async def model(self) -> Response:
        """The model: its keypoints, their links and colours, and the limits."""
        return _json(self._model)

    async def health(self) -> Response:
        """Whether the server runs, and how busy it is."""
        return _json(json.dumps(dict(status='ok', requests=self._worker.requests)).encode())

    async def predict(
        self,
        request: Request,
        kpt_thr: Annotated[float, _KPT_THR] = 0.0,
        bbox_thr: Annotated[float, _BBOX_THR] = 0.3,
        nms_thr: Annotated[float, _NMS_THR] = 0.3,
        bboxes: Annotated[str | None, _BOXES] = None,
    ) -> Response:
        """The poses in a picture, which is the body, or the first file of a form."""
        upload = Upload(request, self._limits.max_bytes, PICTURE_TYPES, 'picture')
        options = dict(bboxes=parse_boxes(bboxes, self._limits), bbox_thr=bbox_thr, nms_thr=nms_thr)
        try:
            with self._worker.enter() as slot:
                answer = self._answer(upload, slot, options, kpt_thr)
                return _json(await _within(self._limits, 'max_seconds', answer))
        except RequestError:
            await upload.discard()
            raise

    async def _answer(
        self, upload: Upload, slot: Slot, options: dict[str, Any], kpt_thr: float
    ) -> bytes:
        started = time.perf_counter()
        data = await upload.read()
        picture = await asyncio.to_thread(decode_picture, data, self._limits)
        decoded = time.perf_counter()
        prediction = await self._worker.run(slot, picture, options)
        spent = dict(decode_ms=1e3 * (decoded - started))
        size = picture.shape[:2]
        return await asyncio.to_thread(_record, prediction, size, kpt_thr, spent, started)

    async def video(
        self,
        request: Request,
        kpt_thr: Annotated[float, _KPT_THR] = 0.0,
        bbox_thr: Annotated[float, _BBOX_THR] = 0.3,
        nms_thr: Annotated[float, _NMS_THR] = 0.3,
        step: Annotated[int, _STEP] = 1,
        track: Annotated[bool, _TRACK] = True,
    ) -> Response:
        """The poses in a video, a line of JSON for each frame as soon as it is done.

        The first line has the keypoint definition (`metainfo`). An error after the first line is
        the last line, in the form of other errors.
        """
        deadline = time.monotonic() + self._limits.max_video_seconds
        upload = Upload(request, self._limits.max_bytes, VIDEO_TYPES, 'video')
        options = dict(bbox_thr=bbox_thr, nms_thr=nms_thr)
        async with AsyncExitStack() as stack:
            try:
                slot = stack.enter_context(self._worker.enter())
                path = Path(stack.enter_context(tempfile.TemporaryDirectory())) / 'video'
                with path.open('wb') as file:
                    await _within(self._limits, 'max_video_seconds', upload.save(file))
                video = await asyncio.to_thread(Video, str(path), self._limits, step)
            except RequestError:
                await upload.discard()
                raise
            stack.push_async_callback(asyncio.to_thread, video.close)
            poses = VideoPoses(self._worker, slot, options, kpt_thr, track, deadline)
            return LinesResponse(poses.lines(video), stack.pop_all())


def _add_routes(app: FastAPI, service: PoseService) -> None:
    lines = dict(content={'application/x-ndjson': {}}, description='a line for each frame')
    reads = {
        '/api/model': (service.model, _answer_of(schemas.ModelAnswer, 'the model')),
        '/api/health': (service.health, _answer_of(schemas.HealthAnswer, 'it runs')),
    }
    for path, (call, answer) in reads.items():
        responses = {200: answer, **_REFUSED}
        app.add_api_route(path, call, response_model=None, responses=responses)
    found = _answer_of(schemas.PredictionAnswer, 'the poses')
    uploads = {
        '/api/predict': (service.predict, found, _body('image', PICTURE_TYPES)),
        '/api/video': (service.video, lines, _body('video', VIDEO_TYPES)),
    }
    for path, (call, answer, body) in uploads.items():
        app.add_api_route(
            path,
            call,
            methods=['POST'],
            response_model=None,
            responses={200: answer, **_REFUSED, **_ERRORS},
            openapi_extra=dict(requestBody=body),
        )
    for path, file in {'/': 'index.html', '/api': 'api.html'}.items():
        app.add_api_route(path, _page(file), include_in_schema=False)


def _page(file: str) -> Any:
    async def page() -> FileResponse:
        return FileResponse(STATIC / file)

    return page


def _body(name: str, types: Collection[str]) -> dict[str, Any]:
    binary = dict(type='string', format='binary')
    form = dict(type='object', properties={name: binary}, required=[name])
    content = {'multipart/form-data': dict(schema=form)}
    return dict(required=True, content=content | {kind: dict(schema=binary) for kind in types})


async def _within(limits: Limits, name: str, answer: Awaitable[Any]) -> Any:
    seconds = getattr(limits, name)
    try:
        return await asyncio.wait_for(answer, seconds)
    except asyncio.TimeoutError as error:
        raise RequestError(
            504,
            'timeout',
            f'There was no answer within {seconds:g} s; send a smaller file, or start the server '
            f'with a higher --{name.replace("_", "-")}.',
        ) from error


def _record(
    prediction: Prediction,
    size: tuple[int, int],
    kpt_thr: float,
    spent: dict[str, float],
    started: float,
) -> bytes:
    result = replace(prediction.result, source=None, size=size).filter(min_conf=kpt_thr)
    text = record_text(result, None)
    spent.update(
        wait_ms=prediction.wait_ms,
        model_ms=prediction.model_ms,
        total_ms=1e3 * (time.perf_counter() - started),
    )
    timing = json.dumps({name: round(value, 3) for name, value in spent.items()})
    return encoded(f'{text[:-1]},"timing":{timing}}}')


def _json(body: bytes) -> Response:
    return Response(body, media_type='application/json')


async def _refusal(request: Request, error: RequestError) -> Response:
    return Response(error.to_json(), error.status, error.headers, 'application/json')


async def _bad_value(request: Request, error: RequestValidationError) -> Response:
    faults = [
        f'{fault["loc"][-1]} is {str(fault.get("input"))[:80]!r}: {fault["msg"]}'
        for fault in error.errors()
    ]
    return await _refusal(request, RequestError(422, 'bad_value', '; '.join(faults) + '.'))


async def _no_such_page(request: Request, error: HTTPException) -> Response:
    message = f'{request.method} {request.url.path}: {error.detail}; /api lists what there is.'
    return await _refusal(request, RequestError(error.status_code, 'no_such_page', message))


async def _nobody_listens(request: Request, error: ClientDisconnect) -> Response:
    return await _refusal(request, RequestError(400, 'incomplete', 'The upload was cut off.'))

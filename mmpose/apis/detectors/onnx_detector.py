"""Detectors in ONNX files, as MMDeploy and YOLOX export them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from .configs import DEFAULT_SIZE
from .letterbox import Letterbox, in_pictures
from .protocol import Detections
from .published import RTMDET_MEAN, RTMDET_STD

if TYPE_CHECKING:
    import onnxruntime

# what layers are called in each family's files
_LAYERS = dict(rtmdet=b'rtm_cls', yolox=b'multi_level_conv_cls')
_STRIDES = (8, 16, 32)
_SCORE_THR = 0.01
_IOU_THR = 0.65


class OnnxDetector:
    """Finds boxes by an RTMDet or a YOLOX in an ONNX file.

    The outputs may be boxes with scores (B, N, 5) and classes (B, N), after the suppression of
    overlapping ones; boxes (B, N, 4) and scores (B, N, C) before it; or what a YOLOX has in each
    cell (B, A, 5 + C).

    Args:
        path: The file.
        family: ``'rtmdet'``, which takes normalised pictures, or ``'yolox'``, which takes them as
            they are; ``None`` finds it out by the outputs, the names of layers, or the path.
            What ``pipeline.json`` beside the file says comes first.
        device: Where to run it.
        size_wh: (w, h) of the input where neither the file nor ``pipeline.json`` beside it says;
            ``None`` for 640x640.

    Raises:
        FileNotFoundError: There is no such file.
        ImportError: onnxruntime is not installed.
        ValueError: The file is none of ONNX, or its kind is not known.
    """

    def __init__(
        self,
        path: str | PathLike,
        family: str | None = None,
        device: str | torch.device = 'cpu',
        size_wh: tuple[int, int] | None = None,
    ) -> None:
        path = Path(path)
        if not path.is_file():
            raise FileNotFoundError(f'The detector {path} does not exist; give the path of a file.')
        self._session = _session(path, torch.device(device))
        entry = self._session.get_inputs()[0]
        self._input, self._dtype = entry.name, _dtype(entry.type, path)
        shape = entry.shape
        if len(shape) != 4 or shape[1] != 3:
            raise ValueError(
                f'The input of {path} has the shape {shape}; (batch, 3, height, width) was '
                'expected.'
            )
        if isinstance(shape[0], int) and shape[0] != 1:
            raise ValueError(
                f'{path} takes {shape[0]} pictures at a time; export it with a batch of 1, or an '
                'open one.'
            )
        pipeline = _sdk_pipeline(path)
        if all(isinstance(side, int) for side in shape[2:]):
            pipeline['size'] = shape[3], shape[2]
        self.letterbox = Letterbox(pipeline.get('size') or size_wh or DEFAULT_SIZE)
        # a file of a fixed batch takes one picture at a time
        self.batch_size = 1 if isinstance(shape[0], int) else 16
        self.swap_channels = pipeline.get('to_rgb', False)
        self.mean, self.std = _normalisation(path, family, pipeline, self._session)

    def __call__(self, images: Sequence[np.ndarray]) -> list[Detections]:
        """The boxes in each picture, from the highest score down.

        Args:
            images: (H, W, 3) uint8 BGR each.

        Raises:
            ValueError: The outputs are none of those known.
        """
        found: list[Detections] = []
        for start in range(0, len(images), self.batch_size):
            batch, scales = self.letterbox(images[start : start + self.batch_size])
            outputs = self._session.run(None, {self._input: self._inputs(batch)})
            for scale, (boxes, scores, labels) in zip(scales, self._decode(outputs), strict=True):
                found.append(Detections(in_pictures(boxes, scale), scores, labels))
        return found

    def _inputs(self, batch: np.ndarray) -> np.ndarray:
        """(B, 3, H, W) of the type that the file takes."""
        inputs = torch.from_numpy(batch).permute(0, 3, 1, 2)
        inputs = inputs.flip(1) if self.swap_channels else inputs
        inputs = inputs.to(torch.float32, memory_format=torch.contiguous_format)
        if self.mean is not None:
            inputs.sub_(self.mean).div_(self.std)
        return inputs.numpy().astype(self._dtype, copy=False)

    def _decode(self, outputs: Sequence[np.ndarray]) -> list[tuple[np.ndarray, ...]]:
        """For each picture boxes, scores and labels, in pixels of the input."""
        first, *others = (output.astype(np.float32, copy=False) for output in outputs)
        last = first.shape[-1]
        axes = [output.ndim for output in outputs[:2]]
        cells = sum(np.prod([s // stride for s in self.letterbox.size_wh]) for stride in _STRIDES)
        if axes == [3, 2] and last == 5:
            return [_suppressed(*of_one) for of_one in zip(first, others[0], strict=True)]
        if axes == [3, 3] and last == 4:
            return [_choose(*of_one) for of_one in zip(first, others[0], strict=True)]
        if axes == [3] and last > 5 and first.shape[1] == cells:
            scores = first[..., 4:5] * first[..., 5:]
            boxes = _decode_cells(first[..., :4], self.letterbox.size_wh)
            return [_choose(*of_one) for of_one in zip(boxes, scores, strict=True)]
        shapes = [output.shape for output in outputs]
        raise ValueError(
            f'The outputs of the detector have the shapes {shapes}; known are boxes with scores '
            '(B, N, 5) and labels (B, N), boxes (B, N, 4) and scores (B, N, C), and the cells of a '
            f'YOLOX (B, {cells}, 5 + C).'
        )


def _session(path: Path, device: torch.device) -> onnxruntime.InferenceSession:
    try:
        import onnxruntime
    except ImportError as error:
        raise ImportError(
            f'{path} needs onnxruntime, which is not installed: `pip install onnxruntime` '
            '(onnxruntime-gpu for CUDA).'
        ) from error
    providers: list[Any] = ['CPUExecutionProvider']
    if device.type == 'cuda' and 'CUDAExecutionProvider' in onnxruntime.get_available_providers():
        providers.insert(0, ('CUDAExecutionProvider', dict(device_id=device.index or 0)))
    try:
        return onnxruntime.InferenceSession(str(path), providers=providers)
    except Exception as error:  # its errors have no common base class
        raise ValueError(f'{path} cannot be read as an ONNX file: {error}') from error


def _dtype(name: str, path: Path) -> type:
    types = {'tensor(float)': np.float32, 'tensor(float16)': np.float16, 'tensor(uint8)': np.uint8}
    if name not in types:
        raise ValueError(f'The input of {path} is a {name}; known are {", ".join(types)}.')
    return types[name]


def _sdk_pipeline(path: Path) -> dict:
    """What ``pipeline.json`` beside a file of MMDeploy says of the input; nothing without it."""
    file = path.with_name('pipeline.json')
    if not file.is_file():
        return {}
    tasks = json.loads(file.read_text(encoding='utf-8'))['pipeline']['tasks']
    steps = {
        step['type']: step
        for task in tasks
        for step in task.get('transforms', [])
        if 'type' in step
    }
    normalize = steps.get('Normalize', {})
    found = {key: normalize[key] for key in ('mean', 'std', 'to_rgb') if key in normalize}
    if size := steps.get('Pad', {}).get('size') or steps.get('Resize', {}).get('size'):
        found['size'] = tuple(size)
    return found


def _normalisation(
    path: Path, family: str | None, pipeline: dict, session: onnxruntime.InferenceSession
) -> tuple[torch.Tensor | None, torch.Tensor | None]:
    """Mean and standard deviation (3, 1, 1) of the channels; ``None`` for pictures as they are."""
    mean, std = RTMDET_MEAN, RTMDET_STD
    if 'mean' in pipeline:
        mean, std = pipeline['mean'], pipeline['std']
    elif (family or _family(path, session)) == 'yolox':
        return None, None
    mean, std = (torch.tensor(values, dtype=torch.float32)[:, None, None] for values in (mean, std))
    return mean, std


def _family(path: Path, session: onnxruntime.InferenceSession) -> str:
    last = session.get_outputs()
    if len(last) == 1 and len(last[0].shape) == 3:
        return 'yolox'  # the only one exported without its decoding
    content = path.read_bytes()
    for family, layer in _LAYERS.items():
        if layer in content:
            return family
    for text in (path.name.lower(), str(path).lower()):
        for family in _LAYERS:
            if family in text:
                return family
    raise ValueError(
        f'{path} does not tell whether it takes pictures as they are, as a YOLOX does, or '
        "normalised ones, as an RTMDet does; give det_model='yolox-s' or det_model='rtmdet-m' and "
        'the file as det_weights.'
    )


def _suppressed(boxes: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, ...]:
    """Boxes (N, 4), scores (N,) and labels (N,) without the rows that fill up the output."""
    sides = boxes[:, 2:4] - boxes[:, :2]
    keep = (labels >= 0) & (boxes[:, 4] > 0) & (sides > 0).all(axis=1)
    boxes, labels = boxes[keep], labels[keep]
    return boxes[:, :4], boxes[:, 4], labels.astype(np.int64)


def _choose(boxes: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, ...]:
    """The best of boxes (A, 4) with scores (A, C): boxes (N, 4), scores (N,) and labels (N,)."""
    from mmpose.models.detectors.dense_box_head import Boxes, suppress_by_class

    labels = scores.argmax(axis=1)
    scores = np.take_along_axis(scores, labels[:, None], axis=1)[:, 0]
    sides = boxes[:, 2:] - boxes[:, :2]
    keep = (scores > _SCORE_THR) & ((sides > 0) & np.isfinite(sides)).all(axis=1)
    found = Boxes(*(torch.from_numpy(values[keep]) for values in (boxes, scores, labels)))
    keep = suppress_by_class(found, _IOU_THR)
    return tuple(values[keep].numpy() for values in found)


def _decode_cells(cells: np.ndarray, size_wh: tuple[int, int]) -> np.ndarray:
    """Boxes (B, A, 4) xyxy, of centres and logarithms of sizes in the cells of a YOLOX."""
    points, strides = [], []
    for stride in _STRIDES:
        w, h = (side // stride for side in size_wh)
        points.append(np.mgrid[:h, :w][::-1].reshape(2, -1).T)
        strides.append(np.full((w * h, 1), stride))
    strides = np.concatenate(strides).astype(np.float32)
    centers = (cells[..., :2] + np.concatenate(points).astype(np.float32)) * strides
    half_wh = np.exp(cells[..., 2:]) * strides / 2
    return np.concatenate([centers - half_wh, centers + half_wh], axis=-1)

"""A detector from whatever the user calls one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.device import get_device

from mmpose.registry import is_absent

from ..inference import _present
from .configs import is_built_in, read_detector_config
from .mmdet_detector import MMDetDetector
from .network_detector import build_from_config, build_published
from .onnx_detector import OnnxDetector
from .protocol import CheckedDetector
from .published import find_published, near_published
from .torchvision_detector import TorchvisionDetector

_CONFIG_SUFFIXES = ('.py', '.json', '.yml', '.yaml')
_TORCHVISION = 'torchvision:'


def build_detector(
    model: Callable | str | PathLike | Config | Mapping,
    weights: str | PathLike | None = None,
    cat_ids: int | Sequence[int] | None = None,
    device: str | torch.device | None = None,
) -> CheckedDetector:
    """A function from pictures to the boxes in them.

    Args:
        model: One of these:

            - a callable that maps a list of pictures, (H, W, 3) uint8 BGR, to what
              :func:`~.protocol.as_detections` takes for each
            - a name such as ``'rtmdet-m'`` or ``'rtmdet_nano_320-8xb32_coco-person'``
            - a config of MMDetection, or its path
            - the path of an ONNX file with an RTMDet or a YOLOX
            - ``'torchvision:'`` and the name of one of its detectors
            - if MMDetection is installed, the name of any of its models
        weights: A path or URL. ``None`` takes the published weights of a name. For a name of ours
            it may be an ONNX file.
        cat_ids: Numbers of the classes whose boxes are wanted; ``None`` for all.
        device: Where the detector runs; ``None`` takes an accelerator if there is one.

    Raises:
        FileNotFoundError: There is no such file.
        ImportError: A package that the detector needs is missing.
        TypeError: ``model`` is none of these.
        ValueError: There is no such name, weights are missing or of no use, or a class is unknown.

    Example:
        >>> detector = build_detector('rtmdet-m', cat_ids=0)
        >>> boxes, scores, labels = detector([image])[0]
    """
    return CheckedDetector(_build(model, weights, device), cat_ids)


def _build(model: Any, weights: Any, device: str | torch.device | None) -> Callable:
    weights = None if weights is None else str(weights)
    if isinstance(model, Mapping):
        model = Config(dict(model))
    if isinstance(model, Config):
        return _from_config(model, 'the config', weights, _device(device))
    if isinstance(model, str | PathLike):
        return _from_text(str(model), weights, _device(device))
    if not callable(model):
        raise TypeError(
            f'det_model is a {type(model).__name__}; give a callable that takes a list of BGR '
            "pictures, a name such as 'rtmdet-m', a config or its path, or an ONNX file."
        )
    if weights is not None:
        raise ValueError(
            f'det_weights is {weights!r}, but det_model is a function, which has its own; leave '
            'det_weights out.'
        )
    return model


def _from_text(text: str, weights: str | None, device: torch.device) -> Callable:
    if text.startswith(_TORCHVISION):
        return TorchvisionDetector(text.removeprefix(_TORCHVISION), weights, device)
    if text.endswith('.onnx'):
        if weights is not None:
            raise ValueError(
                f'det_weights is {weights!r}, but {text} has its own; leave det_weights out, or '
                'give the name of the detector as det_model and the file as det_weights.'
            )
        return OnnxDetector(text, device=device)
    is_config = text.endswith(_CONFIG_SUFFIXES)
    if is_config and Path(text).is_file():
        return _from_config(read_detector_config(text), text, weights, device)
    if published := find_published(text):
        if weights is not None and weights.endswith('.onnx'):
            return OnnxDetector(weights, published.family, device, (published.input_side,) * 2)
        return build_published(published, weights, device)
    if is_config and '::' not in text:
        raise FileNotFoundError(
            f'The config {text} of the detector does not exist.{_near(text)} Give the path of a '
            'config, or a name.'
        )
    if not is_absent('mmdet'):
        return MMDetDetector(text, weights, device)
    raise ValueError(
        f'There is no detector {text!r}.{_near(text)} It may be the name of a detector of ours, '
        "the path of a config or of an ONNX file, or 'torchvision:fasterrcnn_resnet50_fpn'; other "
        'names need MMDetection (`pip install onedl-mmdetection`).'
    )


def _from_config(config: Config, name: str, weights: str | None, device: torch.device) -> Callable:
    if weights is None:
        published = find_published(name)
        hint = f', such as {published.url}' if published and published.url else ''
        raise ValueError(
            f'{name} does not say where the weights of the detector are; give `det_weights`, a '
            f'path or a URL{hint}.'
        )
    if is_built_in(config):
        return build_from_config(config, weights, device)
    if not is_absent('mmdet'):
        return MMDetDetector(config, weights, device)
    raise ImportError(
        f'{name} describes a {config.model.type}, which needs MMDetection: `pip install '
        'onedl-mmdetection` may provide it. Without it, configs of RTMDet and YOLOX work.'
    )


def _near(text: str) -> str:
    near = near_published(text)
    return f' Did you mean {" or ".join(map(repr, near))}?' if near else ''


def _device(device: str | torch.device | None) -> torch.device:
    return _present(get_device() if device is None else device)

"""Models from configs and checkpoints, and predictions for single pictures."""

from __future__ import annotations

import copy
import logging
import warnings
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.logging import print_log
from mmengine.registry import init_default_scope
from torch import nn

from mmpose.registry import DATASETS, MODELS
from mmpose.structures import PoseDataSample
from mmpose.structures.metainfo import parse_pose_metainfo
from mmpose.utils.checkpoint import load_checkpoint_file, load_state_dict_checked
from mmpose.utils.config_reading import read_config
from mmpose.utils.resources import resource_path

from .input_pipeline import Image, InputPipeline, as_boxes, transforms_for_test, whole_picture


def init_model(
    config: str | PathLike | Config,
    checkpoint: str | PathLike | None = None,
    device: str | torch.device = 'cuda:0',
    cfg_options: dict | None = None,
    trust_checkpoint: bool = False,
) -> nn.Module:
    """A model ready for inference, with its config in ``cfg`` and its skeleton in ``dataset_meta``.

    Args:
        config: A config or its path; a path such as 'configs/...' is found in the package too.
        checkpoint: The weights, a path or a URL; ``None`` leaves random ones.
        device: Where the model goes; the CPU if CUDA is asked for but absent.
        cfg_options: Changes of the config, such as ``{'model.test_cfg.flip_test': False}``.
        trust_checkpoint: Whether the checkpoint may run code when it is read, which files of
            unusual contents need.

    Raises:
        FileNotFoundError: There is no such config or checkpoint.
        ConfigError: The config cannot be read, a ValueError.
        TypeError: ``config`` is neither a config nor a path.
    """
    config = _read_config(config)
    if cfg_options is not None:
        config.merge_from_dict(cfg_options)
    init_default_scope(config.get('default_scope') or 'mmpose')
    model = MODELS.build(config.model)
    meta: dict = {}
    if checkpoint is not None:
        loaded = load_checkpoint_file(checkpoint, map_location='cpu', trust=trust_checkpoint)
        load_state_dict_checked(model, loaded, str(checkpoint))
        meta = loaded.get('meta') or {}
    model.dataset_meta = _dataset_meta(meta.get('dataset_meta'), config)
    model.cfg = config
    return model.to(_present(device)).eval()


def inference_topdown(
    model: nn.Module,
    img: Image,
    bboxes: np.ndarray | Sequence[Sequence[float]] | None = None,
    bbox_format: str = 'xyxy',
    batch_size: int | None = None,
) -> list[PoseDataSample]:
    """The pose in each box, one sample per box in the order of the boxes.

    Args:
        model: A top-down model from :func:`init_model`.
        img: A path, or an (H, W, 3) uint8 BGR array.
        bboxes: (N, 4) pixels, or (N, 5) with scores; ``None`` takes the whole picture as one
            instance. No box gives no sample.
        bbox_format: ``'xyxy'`` or ``'xywh'``.
        batch_size: Boxes per forward pass; ``None`` takes all at once.

    Raises:
        FileNotFoundError: There is no such picture.
        TypeError: The array is not of type uint8.
        ValueError: The picture cannot be read, or the boxes are malformed.
    """
    pipeline = input_pipeline(model)
    picture = pipeline.load(img)
    boxes = whole_picture(picture['ori_shape']) if bboxes is None else bboxes
    boxes = as_boxes(boxes, bbox_format)
    scores = boxes[:, 4] if boxes.shape[1] == 5 else None
    return _predict(model, pipeline.instances(picture, boxes[:, :4], scores), batch_size)


def inference_bottomup(model: nn.Module, img: Image) -> list[PoseDataSample]:
    """All poses in a picture, in a list of one sample.

    Args:
        model: A bottom-up model from :func:`init_model`.
        img: A path, or an (H, W, 3) uint8 BGR array.

    Raises:
        FileNotFoundError: There is no such picture.
        TypeError: The array is not of type uint8.
        ValueError: The picture cannot be read.
    """
    pipeline = input_pipeline(model)
    return _predict(model, [pipeline.whole(pipeline.load(img))])


def collect_multi_frames(
    video: Sequence[np.ndarray], frame_id: int, indices: Sequence[int], online: bool = False
) -> list[np.ndarray]:
    """A frame of a video, followed by its neighbours.

    Args:
        video: Frames, such as an :class:`mmcv.VideoReader`.
        frame_id: Index of the frame.
        indices: Offsets of the neighbours; 0 is passed over. At the ends of the video the first
            or last frame is repeated.
        online: Whether later frames are out of reach; the frame itself then stands in for them.
    """
    last = frame_id if online else len(video) - 1
    neighbours = [min(max(frame_id + offset, 0), last) for offset in indices if offset != 0]
    return [video[i] for i in (frame_id, *neighbours)]


def dataset_meta_from_config(config: Config, dataset_mode: str = 'train') -> dict | None:
    """The parsed skeleton definition of the data set in a config; ``None`` if it has none.

    Args:
        config: With ``<mode>_dataloader``.
        dataset_mode: ``'train'``, ``'val'`` or ``'test'``.

    Raises:
        ValueError: The mode is unknown.
    """
    if dataset_mode not in ('train', 'val', 'test'):
        raise ValueError(
            f"dataset_mode is {dataset_mode!r}; it has to be 'train', 'val' or 'test'."
        )
    dataset = (config.get(f'{dataset_mode}_dataloader') or {}).get('dataset')
    while dataset is not None:
        if dataset.get('metainfo'):
            return parse_pose_metainfo(dict(dataset.metainfo))
        kind = dataset.get('type')
        kind = DATASETS.get(kind) if isinstance(kind, str) else kind
        if metainfo := getattr(kind, 'METAINFO', None):
            return parse_pose_metainfo(metainfo)
        dataset = dataset.get('dataset')  # within a wrapper such as RepeatDataset
    return None


def input_pipeline(model: nn.Module) -> InputPipeline:
    """The test pipeline of a model from :func:`init_model`.

    Raises:
        ValueError: The model's config has none.
    """
    return InputPipeline(transforms_for_test(model.cfg), model.dataset_meta)


@torch.no_grad()
def _predict(
    model: nn.Module, inputs: list[dict], batch_size: int | None = None
) -> list[PoseDataSample]:
    samples: list[PoseDataSample] = []
    step = len(inputs) if batch_size is None else batch_size
    for start in range(0, len(inputs), max(step, 1)):
        samples.extend(model.test_step(pseudo_collate(inputs[start : start + step])))
    return samples


def _read_config(config: Any) -> Config:
    if isinstance(config, Config):
        return copy.deepcopy(config)
    if isinstance(config, str | PathLike):
        return read_config(resource_path(Path(config)))
    raise TypeError(
        f'config is a {type(config).__name__}; give a path or an mmengine Config, such as '
        'Config(dict(model=...)).'
    )


def _dataset_meta(saved: dict | None, config: Config) -> dict | None:
    """The skeleton from the checkpoint, else from the config."""
    if saved and {'keypoint_id2name', 'keypoint_info', 'from_file'} & set(saved):
        return parse_pose_metainfo(saved)
    for mode in ('train', 'test'):
        if (meta := dataset_meta_from_config(config, mode)) is not None:
            return meta
    warnings.warn(
        'Neither the checkpoint nor the data loaders of the config tell which keypoints the model '
        'predicts: drawings will lack links, and flip_test will not work. Give the test data set '
        "`metainfo=dict(from_file='configs/_base_/datasets/<name>.py')`, or set "
        '`model.dataset_meta`.',
        stacklevel=3,
    )
    return None


def _present(device: str | torch.device) -> torch.device:
    device = torch.device(device)
    if device.type == 'cuda' and not torch.cuda.is_available():
        print_log(
            f'{device} was asked for, but CUDA is not available; the model runs on the CPU.',
            logger='current',
            level=logging.WARNING,
        )
        return torch.device('cpu')
    return device

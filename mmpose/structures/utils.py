"""Samples of one image brought together, and predictions taken apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from mmengine.structures import InstanceData, PixelData

from mmpose.utils.tensor_utils import to_numpy

from .bbox import get_warp_matrix
from .multilevel_pixel_data import MultilevelPixelData
from .pose_data_sample import PoseDataSample

# OpenCV 5 warps up to 128 channels at once, many times faster than one by one
_MAX_CHANNELS = 128


def merge_data_samples(data_samples: Sequence[PoseDataSample]) -> PoseDataSample:
    """One sample with all instances of an image.

    Instances are concatenated in order. ``heatmaps`` are mapped back to the image and merged by
    their maximum into (K, H, W) arrays, H and W being those of ``ori_shape``. What not all
    samples have is left out; the metainfo is that of the first.

    Args:
        data_samples: Top-down samples of one image. With heatmaps they need ``input_center``,
            ``input_scale`` and ``ori_shape`` (h, w). No sample gives an empty one.

    Raises:
        ValueError: ``data_samples`` holds something else, or the samples do not go together.
    """
    if not isinstance(data_samples, (list, tuple)) or not all(
        isinstance(sample, PoseDataSample) for sample in data_samples
    ):
        raise ValueError(
            'data_samples must be a list of PoseDataSample; pass the samples that a model '
            f'returned for one image, not {type(data_samples).__name__}.'
        )
    if not data_samples:
        return PoseDataSample()
    merged = PoseDataSample(metainfo=data_samples[0].metainfo)
    for name in ('gt_instances', 'pred_instances'):
        if all(name in sample for sample in data_samples):
            setattr(merged, name, _cat([sample.get(name) for sample in data_samples], name))
    for name in ('gt_fields', 'pred_fields'):
        if all('heatmaps' in sample.get(name, ()) for sample in data_samples):
            reverted = [_reverted(sample, name) for sample in data_samples]
            setattr(merged, name, PixelData(heatmaps=np.max(reverted, axis=0)))
    return merged


def _cat(instances: list[InstanceData], name: str) -> InstanceData:
    """``InstanceData.cat`` with an error that says what is unlike."""
    layouts = [
        {key: value.shape[1:] for key, value in sorted(item.items()) if hasattr(value, 'shape')}
        for item in instances
    ]
    for i, layout in enumerate(layouts):
        if layout != layouts[0]:
            raise ValueError(
                f'{name} of sample {i} has fields of shapes {layout}, but that of sample 0 has '
                f'{layouts[0]}; merge samples from the same model and data set.'
            )
    return InstanceData.cat(instances)


def _reverted(sample: PoseDataSample, name: str) -> np.ndarray:
    """The finest heatmaps of a sample, on its image."""
    fields = sample.get(name)
    if isinstance(fields, MultilevelPixelData):
        fields = max(fields.levels(), key=lambda level: level.shape)
    return revert_heatmap(
        to_numpy(fields.heatmaps), sample.input_center, sample.input_scale, sample.ori_shape
    )


def split_instances(instances: InstanceData | None) -> list[dict[str, Any]]:
    """A dict of plain Python values per instance, ready for JSON.

    Args:
        instances: ``keypoints`` (N, K, D) and ``keypoint_scores`` (N, K), and perhaps ``bboxes``
            (N, 4), ``bbox_scores`` (N,) and ``track_ids`` (N,), arrays or tensors. ``None`` gives
            no dict.

    Returns:
        Dicts of ``keypoints``, ``keypoint_scores``, ``bbox``, ``bbox_score`` and ``track_id``, as
        far as given.
        The box stands in a list of its own, [[left, top, right, bottom]], as programs that read
        this format expect.
    """
    if instances is None:
        return []
    keys = dict(
        keypoints='keypoints',
        keypoint_scores='keypoint_scores',
        bbox_scores='bbox_score',
        track_ids='track_id',
    )
    columns = {out: instances.get(key).tolist() for key, out in keys.items() if key in instances}
    if 'bboxes' in instances:
        columns['bbox'] = [[box] for box in instances.bboxes.tolist()]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def revert_heatmap(
    heatmap: np.ndarray,
    input_center: np.ndarray,
    input_scale: np.ndarray,
    img_shape: tuple[int, int],
) -> np.ndarray:
    """Heatmaps of the model input, warped back onto the image: (K, H, W) or (H, W).

    Args:
        heatmap: (K, h, w), or (h, w) for one keypoint.
        input_center: Center of the input region in the image, (x, y), of 2 values in all.
        input_scale: Size of the input region in the image, (w, h), of 2 values in all.
        img_shape: (H, W) of the image; what lies outside of the input is 0.
    """
    maps = np.asarray(heatmap).astype(np.float32, copy=False)
    H, W = img_shape[:2]
    matrix = get_warp_matrix(
        np.ravel(input_center), np.ravel(input_scale), 0, maps.shape[:-3:-1], inv=True
    )
    stacked = np.ascontiguousarray(maps.reshape(-1, *maps.shape[-2:]).transpose(1, 2, 0))
    warped = [
        cv2.warpAffine(stacked[..., k : k + _MAX_CHANNELS], matrix, (W, H)).reshape(H, W, -1)
        for k in range(0, stacked.shape[-1], _MAX_CHANNELS)
    ]
    return np.concatenate(warped, axis=-1).transpose(2, 0, 1).reshape(*maps.shape[:-2], H, W)

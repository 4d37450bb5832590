"""Random but well-formed samples and models for tests."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.structures import InstanceData, PixelData

from mmpose.structures import MultilevelPixelData, PoseDataSample
from mmpose.structures.bbox import bbox_xyxy2cs
from mmpose.utils.resources import resource_path

_COCO_FLIP_INDICES = [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]
_COCO_WEIGHTS = [1.0] * 7 + [1.2, 1.2, 1.5, 1.5] + [1.0, 1.0, 1.2, 1.2, 1.5, 1.5]


def get_coco_sample(
    img_shape: tuple[int, int] = (240, 320),
    img_fill: int | None = None,
    num_instances: int = 1,
    with_bbox_cs: bool = True,
    with_img_mask: bool = False,
    random_keypoints_visible: bool = False,
    non_occlusion: bool = False,
) -> dict[str, Any]:
    """A dict as COCO data sets pass to their transforms, the picture loaded.

    Boxes and keypoints are the same in each call, and each keypoint lies in its box.

    Args:
        img_shape: (h, w) of the picture.
        img_fill: Grey level of all pixels; ``None`` gives noise.
        num_instances: Number of people, N.
        with_bbox_cs: Whether to add ``bbox_center`` and ``bbox_scale``.
        with_img_mask: Whether to add a random ``img_mask`` (h, w) of zeros and ones.
        random_keypoints_visible: Whether visibility is random instead of 1.
        non_occlusion: Whether to give each person a column of the picture of its own.
    """
    rng = np.random.RandomState(0)
    h, w = img_shape
    if img_fill is None:
        img = rng.randint(0, 256, (h, w, 3), dtype=np.uint8)
    else:
        img = np.full((h, w, 3), img_fill, dtype=np.uint8)
    if non_occlusion:
        column_w = w / max(num_instances, 1)
        bbox = _rand_bboxes(rng, num_instances, column_w, h)
        bbox[:, 0::2] += column_w * np.arange(num_instances, dtype=np.float32)[:, None]
    else:
        bbox = _rand_bboxes(rng, num_instances, w, h)
    visible = np.ones((num_instances, 17), dtype=np.float32)
    if random_keypoints_visible:
        visible = rng.randint(0, 2, visible.shape).astype(np.float32)
    sample = dict(
        img=img,
        img_shape=(h, w),
        ori_shape=(h, w),
        bbox=bbox,
        keypoints=_rand_keypoints(rng, bbox, 17),
        keypoints_visible=visible,
        upper_body_ids=list(range(11)),
        lower_body_ids=list(range(11, 17)),
        flip_pairs=[(j, i) for i, j in enumerate(_COCO_FLIP_INDICES) if i != j],
        flip_indices=list(_COCO_FLIP_INDICES),
        dataset_keypoint_weights=np.array(_COCO_WEIGHTS, dtype=np.float32),
        invalid_segs=[],
    )
    if with_bbox_cs:
        sample['bbox_center'], sample['bbox_scale'] = bbox_xyxy2cs(bbox)
    if with_img_mask:
        sample['img_mask'] = rng.randint(0, 2, (h, w), dtype=np.uint8)
    return sample


def get_packed_inputs(
    batch_size: int = 2,
    num_instances: int = 1,
    num_keypoints: int = 17,
    num_levels: int = 1,
    img_shape: tuple[int, int] = (256, 192),
    input_size: tuple[int, int] = (192, 256),
    heatmap_size: tuple[int, int] = (48, 64),
    simcc_split_ratio: float = 2.0,
    with_heatmap: bool = True,
    with_reg_label: bool = True,
    with_simcc_label: bool = True,
) -> dict[str, list]:
    """A batch as a model's ``data_preprocessor`` takes it.

    Args:
        batch_size: Number of pictures, B.
        num_instances: Number of instances per picture, N.
        num_keypoints: Number of keypoints per instance, K.
        num_levels: Number of heatmap levels; more than one gives ``MultilevelPixelData``.
        img_shape: (h, w) of the pictures.
        input_size: (w, h) that the labels refer to.
        heatmap_size: (w, h) of the heatmaps of each level.
        simcc_split_ratio: Bins per pixel of SimCC labels.
        with_heatmap: Whether to add ``gt_fields.heatmaps`` (K, H, W).
        with_reg_label: Whether to add ``keypoint_labels`` (N, K, 2), relative to ``input_size``.
        with_simcc_label: Whether to add ``keypoint_x_labels`` and ``keypoint_y_labels``.

    Returns:
        ``inputs``, B uint8 tensors (3, h, w), and ``data_samples``, B samples.
    """
    rng = np.random.RandomState(0)
    h, w = img_shape
    batch = dict(inputs=[], data_samples=[])
    for index in range(batch_size):
        image = rng.randint(0, 256, (3, h, w), dtype=np.uint8)
        batch['inputs'].append(torch.from_numpy(image))
        instances = _rand_instances(rng, num_instances, num_keypoints, w, h)
        labels = InstanceData(keypoint_weights=torch.tensor(instances.keypoints_visible))
        if with_reg_label:
            labels.keypoint_labels = torch.from_numpy(
                instances.keypoints / np.array(input_size, dtype=np.float32)
            )
        if with_simcc_label:
            bins_x, bins_y = (round(size * simcc_split_ratio) for size in input_size)
            shape = (num_instances, num_keypoints)
            labels.keypoint_x_labels = _rand_distributions(rng, (*shape, bins_x))
            labels.keypoint_y_labels = _rand_distributions(rng, (*shape, bins_y))
        sample = PoseDataSample(
            metainfo=dict(
                id=index,
                img_id=index,
                img_path='<demo>.png',
                img_shape=(h, w),
                ori_shape=(h, w),
                input_size=tuple(input_size),
                input_center=np.array([w / 2, h / 2], dtype=np.float32),
                input_scale=np.array([w, h], dtype=np.float32),
                flip=False,
                flip_direction=None,
                flip_indices=list(range(num_keypoints))[::-1],
            ),
            gt_instances=instances,
            gt_instance_labels=labels,
        )
        if with_heatmap:
            sample.gt_fields = _rand_fields(rng, num_keypoints, num_levels, heatmap_size)
        batch['data_samples'].append(sample)
    return batch


def get_repo_dir() -> str:
    """The folder that holds ``configs``: the source tree, or where an installation keeps it."""
    return str(resource_path('configs').parent)


def get_config_file(fn: str) -> str:
    """The path of a shipped config.

    Args:
        fn: Its path below ``configs``.

    Raises:
        FileNotFoundError: There is no such config.
    """
    return str(resource_path(Path('configs', fn)))


def get_pose_estimator_cfg(fn: str) -> Config:
    """A copy of the ``model`` of a shipped config, ready to be changed and built.

    Args:
        fn: The config's path below ``configs``.

    Raises:
        FileNotFoundError: There is no such config.
    """
    return deepcopy(Config.fromfile(get_config_file(fn)).model)


def _rand_bboxes(
    rng: np.random.RandomState, num_instances: int, img_w: float, img_h: float
) -> np.ndarray:
    """Random boxes (N, 4) xyxy, float32, inside an image of the given size."""
    center_xy, size_wh = rng.rand(2, num_instances, 2) * (img_w, img_h)
    corners = np.concatenate((center_xy - size_wh / 2, center_xy + size_wh / 2), axis=-1)
    return corners.clip(0, [img_w, img_h, img_w, img_h]).astype(np.float32)


def _rand_keypoints(
    rng: np.random.RandomState, bboxes: np.ndarray, num_keypoints: int
) -> np.ndarray:
    """Random keypoints (N, K, 2), float32, inside their boxes (N, 4) xyxy."""
    share = rng.rand(len(bboxes), num_keypoints, 2)
    top_left, bottom_right = bboxes[:, None, :2], bboxes[:, None, 2:]
    return (top_left + share * (bottom_right - top_left)).astype(np.float32)


def _rand_distributions(rng: np.random.RandomState, shape: tuple[int, ...]) -> torch.Tensor:
    """Random rows that sum to 1."""
    values = rng.rand(*shape)
    return torch.from_numpy((values / values.sum(-1, keepdims=True)).astype(np.float32))


def _rand_instances(
    rng: np.random.RandomState, num_instances: int, num_keypoints: int, w: int, h: int
) -> InstanceData:
    bboxes = _rand_bboxes(rng, num_instances, w, h)
    centers, scales = bbox_xyxy2cs(bboxes)
    return InstanceData(
        bboxes=bboxes,
        bbox_centers=centers,
        bbox_scales=scales,
        bbox_scores=np.ones(num_instances, dtype=np.float32),
        keypoints=_rand_keypoints(rng, bboxes, num_keypoints),
        keypoints_visible=np.ones((num_instances, num_keypoints), dtype=np.float32),
    )


def _rand_fields(
    rng: np.random.RandomState, num_keypoints: int, num_levels: int, size_wh: tuple[int, int]
) -> PixelData | MultilevelPixelData:
    shape = (num_levels, num_keypoints, *size_wh[::-1])
    heatmaps = torch.from_numpy(rng.rand(*shape).astype(np.float32))
    if num_levels == 1:
        return PixelData(heatmaps=heatmaps[0])
    return MultilevelPixelData(heatmaps=list(heatmaps))

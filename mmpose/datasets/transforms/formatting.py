"""From the dict of a pipeline to what a model takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import cv2
import numpy as np
import torch
from mmcv.transforms import BaseTransform
from mmengine.structures import InstanceData, PixelData

from mmpose.registry import TRANSFORMS
from mmpose.structures import MultilevelPixelData, PoseDataSample
from mmpose.utils.tensor_utils import to_tensor

from .visibility import split_visibility


def image_to_tensor(img: np.ndarray | Sequence[np.ndarray]) -> torch.Tensor:
    """The picture as a tensor (C, H, W), or pictures of one size as (T, C, H, W).

    Args:
        img: (H, W, C) or (H, W), or a sequence of such.
    """
    if not isinstance(img, np.ndarray):
        return torch.stack([image_to_tensor(frame) for frame in img])
    height, width, *channels = img.shape
    planes = np.empty((*(channels or [1]), height, width), dtype=img.dtype)
    # several times faster than copying a transposed view
    cv2.split(img, mv=list(planes))
    return torch.from_numpy(planes)


@TRANSFORMS.register_module()
class PackPoseInputs(BaseTransform):
    """Ends a pipeline: ``dict(inputs, data_samples)``, all that a model needs.

    ``inputs`` is ``img`` as a tensor (C, H, W), or (T, C, H, W) for a list of frames. With
    ``aug_scales`` it is a list of tensors (C, H, W), one for each size. A sample for pose lifting
    has no picture: its ``inputs`` are the codec's ``keypoint_labels``, or else ``keypoints``.
    ``data_samples`` is a :class:`~mmpose.structures.PoseDataSample`, filled from the sample by
    three tables, each from the sample's key to the field's name: ``gt_instances`` (arrays),
    ``gt_instance_labels`` (tensors) and ``gt_fields`` (tensors, of several levels where the sample
    has a list). Keys that a sample lacks, or has at ``None``, are passed over. Entries in the
    sample's own ``field_mapping_table``, ``instance_mapping_table`` and ``label_mapping_table``,
    put there by :class:`~mmpose.datasets.transforms.GenerateTarget`, take precedence; those of a
    sample for pose lifting replace the tables, since its keypoints are inputs of many frames.

    Args:
        meta_keys: Keys of the sample that become metainfo of the data sample, as they are.
        pack_transformed: Whether ``gt_instances`` gets ``transformed_keypoints`` too.
        extra_mapping_labels: Further rows of the table of ``gt_instance_labels``.

    Raises:
        KeyError: A sample has neither ``img`` nor what pose lifting takes.
        ValueError: Some fields of a sample have several levels and others one.
    """

    field_mapping_table: ClassVar[dict[str, str]] = {
        'heatmaps': 'heatmaps',
        'instance_heatmaps': 'instance_heatmaps',
        'heatmap_mask': 'heatmap_mask',
        'heatmap_weights': 'heatmap_weights',
        'displacements': 'displacements',
        'displacement_weights': 'displacement_weights',
    }
    instance_mapping_table: ClassVar[dict[str, str]] = {
        'bbox': 'bboxes',
        'bbox_score': 'bbox_scores',
        'keypoints': 'keypoints',
        'keypoints_cam': 'keypoints_cam',
        'keypoints_visible': 'keypoints_visible',
        'bbox_scale': 'bbox_scales',
        'head_size': 'head_size',
    }
    label_mapping_table: ClassVar[dict[str, str]] = {
        'keypoint_labels': 'keypoint_labels',
        'keypoint_weights': 'keypoint_weights',
        'keypoints_visible_weights': 'keypoints_visible_weights',
    }

    def __init__(
        self,
        meta_keys: Sequence[str] = (
            'id',
            'img_id',
            'img_path',
            'category_id',
            'crowd_index',
            'ori_shape',
            'img_shape',
            'input_size',
            'input_center',
            'input_scale',
            'flip',
            'flip_direction',
            'flip_indices',
            'raw_ann_info',
            'dataset_name',
        ),
        pack_transformed: bool = False,
        extra_mapping_labels: dict[str, str] | None = None,
    ) -> None:
        super().__init__()
        self.meta_keys = meta_keys
        self.pack_transformed = pack_transformed
        if extra_mapping_labels is not None:
            self.label_mapping_table = {**self.label_mapping_table, **extra_mapping_labels}

    def transform(self, results: dict) -> dict:
        """``inputs``, a tensor, and ``data_samples``, a :class:`PoseDataSample`."""
        inputs = _inputs(results)
        split_visibility(results)
        instances = self._picked(results, 'instance_mapping_table')
        if self.pack_transformed and 'transformed_keypoints' in results:
            instances['transformed_keypoints'] = results['transformed_keypoints']

        sample = PoseDataSample()
        # the number of a single instance, such as its head's size, may come without an axis for it
        sample.gt_instances = InstanceData(
            **{k: np.reshape(v, 1) if np.ndim(v) == 0 else v for k, v in instances.items()}
        )
        sample.gt_instance_labels = InstanceData(
            **{
                # Targets of several encoders are stacked behind the instances: (N, L, K, ...).
                name: to_tensor(np.stack(value, axis=1) if isinstance(value, list) else value)
                for name, value in self._picked(results, 'label_mapping_table').items()
            }
        )
        if fields := self._picked(results, 'field_mapping_table'):
            sample.gt_fields = _pixel_data(fields)
        # set_metainfo would copy deeply, and raw annotations are large
        for key in self.meta_keys:
            if key in results:
                sample.set_field(results[key], key, field_type='metainfo')
        return dict(inputs=inputs, data_samples=sample)

    def _picked(self, results: dict, table_name: str) -> dict[str, Any]:
        """The sample's values that the table names, by the names of their fields."""
        table = getattr(self, table_name)
        if own := results.get(table_name):
            table = {**table, **own} if 'img' in results else own
        return {field: results[key] for key, field in table.items() if results.get(key) is not None}


def _inputs(results: dict) -> torch.Tensor | list[torch.Tensor]:
    if 'img' in results:
        if results.get('aug_scales'):  # pictures of several sizes
            return [image_to_tensor(img) for img in results['img']]
        return image_to_tensor(results['img'])
    # Targets tell samples for pose lifting from those whose picture is missing by mistake.
    for key, sign in (('keypoint_labels', 'keypoint_labels'), ('keypoints', 'lifting_target')):
        if key in results and sign in results:
            return torch.from_numpy(np.ascontiguousarray(results[key], dtype=np.float32))
    raise KeyError(
        f"PackPoseInputs needs 'img', but the sample has only {sorted(results)}; begin the "
        "pipeline with LoadImage. Pipelines for pose lifting need 'keypoint_labels' instead, "
        'which GenerateTarget adds.'
    )


def _pixel_data(fields: dict[str, Any]) -> PixelData | MultilevelPixelData:
    multilevel = {name for name, value in fields.items() if isinstance(value, list)}
    if multilevel and len(multilevel) < len(fields):
        raise ValueError(
            f'The fields {sorted(multilevel)} have several levels, but '
            f'{sorted(set(fields) - multilevel)} have one; a sample can hold one kind. Check '
            '`multilevel` of GenerateTarget and the codecs.'
        )
    tensors = {name: to_tensor(value) for name, value in fields.items()}
    if multilevel:
        return MultilevelPixelData(**tensors)
    # PixelData would do the same, but with a warning for every sample
    return PixelData(**{name: v[None] if v.ndim == 2 else v for name, v in tensors.items()})

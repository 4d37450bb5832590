"""Annotations prepared for heads that learn from them directly, without encoded targets."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from mmpose.registry import KEYPOINT_CODECS

from .base import BaseKeypointCodec
from .utils.checks import check_keypoints, check_size
from .utils.instance_property import get_instance_bbox


class BaseAnnotationProcessor(BaseKeypointCodec):
    """A codec that only prepares annotations; the head itself turns its outputs into keypoints."""

    def decode(self, encoded: Any) -> tuple[np.ndarray, np.ndarray]:
        """Not supported: there is nothing to decode.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError(
            f'{type(self).__name__} only prepares annotations; the head that it is made for '
            'predicts keypoints itself.'
        )


@KEYPOINT_CODECS.register_module()
class YOLOXPoseAnnotationProcessor(BaseAnnotationProcessor):
    """Boxes and class labels of YOLOX-Pose and RTMO.

    YOLO-Pose, `Maji et al., CVPR Workshops 2022 <https://arxiv.org/abs/2204.06806>`_; RTMO,
    `Lu et al., CVPR 2024 <https://arxiv.org/abs/2312.07526>`_.

    Args:
        expand_bbox: Whether boxes grow until they hold all visible keypoints.
        input_size: (w, h) of the network's input, pixels, which deployment tools read here.

    Raises:
        ValueError: ``input_size`` is not two positive numbers.
    """

    auxiliary_encode_keys: ClassVar[set[str]] = {'bbox', 'category_id'}
    instance_mapping_table: ClassVar[dict[str, str]] = dict(
        bbox='bboxes',
        bbox_score='bbox_scores',
        keypoints='keypoints',
        keypoints_visible='keypoints_visible',
    )
    label_mapping_table: ClassVar[dict[str, str]] = dict(
        bbox='bboxes',
        bbox_labels='labels',
        keypoints='keypoints',
        keypoints_visible='keypoints_visible',
        area='areas',
    )

    def __init__(
        self, expand_bbox: bool = False, input_size: tuple[int, int] | None = None
    ) -> None:
        super().__init__()
        if input_size is not None:
            check_size('input_size', input_size)
        self.expand_bbox = expand_bbox
        self.input_size = input_size

    def encode(
        self,
        keypoints: np.ndarray | None = None,
        keypoints_visible: np.ndarray | None = None,
        bbox: np.ndarray | None = None,
        category_id: np.ndarray | list[int] | None = None,
    ) -> dict:
        """What changes in the annotations of one sample.

        Args:
            keypoints: (N, K, 2) pixels of the input, (x, y). NaN means not labelled.
            keypoints_visible: (N, K), above 0 where a keypoint is visible; ``None``: all are.
            bbox: (N, 4) left, top, right, bottom, pixels of the input.
            category_id: (N,) classes of the instances, counted from 1.

        Returns:
            dict with

            - bbox: (N, 4), with ``expand_bbox`` and where boxes and keypoints are given.
            - bbox_labels: (N,) classes counted from 0, where ``category_id`` is given.
            - keypoints, keypoints_visible: where one is NaN, which comes out at 0, invisible.

        Raises:
            ValueError: The shapes disagree, or a class is below 1.
        """
        encoded = {}
        if keypoints is not None:
            labelled, visible = check_keypoints(keypoints, keypoints_visible, num_dims=2)
            if labelled is not keypoints:
                encoded.update(keypoints=labelled, keypoints_visible=visible)
            if self.expand_bbox and bbox is not None:
                encoded['bbox'] = _expand_boxes(bbox, labelled, visible)
        if category_id is not None:
            encoded['bbox_labels'] = _labels(category_id)
        return encoded


def _expand_boxes(boxes_xyxy: np.ndarray, keypoints: np.ndarray, visible: np.ndarray) -> np.ndarray:
    """Boxes (N, 4) that hold the given ones and the visible keypoints."""
    if boxes_xyxy.shape != (len(keypoints), 4):
        raise ValueError(
            f'bbox has shape {boxes_xyxy.shape} for {len(keypoints)} instances; expected '
            f'({len(keypoints)}, 4).'
        )
    around_xyxy = get_instance_bbox(keypoints, visible).astype(boxes_xyxy.dtype, copy=False)
    expanded_xyxy = np.concatenate(
        [
            np.minimum(boxes_xyxy[:, :2], around_xyxy[:, :2]),
            np.maximum(boxes_xyxy[:, 2:], around_xyxy[:, 2:]),
        ],
        axis=1,
    )
    return np.where((visible > 0).any(axis=1, keepdims=True), expanded_xyxy, boxes_xyxy)


def _labels(category_id: np.ndarray | list[int]) -> np.ndarray:
    """Classes counted from 0, (N,)."""
    labels = np.asarray(category_id, dtype=int) - 1
    if (labels < 0).any():
        raise ValueError(
            f'category_id is {category_id}, but classes are counted from 1; number the '
            'categories of the data set so.'
        )
    return labels

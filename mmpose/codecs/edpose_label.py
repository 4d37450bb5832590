"""Boxes and keypoints as fractions of the picture, for ED-Pose."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from torch import Tensor

from mmpose.registry import KEYPOINT_CODECS
from mmpose.structures.bbox import bbox_cs2xyxy, bbox_xyxy2cs
from mmpose.utils.tensor_utils import to_numpy

from .base import BaseKeypointCodec
from .utils.checks import check_keypoints, check_positive, check_size
from .utils.instance_property import get_instance_bbox


@KEYPOINT_CODECS.register_module()
class EDPoseLabel(BaseKeypointCodec):
    """Boxes and keypoints divided by the picture's size.

    ED-Pose, `Yang et al., ICLR 2023 <https://arxiv.org/abs/2302.01593>`_. Of the network's queries
    the best are decoded.

    Args:
        num_select: How many predictions come out at most.
        num_keypoints: Number of keypoints K.

    Raises:
        ValueError: A number is not positive.
    """

    auxiliary_encode_keys: ClassVar[set[str]] = {'area', 'bboxes', 'img_shape'}
    instance_mapping_table: ClassVar[dict[str, str]] = dict(
        bbox='bboxes', keypoints='keypoints', keypoints_visible='keypoints_visible', area='areas'
    )

    def __init__(self, num_select: int = 100, num_keypoints: int = 17) -> None:
        super().__init__()
        check_positive('num_select', num_select)
        check_positive('num_keypoints', num_keypoints)
        self.num_select = num_select
        self.num_keypoints = num_keypoints

    def encode(
        self,
        img_shape: tuple[int, int],
        keypoints: np.ndarray,
        keypoints_visible: np.ndarray | None = None,
        area: np.ndarray | None = None,
        bboxes: np.ndarray | None = None,
    ) -> dict:
        """Fractions of the annotations of one sample.

        Args:
            img_shape: (h, w) of the picture, pixels.
            keypoints: (N, K, 2) pixels, (x, y). NaN means not labelled.
            keypoints_visible: (N, K), above 0 where a keypoint is labelled; ``None``: all are.
            area: (N,) square pixels; ``None``: the areas of the boxes.
            bboxes: (N, 4) left, top, right, bottom, pixels; ``None``: boxes around the labelled
                keypoints.

        Returns:
            dict with

            - keypoints: (N, K, 2), from 0 to 1 inside the picture.
            - keypoints_visible: (N, K), 0 for NaN.
            - bbox: (N, 4) centre x, centre y, width, height, from 0 to 1.
            - area: (N,) shares of the picture.

        Raises:
            ValueError: The shapes disagree, or ``img_shape`` is not two positive numbers.
        """
        check_size('img_shape', img_shape)
        keypoints, visible = check_keypoints(keypoints, keypoints_visible, num_dims=2)
        if bboxes is None:
            bboxes = get_instance_bbox(keypoints, visible)
        # A sample's `img_shape` is (h, w); the original takes it for (w, h), the same on squares.
        size_wh = np.array(img_shape[::-1], dtype=np.float32)
        center, scale = bbox_xyxy2cs(bboxes)
        if area is None:
            area = scale.prod(axis=-1)
        if bboxes.shape != (len(keypoints), 4) or area.shape != (len(keypoints),):
            raise ValueError(
                f'bboxes has shape {bboxes.shape} and area {area.shape} for {len(keypoints)} '
                f'instances; expected ({len(keypoints)}, 4) and ({len(keypoints)},).'
            )
        return dict(
            keypoints=keypoints / size_wh,
            keypoints_visible=visible.copy(),
            bbox=np.concatenate([center, scale], axis=-1) / np.tile(size_wh, 2),
            area=area / size_wh.prod(),
        )

    def decode(
        self,
        input_shapes: np.ndarray | tuple[int, int],
        pred_logits: Tensor | np.ndarray,
        pred_boxes: Tensor | np.ndarray,
        pred_keypoints: Tensor | np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Boxes (N, 4) and keypoints (N, K, 2) in pixels, and scores (N, K), the best first.

        Boxes are left, top, right, bottom. A query comes out once for each of its classes that is
        among the best, and all keypoints of an instance share its score.

        Args:
            input_shapes: (h, w) of the picture, pixels.
            pred_logits: (Q, C) scores of Q queries for C classes.
            pred_boxes: (Q, 4) centre x, centre y, width, height, as fractions.
            pred_keypoints: (Q, D) with D at least 2 * K: x and y of each keypoint as fractions,
                and behind them what is not decoded.

        Raises:
            ValueError: The shapes disagree, or ``input_shapes`` is not two positive numbers.
        """
        check_size('input_shapes', input_shapes)
        logits, boxes, keypoints = map(to_numpy, (pred_logits, pred_boxes, pred_keypoints))
        self._check_predictions(logits, boxes, keypoints)
        size_wh = np.array(input_shapes[::-1], dtype=np.float32)

        best = np.argsort(-logits.ravel(), kind='stable')[: self.num_select]
        queries = best // logits.shape[1]
        boxes = boxes[queries] * np.tile(size_wh, 2)
        keypoints = keypoints[queries, : 2 * self.num_keypoints]
        keypoints = keypoints.reshape(-1, self.num_keypoints, 2) * size_wh
        scores = np.repeat(logits.ravel()[best, None], self.num_keypoints, axis=1)
        return bbox_cs2xyxy(boxes[:, :2], boxes[:, 2:]), keypoints, scores

    def _check_predictions(
        self, logits: np.ndarray, boxes: np.ndarray, keypoints: np.ndarray
    ) -> None:
        Q, least = len(logits), 2 * self.num_keypoints
        if (
            logits.ndim != 2
            or boxes.shape != (Q, 4)
            or keypoints.ndim != 2
            or len(keypoints) != Q
            or keypoints.shape[1] < least
        ):
            raise ValueError(
                f'pred_logits has shape {logits.shape}, pred_boxes {boxes.shape} and '
                f'pred_keypoints {keypoints.shape}; expected (Q, C), (Q, 4) and (Q, {least}) or '
                'wider.'
            )

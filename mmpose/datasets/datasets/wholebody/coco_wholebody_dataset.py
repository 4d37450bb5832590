"""COCO-WholeBody: 133 keypoints of body, feet, face and hands."""

from __future__ import annotations

import numpy as np

from mmpose.registry import DATASETS
from mmpose.structures.keypoint import WHOLEBODY_FIELDS

from ..base import BaseCocoStyleDataset


@DATASETS.register_module()
class CocoWholeBodyDataset(BaseCocoStyleDataset):
    """133 keypoints of body, feet, face and hands.

    An annotation lists them part by part. Paper: `Jin et al., 2020
    <https://arxiv.org/abs/2007.11858>`_.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/coco_wholebody.py')

    def parse_keypoints(self, ann: dict, image: dict) -> tuple[np.ndarray, np.ndarray]:
        """Coordinates (1, 133, 2) in pixels, and whether labelled (1, 133)."""
        values = [value for field in WHOLEBODY_FIELDS for value in ann[field]]
        keypoints, visible = self.split_keypoints(values)
        # faces and hands may come with a confidence instead of a flag
        return keypoints, (visible > 0).astype(np.float32)

    def extra_fields(self, ann: dict, image: dict) -> dict:
        """``keypoints_3d`` as the file has them, or ``None``."""
        return dict(super().extra_fields(ann, image), keypoints_3d=ann.get('keypoints_3d'))

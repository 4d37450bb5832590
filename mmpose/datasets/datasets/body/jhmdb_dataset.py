"""JHMDB: 15 keypoints of people in the frames of short videos."""

from __future__ import annotations

import numpy as np

from mmpose.registry import DATASETS

from ..base import BaseCocoStyleDataset
from ..base.coco_file import labelled_box


@DATASETS.register_module()
class JhmdbDataset(BaseCocoStyleDataset):
    """15 keypoints of people in the frames of short videos.

    The file counts pixels from 1, items count them from 0. Paper: `Jhuang et al., 2013
    <https://doi.org/10.1109/ICCV.2013.396>`_.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/jhmdb.py')

    def parse_bbox(self, ann: dict, image: dict) -> np.ndarray:
        """The instance's box held inside the image, (1, 4) xyxy in pixels."""
        x, y, *size = ann.get('bbox') or labelled_box(ann['keypoints'])
        return super().parse_bbox(dict(ann, bbox=[x - 1, y - 1, *size]), image)

    def parse_keypoints(self, ann: dict, image: dict) -> tuple[np.ndarray, np.ndarray]:
        """Coordinates (1, K, 2) in pixels, and whether labelled (1, K)."""
        keypoints, visible = super().parse_keypoints(ann, image)
        return keypoints - 1, visible

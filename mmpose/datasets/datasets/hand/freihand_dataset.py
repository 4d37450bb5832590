"""FreiHAND: 21 keypoints of hands."""

from __future__ import annotations

import numpy as np

from mmpose.registry import DATASETS

from ..base import BaseCocoStyleDataset

PICTURE_SIZE = 224  # pixels; all pictures are square crops of one hand


@DATASETS.register_module()
class FreiHandDataset(BaseCocoStyleDataset):
    """21 keypoints of hands. Paper: `Zimmermann et al., 2019 <https://arxiv.org/abs/1909.04349>`_.

    The box of a hand is its whole picture.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/freihand2d.py')

    def parse_bbox(self, ann: dict, image: dict) -> np.ndarray:
        """The frame of the picture, (1, 4) xyxy in pixels."""
        w, h = image.get('width', PICTURE_SIZE), image.get('height', PICTURE_SIZE)
        return np.array([[0, 0, w, h]], dtype=np.float32)

    def coco_fields(self, ann: dict, bbox: np.ndarray) -> dict:
        """The segmentation, which is all that the files label of those fields."""
        return dict(segmentation=ann.get('segmentation'))

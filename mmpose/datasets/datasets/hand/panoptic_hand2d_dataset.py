"""CMU Panoptic HandDB: 21 keypoints of hands."""

from __future__ import annotations

import numpy as np

from mmpose.registry import DATASETS

from ..base import BaseCocoStyleDataset


@DATASETS.register_module()
class PanopticHand2DDataset(BaseCocoStyleDataset):
    """21 keypoints of hands. Paper: `Simon et al., 2017 <https://arxiv.org/abs/1704.07809>`_.

    Items have ``head_size``, the size of the person's head in pixels, which errors are divided by.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/panoptic_hand2d.py')

    def coco_fields(self, ann: dict, bbox: np.ndarray) -> dict:
        """Segmentation and size of the head."""
        head_size = np.array(ann['head_size'], dtype=np.float32)
        return dict(segmentation=ann.get('segmentation'), head_size=head_size)

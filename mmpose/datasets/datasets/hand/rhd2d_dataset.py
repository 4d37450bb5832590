"""RHD: 21 keypoints of rendered hands."""

from __future__ import annotations

import numpy as np

from mmpose.registry import DATASETS

from ..base import BaseCocoStyleDataset


@DATASETS.register_module()
class Rhd2DDataset(BaseCocoStyleDataset):
    """21 keypoints of rendered hands.

    Paper: `Zimmermann and Brox, 2017 <https://arxiv.org/abs/1705.01389>`_.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/rhd2d.py')

    def parse_keypoints(self, ann: dict, image: dict) -> tuple[np.ndarray, np.ndarray]:
        """As in the base, from a list with a row (x, y, v) for each keypoint."""
        return self.split_keypoints(np.ravel(ann['keypoints']))

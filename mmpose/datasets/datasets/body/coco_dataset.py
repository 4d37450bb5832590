"""COCO: 17 keypoints of people."""

from __future__ import annotations

from mmpose.registry import DATASETS

from ..base import BaseCocoStyleDataset


@DATASETS.register_module()
class CocoDataset(BaseCocoStyleDataset):
    """17 keypoints of people. Paper: `Lin et al., 2014 <https://arxiv.org/abs/1405.0312>`_."""

    METAINFO: dict = dict(from_file='configs/_base_/datasets/coco.py')

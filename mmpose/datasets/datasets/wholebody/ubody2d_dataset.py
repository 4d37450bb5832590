"""UBody: 133 keypoints of people who are seen to the waist or in full."""

from __future__ import annotations

from mmpose.registry import DATASETS

from .coco_wholebody_dataset import CocoWholeBodyDataset


@DATASETS.register_module()
class UBody2dDataset(CocoWholeBodyDataset):
    """133 keypoints of people in videos, mostly of their upper bodies.

    Paper: `Lin et al., 2023 <https://arxiv.org/abs/2303.16160>`_.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/ubody2d.py')

"""MHP v2: 16 keypoints of people in groups."""

from __future__ import annotations

from mmpose.registry import DATASETS

from ..base import BaseCocoStyleDataset


@DATASETS.register_module()
class MhpDataset(BaseCocoStyleDataset):
    """16 keypoints of people in groups.

    Paper: `Zhao et al., 2018 <https://arxiv.org/abs/1804.03287>`_.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/mhp.py')

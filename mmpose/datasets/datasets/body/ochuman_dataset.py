"""OCHuman: 17 keypoints of people who hide one another."""

from __future__ import annotations

from mmpose.registry import DATASETS

from ..base import BaseCocoStyleDataset


@DATASETS.register_module()
class OCHumanDataset(BaseCocoStyleDataset):
    """17 keypoints of heavily occluded people.

    Paper: `Zhang et al., 2019 <https://arxiv.org/abs/1803.10683>`_.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/ochuman.py')

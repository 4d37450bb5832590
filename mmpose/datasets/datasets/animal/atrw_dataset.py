"""ATRW: 15 keypoints of Amur tigers."""

from __future__ import annotations

from mmpose.registry import DATASETS

from ..base import BaseCocoStyleDataset


@DATASETS.register_module()
class ATRWDataset(BaseCocoStyleDataset):
    """15 keypoints of Amur tigers. Paper: `Li et al., 2020 <https://arxiv.org/abs/1906.05586>`_."""

    METAINFO: dict = dict(from_file='configs/_base_/datasets/atrw.py')

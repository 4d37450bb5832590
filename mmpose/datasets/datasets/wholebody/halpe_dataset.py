"""Halpe: 136 keypoints of body, feet, face and hands."""

from __future__ import annotations

from mmpose.registry import DATASETS

from ..base import BaseCocoStyleDataset


@DATASETS.register_module()
class HalpeDataset(BaseCocoStyleDataset):
    """136 keypoints of body, feet, face and hands.

    Paper: `Li et al., 2020 <https://arxiv.org/abs/2004.00945>`_.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/halpe.py')

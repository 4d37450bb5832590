"""AI Challenger: 14 keypoints of people."""

from __future__ import annotations

from mmpose.registry import DATASETS

from ..base import BaseCocoStyleDataset


@DATASETS.register_module()
class AicDataset(BaseCocoStyleDataset):
    """14 keypoints of people. Paper: `Wu et al., 2017 <https://arxiv.org/abs/1711.06475>`_."""

    METAINFO: dict = dict(from_file='configs/_base_/datasets/aic.py')

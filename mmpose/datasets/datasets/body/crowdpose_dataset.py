"""CrowdPose: 14 keypoints of people in crowds."""

from __future__ import annotations

from mmpose.registry import DATASETS

from ..base import BaseCocoStyleDataset


@DATASETS.register_module()
class CrowdPoseDataset(BaseCocoStyleDataset):
    """14 keypoints of people in crowds.

    Paper: `Li et al., 2019 <https://arxiv.org/abs/1812.00324>`_.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/crowdpose.py')

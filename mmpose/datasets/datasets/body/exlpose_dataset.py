"""ExLPose: 14 keypoints of people in the dark."""

from __future__ import annotations

from mmpose.registry import DATASETS

from ..base import BaseCocoStyleDataset


@DATASETS.register_module()
class ExlposeDataset(BaseCocoStyleDataset):
    """14 keypoints of people in extremely low light.

    Paper: `Lee et al., 2023 <https://arxiv.org/abs/2303.15410>`_.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/exlpose.py')

"""Horse-10: 22 keypoints of horses seen from the side."""

from __future__ import annotations

from mmpose.registry import DATASETS

from ..base import BaseCocoStyleDataset


@DATASETS.register_module()
class Horse10Dataset(BaseCocoStyleDataset):
    """22 keypoints of horses seen from the side.

    Paper: `Mathis et al., 2021 <https://arxiv.org/abs/1909.11229>`_.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/horse10.py')

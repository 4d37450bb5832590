"""AP-10K: 17 keypoints of mammals of many species."""

from __future__ import annotations

from mmpose.registry import DATASETS

from ..base import BaseCocoStyleDataset


@DATASETS.register_module()
class AP10KDataset(BaseCocoStyleDataset):
    """17 keypoints of mammals of many species.

    Paper: `Yu et al., 2021 <https://arxiv.org/abs/2108.12617>`_.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/ap10k.py')

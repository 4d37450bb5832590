"""Vinegar flies: 32 keypoints."""

from __future__ import annotations

from mmpose.registry import DATASETS

from ..base import BaseCocoStyleDataset


@DATASETS.register_module()
class FlyDataset(BaseCocoStyleDataset):
    """32 keypoints of vinegar flies.

    Paper: `Pereira et al., 2019 <https://doi.org/10.1038/s41592-018-0234-5>`_.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/fly.py')

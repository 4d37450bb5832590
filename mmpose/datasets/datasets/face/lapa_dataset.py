"""LaPa: 106 keypoints of faces."""

from __future__ import annotations

from mmpose.registry import DATASETS

from ..base import BaseCocoStyleDataset


@DATASETS.register_module()
class LapaDataset(BaseCocoStyleDataset):
    """106 keypoints of faces.

    Paper: `Liu et al., 2020 <https://doi.org/10.1609/aaai.v34i07.6832>`_.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/lapa.py')

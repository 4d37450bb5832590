"""COFW: 29 keypoints of faces."""

from __future__ import annotations

from mmpose.registry import DATASETS

from ..base import BaseCocoStyleDataset


@DATASETS.register_module()
class COFWDataset(BaseCocoStyleDataset):
    """29 keypoints of faces, many of them occluded.

    Paper: `Burgos-Artizzu et al., 2013 <https://doi.org/10.1109/ICCV.2013.191>`_.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/cofw.py')

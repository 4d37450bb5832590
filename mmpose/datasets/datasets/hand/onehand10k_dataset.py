"""OneHand10K: 21 keypoints of hands."""

from __future__ import annotations

from mmpose.registry import DATASETS

from ..base import BaseCocoStyleDataset


@DATASETS.register_module()
class OneHand10KDataset(BaseCocoStyleDataset):
    """21 keypoints of hands.

    Paper: `Wang et al., 2018 <https://doi.org/10.1109/TCSVT.2018.2879980>`_.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/onehand10k.py')

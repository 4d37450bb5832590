"""MacaquePose: 17 keypoints of macaques."""

from __future__ import annotations

from mmpose.registry import DATASETS

from ..base import BaseCocoStyleDataset


@DATASETS.register_module()
class MacaqueDataset(BaseCocoStyleDataset):
    """17 keypoints of macaques.

    Paper: `Labuguen et al., 2021 <https://doi.org/10.3389/fnbeh.2020.581154>`_.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/macaque.py')

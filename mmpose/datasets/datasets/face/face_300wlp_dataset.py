"""300W-LP: 68 keypoints of faces, turned by rendering."""

from __future__ import annotations

from mmpose.registry import DATASETS

from ..base import BaseCocoStyleDataset


@DATASETS.register_module()
class Face300WLPDataset(BaseCocoStyleDataset):
    """68 keypoints of faces in large poses.

    Paper: `Zhu et al., 2016 <https://arxiv.org/abs/1511.07212>`_.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/300wlp.py')

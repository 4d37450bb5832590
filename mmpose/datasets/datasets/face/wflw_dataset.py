"""WFLW: 98 keypoints of faces."""

from __future__ import annotations

from mmpose.registry import DATASETS

from ..base.base_center_scale_dataset import BaseCenterScaleDataset


@DATASETS.register_module()
class WFLWDataset(BaseCenterScaleDataset):
    """98 keypoints of faces. Paper: `Wu et al., 2018 <https://arxiv.org/abs/1805.10483>`_."""

    METAINFO: dict = dict(from_file='configs/_base_/datasets/wflw.py')

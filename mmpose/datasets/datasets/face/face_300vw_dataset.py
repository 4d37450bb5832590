"""300VW: 68 keypoints of faces in videos."""

from __future__ import annotations

from mmpose.registry import DATASETS

from ..base.base_center_scale_dataset import BaseCenterScaleDataset


@DATASETS.register_module()
class Face300VWDataset(BaseCenterScaleDataset):
    """68 keypoints of faces in videos.

    Paper: `Shen et al., 2015 <https://doi.org/10.1109/ICCVW.2015.132>`_.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/300vw.py')

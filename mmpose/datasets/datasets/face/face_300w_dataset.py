"""300W: 68 keypoints of faces."""

from __future__ import annotations

from mmpose.registry import DATASETS

from ..base.base_center_scale_dataset import BaseCenterScaleDataset


@DATASETS.register_module()
class Face300WDataset(BaseCenterScaleDataset):
    """68 keypoints of faces.

    Paper: `Sagonas et al., 2016 <https://doi.org/10.1016/j.imavis.2016.01.002>`_.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/300w.py')

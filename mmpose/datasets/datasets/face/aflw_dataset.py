"""AFLW: 19 keypoints of faces."""

from __future__ import annotations

from mmpose.registry import DATASETS

from ..base.base_center_scale_dataset import BaseCenterScaleDataset


@DATASETS.register_module()
class AFLWDataset(BaseCenterScaleDataset):
    """19 keypoints of faces.

    Paper: `Koestinger et al., 2011 <https://doi.org/10.1109/ICCVW.2011.6130513>`_.

    In test mode items have ``box_size``, the side of the face's square in pixels, too.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/aflw.py')

    def extra_fields(self, ann: dict, image: dict) -> dict:
        """``box_size``, which errors can be divided by, in test mode."""
        return dict(box_size=ann['box_size']) if self.test_mode else {}

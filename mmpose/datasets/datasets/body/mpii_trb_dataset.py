"""MPII-TRB: 40 keypoints of people, of the skeleton and of the contour."""

from __future__ import annotations

from contextlib import suppress

from mmpose.registry import DATASETS

from ..base.base_center_scale_dataset import BaseCenterScaleDataset
from ..base.coco_file import ENTRY_ERRORS


@DATASETS.register_module()
class MpiiTrbDataset(BaseCenterScaleDataset):
    """14 keypoints of the skeleton and 26 of the contour of people.

    ``scale`` is taken for MPII's, as in MMPose 1.x. In the published files it is the factor that
    brings people to one size, and the squares come out far smaller than the people; for squares as
    in MPII replace it by 0.8286 / ``scale``. Paper: `Duan et al., 2019
    <https://arxiv.org/abs/1910.11535>`_.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/mpii_trb.py')

    def read_annotations(self) -> dict:
        """The annotation file with its images in the order of the annotations, as published."""
        coco = super().read_annotations()
        with suppress(*ENTRY_ERRORS):  # reading names the entry at fault
            places: dict = {}
            for ann in coco['annotations']:
                places.setdefault(ann['image_id'], len(places))
            coco['images'].sort(key=lambda image: places.get(image['id'], len(places)))
        return coco

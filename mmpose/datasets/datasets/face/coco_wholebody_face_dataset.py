"""The faces of COCO-WholeBody: 68 keypoints."""

from __future__ import annotations

import numpy as np

from mmpose.registry import DATASETS

from ..base import BaseCocoStyleDataset
from ..base.wholebody_parts import wholebody_part


@DATASETS.register_module()
class CocoWholeBodyFaceDataset(BaseCocoStyleDataset):
    """68 keypoints of the faces of people, read from annotations of whole bodies.

    Paper: `Jin et al., 2020 <https://arxiv.org/abs/2007.11858>`_.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/coco_wholebody_face.py')

    def parse_data_info(self, raw_data_info: dict) -> dict | None:
        """The face of a person as an item of ``topdown`` mode, or ``None`` if it is not labelled.

        Args:
            raw_data_info: As in the base; ``raw_ann_info`` is the annotation of the person.
        """
        face = wholebody_part(raw_data_info['raw_ann_info'], 'face')
        return face and super().parse_data_info(dict(raw_data_info, raw_ann_info=face))

    def coco_fields(self, ann: dict, bbox: np.ndarray) -> dict:
        """The segmentation of the person; area and category are not those of the face."""
        return dict(segmentation=ann.get('segmentation'))

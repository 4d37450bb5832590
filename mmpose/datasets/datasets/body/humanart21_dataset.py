"""Human-Art with feet: 21 keypoints of people in works of art."""

from __future__ import annotations

import numpy as np

from mmpose.registry import DATASETS

from .humanart_dataset import HumanArtDataset


@DATASETS.register_module()
class HumanArt21Dataset(HumanArtDataset):
    """21 keypoints, those of :class:`HumanArtDataset` with fingers and toes.

    They stand in ``keypoints_21`` of an annotation.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/humanart21.py')

    def parse_keypoints(self, ann: dict, image: dict) -> tuple[np.ndarray, np.ndarray]:
        """Coordinates (1, 21, 2) in pixels, and whether labelled (1, 21)."""
        return self.split_keypoints(ann['keypoints_21'])

    def coco_fields(self, ann: dict, bbox: np.ndarray) -> dict:
        """What the scoring needs besides; it takes the area from the raw annotation."""
        fields = super().coco_fields(ann, bbox)
        del fields['area']
        return fields

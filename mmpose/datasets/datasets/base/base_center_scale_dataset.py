"""The base of the data sets whose boxes are given by center and scale."""

from __future__ import annotations

import numpy as np

from mmpose.structures.bbox import bbox_cs2xyxy, bbox_xyxy2cs

from .base_coco_style_dataset import BaseCocoStyleDataset

SCALE_UNIT = 200  # pixels, by the convention of MPII


class BaseCenterScaleDataset(BaseCocoStyleDataset):
    """Instances in squares around ``center``, pixels, with sides of ``scale`` times 200 pixels.

    The squares replace annotated boxes and may reach beyond the image. Items have ``bbox_center``
    (1, 2) and ``bbox_scale`` (1, 2), pixels, besides ``bbox``.
    """

    def parse_bbox(self, ann: dict, image: dict) -> np.ndarray:
        """The square of the instance, (1, 4) xyxy in pixels."""
        center, scale = ann['center'], ann['scale']
        if len(center) != 2:
            raise ValueError(f'its center has {len(center)} numbers; expected 2 (x, y).')
        side = np.full((1, 2), scale * SCALE_UNIT)
        return bbox_cs2xyxy(np.array([center]), side).astype(np.float32)

    def coco_fields(self, ann: dict, bbox: np.ndarray) -> dict:
        """Center and scale of the square instead of the fields that only COCO's scoring needs."""
        center, scale = bbox_xyxy2cs(bbox)
        return dict(bbox_center=center, bbox_scale=scale)

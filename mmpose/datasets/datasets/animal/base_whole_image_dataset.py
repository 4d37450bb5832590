"""The base of the data sets whose images show one animal each, cut out and centered."""

from __future__ import annotations

import numpy as np

from ..base import BaseCocoStyleDataset
from ..base.coco_file import whole_image_box


class BaseWholeImageDataset(BaseCocoStyleDataset):
    """Animals whose box is their whole image, whatever the annotated box."""

    def parse_bbox(self, ann: dict, image: dict) -> np.ndarray:
        """The image, (1, 4) xyxy in pixels."""
        return whole_image_box(image)

    def coco_fields(self, ann: dict, bbox: np.ndarray) -> dict:
        """Nothing, for no data set of this kind is scored as COCO is."""
        return {}

"""The hands of COCO-WholeBody: 21 keypoints."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

import numpy as np

from mmpose.registry import DATASETS

from ..base import BaseCocoStyleDataset
from ..base.wholebody_parts import wholebody_part


@DATASETS.register_module()
class CocoWholeBodyHandDataset(BaseCocoStyleDataset):
    """21 keypoints of the hands of people, read from annotations of whole bodies.

    The left and the right hand of a person are two instances. An ``id`` counts the hands of the
    file, for the annotations have none for them.
    Paper: `Jin et al., 2020 <https://arxiv.org/abs/2007.11858>`_.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/coco_wholebody_hand.py')

    def coco_fields(self, ann: dict, bbox: np.ndarray) -> dict:
        """The segmentation of the person; area and category are not those of the hand."""
        return dict(segmentation=ann.get('segmentation'))

    def split_annotation(self, ann: dict) -> Iterator[dict]:
        """The annotations of the hands that are labelled."""
        for side in ('lefthand', 'righthand'):
            hand = wholebody_part(ann, side)
            if hand:
                yield hand
            else:
                self._dropped['hands not labelled'] += 1

    def _instances(
        self, annotations: Sequence[dict], images: dict[Hashable, dict]
    ) -> Iterator[dict]:
        for index, instance in enumerate(super()._instances(annotations, images)):
            yield dict(instance, id=index)

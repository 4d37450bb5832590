"""Animal Kingdom: 23 keypoints of animals of all classes."""

from __future__ import annotations

from mmpose.registry import DATASETS

from ..base import BaseCocoStyleDataset


@DATASETS.register_module()
class AnimalKingdomDataset(BaseCocoStyleDataset):
    """23 keypoints of animals of all classes.

    Paper: `Ng et al., 2022 <https://arxiv.org/abs/2204.08129>`_.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/ak.py')

"""DeepFashion2: 294 landmarks of 13 kinds of clothes."""

from __future__ import annotations

from mmpose.registry import DATASETS

from ..base import BaseCocoStyleDataset


@DATASETS.register_module()
class DeepFashion2Dataset(BaseCocoStyleDataset):
    """294 landmarks of 13 kinds of clothes.

    Paper: `Ge et al., 2019 <https://arxiv.org/abs/1901.07973>`_.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/deepfashion2.py')

"""Animal-Pose: 20 keypoints of five mammals."""

from __future__ import annotations

from mmpose.registry import DATASETS

from ..base import BaseCocoStyleDataset


@DATASETS.register_module()
class AnimalPoseDataset(BaseCocoStyleDataset):
    """20 keypoints of cats, cows, dogs, horses and sheep.

    Paper: `Cao et al., 2019 <https://arxiv.org/abs/1908.05806>`_.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/animalpose.py')

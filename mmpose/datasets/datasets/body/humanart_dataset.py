"""Human-Art: 17 keypoints of people in works of art."""

from __future__ import annotations

from mmpose.registry import DATASETS

from ..base import BaseCocoStyleDataset


@DATASETS.register_module()
class HumanArtDataset(BaseCocoStyleDataset):
    """17 keypoints of people in natural and artificial scenes.

    Paper: `Ju et al., 2023 <https://arxiv.org/abs/2303.02760>`_.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/humanart.py')

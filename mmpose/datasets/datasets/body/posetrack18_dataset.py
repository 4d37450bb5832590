"""PoseTrack18: 17 keypoints of people in the frames of videos."""

from __future__ import annotations

from mmpose.registry import DATASETS

from ..base import BaseCocoStyleDataset


@DATASETS.register_module()
class PoseTrack18Dataset(BaseCocoStyleDataset):
    """17 keypoints of people in the frames of videos.

    Paper: `Andriluka et al., 2018 <https://arxiv.org/abs/1710.10000>`_.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/posetrack18.py')

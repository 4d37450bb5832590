"""Grevy's zebras: 9 keypoints."""

from __future__ import annotations

from mmpose.registry import DATASETS

from .base_whole_image_dataset import BaseWholeImageDataset


@DATASETS.register_module()
class ZebraDataset(BaseWholeImageDataset):
    """9 keypoints of Grevy's zebras seen from above.

    Paper: `Graving et al., 2019 <https://elifesciences.org/articles/47994>`_.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/zebra.py')

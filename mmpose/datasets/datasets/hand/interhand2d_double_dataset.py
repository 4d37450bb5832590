"""InterHand2.6M: 42 keypoints of two hands in images."""

from __future__ import annotations

from mmpose.registry import DATASETS

from .base_interhand_dataset import BaseInterHandDataset


@DATASETS.register_module()
class InterHand2DDoubleDataset(BaseInterHandDataset):
    """42 keypoints of two hands in images, for recognition in 2D.

    Arguments and fields are those of :class:`BaseInterHandDataset`; ``keypoints`` are (1, 42, 2).
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/interhand3d.py')

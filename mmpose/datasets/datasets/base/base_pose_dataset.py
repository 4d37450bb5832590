"""What all data sets of poses share."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
from mmengine.dataset import BaseDataset, force_full_init
from torch.utils.data import get_worker_info

from mmpose.datasets.transforms.loading import UnreadableImageError
from mmpose.structures.metainfo import parse_pose_metainfo

from .packing import pack_items
from .unreadable_images import UnreadableImages

# what the pipelines and the models need to know of the skeleton, with every item
ITEM_METAINFO = (
    'dataset_name',
    'upper_body_ids',
    'lower_body_ids',
    'flip_pairs',
    'dataset_keypoint_weights',
    'flip_indices',
    'skeleton_links',
)


class BasePoseDataset(BaseDataset):
    """A data set that has a skeleton and says with every item what it is.

    A subclass names its keypoints in ``METAINFO``.

    Args:
        max_unreadable: How many images in training may be unreadable, in each worker, before that
            is an error; another item takes the place of each. In testing the first is an error.
        **kwargs: As for :class:`mmengine.dataset.BaseDataset`.

    Raises:
        ValueError: ``max_unreadable`` is negative.
    """

    METAINFO: dict = dict()

    def __init__(self, *, max_unreadable: int = 10, **kwargs: Any) -> None:
        self._unreadable = UnreadableImages(max_unreadable)
        super().__init__(**kwargs)

    @classmethod
    def _load_metainfo(cls, metainfo: dict | None = None) -> dict:
        """The parsed skeleton: ``metainfo``, or where it is ``None`` the class's ``METAINFO``."""
        metainfo = cls.METAINFO if metainfo is None else metainfo
        if not isinstance(metainfo, dict):
            raise TypeError(
                f'metainfo is {metainfo!r}; expected a dict such as '
                "dict(from_file='configs/_base_/datasets/coco.py')."
            )
        return dict(parse_pose_metainfo(metainfo)) if metainfo else {}

    def prepare_data(self, idx: int) -> Any:
        """What the pipeline makes of item ``idx``.

        The pipeline finds this data set under ``dataset``, to draw images to mix from. In
        training the result is ``None``, for which another item is drawn, if an image cannot be
        read.

        Raises:
            UnreadableImageError: An image cannot be read, in testing or one time too often.
        """
        if get_worker_info() is not None:
            _leave_inherited_objects_alone()
        data_info = self.get_data_info(idx)
        data_info['dataset'] = self
        try:
            return self.pipeline(data_info)
        except UnreadableImageError as error:
            if self.test_mode:
                raise
            self._unreadable.skip(error)
            return None

    @force_full_init
    def get_data_info(self, idx: int) -> dict:
        """Item ``idx`` before the pipeline.

        The parts that describe the skeleton belong to the data set and are not copied: a
        transform may replace them but must not write into them.
        """
        data_info = super().get_data_info(idx + len(self) if idx < 0 else idx)
        metainfo = self._metainfo
        data_info.update({key: metainfo[key] for key in ITEM_METAINFO if key in metainfo})
        return data_info

    def _serialize_data(self) -> tuple[np.ndarray, np.ndarray]:
        """The packed items and where each ends; each item is freed as soon as it is packed."""
        items, self.data_list = self.data_list, []
        return pack_items(_emptied(items))

    def _get_serialized_subset(self, indices: int | Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        places = range(len(self))
        if isinstance(indices, int):
            places = places[:indices] if indices >= 0 else places[indices:]
        else:
            places = [places[i] for i in indices]
        return super()._get_serialized_subset(places)


@cache
def _leave_inherited_objects_alone() -> None:
    """Keep a worker from copying the memory that it shares with the process it was forked from.

    Looking for garbage writes into every object that there is; those which a worker inherits are
    none, and need not be looked at.
    """
    gc.freeze()


def _emptied(items: list[dict]) -> Iterator[dict]:
    """The items, each given up by the list when it is asked for."""
    items.reverse()
    while items:
        yield items.pop()

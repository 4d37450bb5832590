"""Several data sets, with different skeletons, as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from mmengine.dataset import force_full_init

from mmpose.registry import DATASETS

from .builder import build_dataset
from .datasets.base.base_pose_dataset import ITEM_METAINFO, BasePoseDataset

# an item's `dataset_name` stays that of its source
JOINT_METAINFO = [key for key in ITEM_METAINFO if key != 'dataset_name']


@DATASETS.register_module()
class CombinedDataset(BasePoseDataset):
    """The items of several data sets, one data set after the other.

    Each data set's own pipeline brings its items to the joint skeleton (see
    ``KeypointConverter``); the pipeline given here then continues with them.

    Args:
        metainfo: The joint skeleton, as :class:`BaseCocoStyleDataset` takes it.
        datasets: Configs of the data sets.
        pipeline: Transforms that follow those of the data sets.
        sample_ratio_factor: For each data set how many items it gives in relation to its
            length: 0.5 draws half of them anew each time, evenly spread; 2 shows each twice.
            ``None``: all items once.
        **kwargs: As for :class:`BaseCocoStyleDataset`: ``test_mode``, ``lazy_init``,
            ``max_refetch``, ``max_unreadable``.

    Raises:
        ValueError: There are no data sets, or the factors are not one per data set, or negative.
    """

    def __init__(
        self,
        metainfo: dict,
        datasets: list[dict],
        pipeline: list[dict | Callable] = [],
        sample_ratio_factor: Sequence[float] | None = None,
        **kwargs: Any,
    ):
        if sample_ratio_factor is not None and (
            len(sample_ratio_factor) != len(datasets) or min(sample_ratio_factor, default=0) < 0
        ):
            raise ValueError(
                f'sample_ratio_factor is {sample_ratio_factor}; expected one number of 0 or more '
                f'for each of the {len(datasets)} datasets.'
            )
        if not datasets:
            raise ValueError('datasets is empty; give the configs of one data set or more.')
        self.datasets = [build_dataset(cfg) for cfg in datasets]
        self._ratios = sample_ratio_factor or [1.0] * len(datasets)
        super().__init__(metainfo=metainfo, pipeline=pipeline, **kwargs)

    @property
    def lens(self) -> list[int]:
        """How many items each data set gives."""
        self.full_init()
        return self._lens

    def full_init(self) -> None:
        """Read the data sets, if that has not been done yet."""
        if self._fully_initialized:
            return
        for dataset in self.datasets:
            dataset.full_init()
        self._lens = [
            round(len(dataset) * ratio)
            for dataset, ratio in zip(self.datasets, self._ratios, strict=True)
        ]
        self._ends = np.cumsum(self._lens)
        self._fully_initialized = True

    @force_full_init
    def __len__(self) -> int:
        return sum(self._lens)

    @force_full_init
    def get_data_info(self, idx: int) -> dict:
        """Item ``idx`` as its data set's pipeline gives it, with the joint skeleton's metainfo."""
        source, sample_idx = self._locate(idx)
        data_info = self.datasets[source][sample_idx]
        data_info.pop('dataset', None)
        metainfo = self._metainfo
        data_info.update({key: metainfo[key] for key in JOINT_METAINFO if key in metainfo})
        return data_info

    def _locate(self, idx: int) -> tuple[int, int]:
        """The data set of an item and the item's place there."""
        if not -len(self) <= idx < len(self):
            raise IndexError(f'There is no item {idx}; the data set has {len(self)}.')
        idx %= len(self)
        source = int(np.searchsorted(self._ends, idx, side='right'))
        place = idx - int(self._ends[source] - self._lens[source])
        num_items = len(self.datasets[source])
        if self._lens[source] != num_items:
            step = num_items / self._lens[source]
            place = min(int(step * (place + np.random.rand())), num_items - 1)
        return source, place

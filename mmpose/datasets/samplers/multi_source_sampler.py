"""Batches that mix several data sets in a fixed proportion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
from mmengine.dist import get_dist_info, sync_random_seed
from torch.utils.data import Sampler

from mmpose.registry import DATA_SAMPLERS


@DATA_SAMPLERS.register_module()
class MultiSourceSampler(Sampler[int]):
    """Indices of which each ``batch_size`` in a row have the same share of every data set.

    A data set that comes to its end starts again, in another order, so within it all items are
    drawn equally often. The order depends on ``seed``, the epoch and the process alone: a training
    that is resumed goes on as it would have, and processes never draw the same item before all
    others had their turn.

    Args:
        dataset: A :class:`~mmpose.datasets.CombinedDataset` or a ``ConcatDataset``.
        batch_size: That of the data loader.
        source_ratio: The shares of the data sets in a batch: numbers of 0 or more, of any sum. Each
            data set has its share of ``batch_size``, rounded down, and the first what is left.
        shuffle: Whether to draw in random order.
        round_up: Whether an epoch has at least as many items as there are, so that the last batch
            is whole; otherwise at most as many.
        seed: The same in all processes; ``None``: drawn at random.

    Raises:
        TypeError: ``dataset`` is not made of several data sets.
        ValueError: The ratios are not one per data set, or leave one of them without an item in a
            batch; or there is nothing to draw from.

    Example:
        >>> from mmengine.dataset import BaseDataset, ConcatDataset
        >>> class Numbers(BaseDataset):
        ...     def load_data_list(self):
        ...         return [dict()] * 4
        >>> dataset = ConcatDataset([Numbers(), Numbers()])
        >>> list(MultiSourceSampler(dataset, 4, [3, 1], shuffle=False))
        [0, 1, 2, 4, 3, 0, 1, 5]
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int,
        source_ratio: Sequence[float],
        shuffle: bool = True,
        round_up: bool = True,
        seed: int | None = None,
    ) -> None:
        self._lens = _lengths(dataset)
        self._starts = [0, *accumulate(self._lens)]
        self.dataset = dataset
        self.batch_size = batch_size
        self.source_ratio = source_ratio
        self.num_per_source = _share_out(batch_size, source_ratio, self._lens)
        self.shuffle = shuffle
        self.round_up = round_up
        self.seed = sync_random_seed() if seed is None else seed
        self.epoch = 0
        self.rank, self.world_size = get_dist_info()
        self._num_batches = self._count_batches()
        self._orders: dict[int, tuple[int, np.ndarray]] = {}

    def __iter__(self) -> Iterator[int]:
        for number in range(self._num_batches):
            # of the batches of all epochs and processes, the how manieth this one is
            batch = (self.epoch * self._num_batches + number) * self.world_size + self.rank
            for source, num in enumerate(self.num_per_source):
                for place in range(batch * num, (batch + 1) * num):
                    yield self._starts[source] + self._draw(source, place)

    def __len__(self) -> int:
        """How many indices this process draws in an epoch."""
        return self._num_batches * self.batch_size

    def set_epoch(self, epoch: int) -> None:
        """Go to the start of an epoch, counted from 0; runners call this before each."""
        self.epoch = epoch

    def _count_batches(self) -> int:
        num_items, num_drawn = sum(self._lens), self.batch_size * self.world_size
        num_batches = num_items // num_drawn
        if self.round_up and num_items % num_drawn:
            num_batches += 1
        if not num_batches:
            raise ValueError(
                f'The data sets have {num_items} items, less than one batch of {self.batch_size} '
                f'for each of {self.world_size} processes; set round_up=True.'
            )
        return num_batches

    def _draw(self, source: int, place: int) -> int:
        """What is at a place of the endless row of a data set's items."""
        turn, place = divmod(place, self._lens[source])
        if not self.shuffle:
            return place
        if self._orders.get(source, (None,))[0] != turn:
            random = np.random.default_rng([self.seed, source, turn])
            self._orders[source] = turn, random.permutation(self._lens[source])
        return int(self._orders[source][1][place])


def _lengths(dataset: Any) -> list[int]:
    """The number of items of each data set."""
    if hasattr(dataset, 'lens'):
        return list(dataset.lens)
    if hasattr(dataset, 'datasets'):
        return [len(source) for source in dataset.datasets]
    raise TypeError(
        f'MultiSourceSampler mixes several data sets, but got a {type(dataset).__name__}; put them '
        'into a CombinedDataset.'
    )


def _share_out(batch_size: int, ratio: Sequence[float], lens: Sequence[int]) -> list[int]:
    """How many items of a batch each data set gives."""
    if batch_size < 1:
        raise ValueError(f'batch_size is {batch_size}; expected 1 or more.')
    if len(ratio) != len(lens) or not all(r >= 0 for r in ratio) or not 0 < sum(ratio) < np.inf:
        raise ValueError(
            f'source_ratio is {ratio}; expected a number of 0 or more for each of the {len(lens)} '
            'data sets, not all 0.'
        )
    # the tiny term keeps shares that are whole numbers from being rounded to the one below
    nums = [int(batch_size * share / sum(ratio) + 1e-9) for share in ratio]
    nums[0] += batch_size - sum(nums)
    for source, (num, share, length) in enumerate(zip(nums, ratio, lens, strict=True)):
        if num and not length:
            raise ValueError(f'Data set {source} has no items; set its source_ratio to 0.')
        if share and not num:
            raise ValueError(
                f'source_ratio {ratio} leaves no item of a batch of {batch_size} to data set '
                f'{source}; set a larger batch_size, or its ratio to 0.'
            )
    return nums

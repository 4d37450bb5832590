"""Batches of training data that can begin anywhere, and look the same whoever loads them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import chain, count, islice
from typing import Any

import numpy as np
import torch
from mmengine.dist import get_rank
from torch.utils.data import DataLoader, IterableDataset, Sampler, get_worker_info

from .random_state import seed_loading


class SeededIndices(list):
    """The indices of a batch. Who goes through them, as loaders do, has random numbers of its own.

    So what is drawn for a batch depends on ``key`` alone, not on the worker that loads it nor on
    what that has loaded before. A worker keeps these random numbers until its next batch; where
    the process of the training loads its data, the training's own go on afterwards.

    Args:
        indices: What to load.
        key: Numbers of 0 or more that no other batch has.
    """

    def __init__(self, indices: list, key: tuple[int, ...]) -> None:
        super().__init__(indices)
        self.key = key

    def __iter__(self) -> Iterator[Any]:
        if get_worker_info() is not None:
            seed_loading(self.key)
            yield from super().__iter__()
            return
        states = random.getstate(), np.random.get_state(), torch.get_rng_state()
        try:
            seed_loading(self.key)
            yield from super().__iter__()
        finally:
            random.setstate(states[0])
            np.random.set_state(states[1])
            torch.set_rng_state(states[2])

    def __reduce__(self) -> tuple:
        # that of a list would go through the indices, in the thread that sends them to a worker
        return SeededIndices, (self[:], self.key)


class TrainingBatches(Sampler[SeededIndices]):
    """The batches of another batch sampler, from any place on.

    Args:
        batch_sampler: The other; its attributes can be read here.
        seed: That of the training.
    """

    def __init__(self, batch_sampler: Any, seed: int) -> None:
        self.batch_sampler = batch_sampler
        self._seed = seed
        self._pass: Iterator[SeededIndices] | None = None

    def start_at(self, place: int, iteration: int) -> None:
        """Begin the pass that is gone through next.

        Args:
            place: How many batches to leave out.
            iteration: How many iterations of the training there were before.
        """
        batches = iter(self.batch_sampler)
        # A sampler that draws its order does so with its first batch: here, and not when loading.
        first = list(islice(batches, place, place + 1))
        rank = get_rank()
        self._pass = (
            SeededIndices(indices, (self._seed, rank, iteration))
            for iteration, indices in zip(count(iteration), chain(first, batches))
        )

    def __iter__(self) -> Iterator[SeededIndices]:
        # a loader asks twice and drops the first answer, so nothing may begin before the first item
        if self._pass is None:
            self.start_at(0, 0)
        batches, self._pass = self._pass, None
        yield from batches

    def __len__(self) -> int:
        """The batches of a whole pass."""
        return len(self.batch_sampler)

    def __getattr__(self, name: str) -> Any:
        if name == 'batch_sampler':  # while it is copied or unpickled
            raise AttributeError(name)
        return getattr(self.batch_sampler, name)


def training_batches(loader: DataLoader, seed: int) -> TrainingBatches | None:
    """The batch sampler of a loader, made to begin anywhere; ``None`` if that cannot be.

    It cannot for data without an order, and for loaders without batches.

    Args:
        loader: Changed in place on its first call.
        seed: That of the training.
    """
    if loader.batch_sampler is None or isinstance(loader.dataset, IterableDataset):
        return None
    if not isinstance(loader.batch_sampler, TrainingBatches):
        batches = TrainingBatches(loader.batch_sampler, seed)
        # The loader forbids this for the sake of iterators in use; there is none, nor is one kept.
        object.__setattr__(loader, 'batch_sampler', batches)
        loader._iterator = None
        if loader.generator is None:
            # starting workers draws a number, and not always at the same point of a training
            loader.generator = torch.Generator().manual_seed(seed)
    return loader.batch_sampler

"""Batches that begin anywhere and whose random numbers are their own."""

import pickle
from itertools import islice

import numpy as np
import pytest
import torch
from mmengine.dataset import InfiniteSampler
from torch.utils.data import DataLoader, Dataset, IterableDataset

from mmpose.engine.training_batches import SeededIndices, training_batches


class Noise(Dataset):
    """Items that say which they are and what was drawn for them."""

    def __len__(self):
        return 7

    def __getitem__(self, index):
        return index, np.random.rand(), torch.rand(1).item()


def load(place=0, num_batches=None, **kwargs):
    loader = DataLoader(Noise(), batch_size=2, collate_fn=tuple, **kwargs)
    training_batches(loader, seed=5).start_at(place, iteration=10 + place)
    return list(islice(loader, num_batches))


def test_the_same_from_any_place_and_any_worker():
    whole = load()
    assert [[index for index, *_ in batch] for batch in whole] == [[0, 1], [2, 3], [4, 5], [6]]
    assert len({draw for batch in whole for _, *draws in batch for draw in draws}) == 14
    for place in (0, 1, 3, 4):
        assert load(place) == whole[place:]
    assert load(1, num_workers=2) == load(1, num_workers=1, persistent_workers=True) == whole[1:]


@pytest.mark.parametrize('num_workers', [0, 2])
def test_endless_samplers_go_on(num_workers):
    kwargs = dict(num_workers=num_workers, persistent_workers=num_workers > 0)
    whole = load(0, 9, sampler=InfiniteSampler(Noise(), seed=1), **kwargs)
    assert load(6, 3, sampler=InfiniteSampler(Noise(), seed=1), **kwargs) == whole[6:]


def test_loading_leaves_the_random_numbers_of_the_training_alone():
    np.random.seed(0)
    torch.manual_seed(0)
    expected = np.random.rand(), torch.rand(1)
    np.random.seed(0)
    torch.manual_seed(0)
    load(2)
    assert (np.random.rand(), torch.rand(1)) == expected


def test_an_error_in_loading_does_too():
    state = torch.get_rng_state()
    with pytest.raises(ZeroDivisionError):
        [1 / (index * torch.rand(1).item() * 0) for index in SeededIndices([1], (0, 0, 0))]
    assert torch.equal(torch.get_rng_state(), state)


def test_indices_travel_to_workers_without_being_gone_through():
    state = torch.get_rng_state()
    copy = pickle.loads(pickle.dumps(SeededIndices([3, 1], (0, 1, 2))))
    assert (list(copy), copy.key, type(copy)) == ([3, 1], (0, 1, 2), SeededIndices)
    assert torch.equal(torch.get_rng_state(), state)


def test_looks_like_the_batch_sampler_it_stands_for():
    loader = DataLoader(Noise(), batch_size=2, shuffle=True)
    original = loader.batch_sampler
    batches = training_batches(loader, seed=0)
    assert training_batches(loader, seed=0) is batches is loader.batch_sampler
    assert (len(loader), batches.batch_size, batches.sampler) == (4, 2, original.sampler)
    # passes that nobody announced are whole
    assert [len(list(loader)) for _ in range(2)] == [4, 4]


def test_data_without_an_order_stay_as_they_are():
    class Stream(IterableDataset):
        def __iter__(self):
            return iter(range(3))

    assert training_batches(DataLoader(Stream()), seed=0) is None
    assert training_batches(DataLoader(Noise(), batch_size=None), seed=0) is None

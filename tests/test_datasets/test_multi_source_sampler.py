import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mmengine.dataset import BaseDataset, ConcatDataset
from mmengine.runner import Runner

from mmpose.datasets import MultiSourceSampler
from mmpose.datasets.samplers import multi_source_sampler
from mmpose.registry import DATA_SAMPLERS


class Sources:
    """As many sources of some lengths as a combined data set."""

    def __init__(self, *lens):
        self.lens = lens

    def source_of(self, index):
        return int(np.searchsorted(np.cumsum(self.lens), index, side='right'))


def batches(sampler):
    indices = list(sampler)
    assert len(indices) == len(sampler)
    return np.reshape(indices, (-1, sampler.batch_size)).tolist()


def in_process(monkeypatch, rank, world_size):
    monkeypatch.setattr(multi_source_sampler, 'get_dist_info', lambda: (rank, world_size))


@pytest.mark.parametrize(
    ('batch_size', 'ratio', 'nums'),
    [
        (8, [1, 1], [4, 4]),
        (8, [1, 2, 1], [2, 4, 2]),
        (10, [1, 1, 1], [4, 3, 3]),  # the first has what is left
        (4, [0.75, 0.25], [3, 1]),
        (10, [0.3, 0.7], [3, 7]),
        (5, [1, 0, 4], [1, 0, 4]),
    ],
)
def test_shares(batch_size, ratio, nums):
    sources = Sources(20, 30, 50)
    sources.lens = sources.lens[: len(ratio)]
    sampler = MultiSourceSampler(sources, batch_size, ratio, seed=0)
    assert sampler.num_per_source == nums
    for batch in batches(sampler):
        assert [sources.source_of(index) for index in batch] == np.repeat(
            range(len(nums)), nums
        ).tolist()


def test_without_shuffling_each_source_goes_round():
    sampler = MultiSourceSampler(Sources(3, 5), 4, [1, 1], shuffle=False)
    assert batches(sampler) == [[0, 1, 3, 4], [2, 0, 5, 6]]
    sampler.set_epoch(1)  # goes on where the first one ended
    assert batches(sampler) == [[1, 2, 7, 3], [0, 1, 4, 5]]


@settings(deadline=None)
@given(
    lens=st.lists(st.integers(1, 30), min_size=1, max_size=3),
    batch_size=st.integers(3, 9),
    seed=st.integers(0, 99),
    shuffle=st.booleans(),
)
def test_within_a_source_all_have_their_turn(lens, batch_size, seed, shuffle):
    sources = Sources(*lens)
    sampler = MultiSourceSampler(sources, batch_size, [1] * len(lens), shuffle, seed=seed)
    counts = Counter()
    for epoch in range(3):
        sampler.set_epoch(epoch)
        counts.update(sampler)
    for source in range(len(lens)):
        of_source = [counts[i] for i in range(sum(lens)) if sources.source_of(i) == source]
        assert max(of_source) - min(of_source) <= 1


def test_the_order_depends_on_seed_and_epoch_alone():
    def drawn(seed, epoch):
        sampler = MultiSourceSampler(Sources(40, 60), 10, [1, 1], seed=seed)
        sampler.set_epoch(epoch)
        return list(sampler)

    assert drawn(1, 3) == drawn(1, 3)
    assert len({tuple(drawn(seed, epoch)) for seed in (1, 2) for epoch in range(3)}) == 6
    resumed = MultiSourceSampler(Sources(40, 60), 10, [1, 1], seed=1)
    for epoch in range(4):
        resumed.set_epoch(epoch)
        last = list(resumed)
    assert last == drawn(1, 3)


def test_processes_share_the_items(monkeypatch):
    drawn = []
    for rank in range(2):
        in_process(monkeypatch, rank, 2)
        sampler = MultiSourceSampler(Sources(16, 8), 6, [2, 1], seed=5)
        assert len(sampler) == 12
        drawn += list(sampler)
    assert sorted(drawn) == list(range(24))


@pytest.mark.parametrize(
    ('num_items', 'round_up', 'world_size', 'num_batches'),
    [(40, True, 1, 5), (41, True, 1, 6), (41, False, 1, 5), (41, True, 4, 2), (41, False, 4, 1)],
)
def test_length(monkeypatch, num_items, round_up, world_size, num_batches):
    in_process(monkeypatch, 0, world_size)
    sampler = MultiSourceSampler(Sources(num_items - 7, 7), 8, [1, 1], round_up=round_up, seed=0)
    assert len(sampler) == num_batches * 8
    assert len(batches(sampler)) == num_batches


class Numbers(BaseDataset):
    def load_data_list(self):
        return [dict(number=i) for i in range(6)]


def test_in_the_data_loader_of_a_runner():
    dataset = ConcatDataset([Numbers(), Numbers()])
    sampler = dict(type='mmpose.MultiSourceSampler', batch_size=4, source_ratio=[3, 1])
    loader = Runner.build_dataloader(
        dict(dataset=dataset, batch_size=4, num_workers=0, sampler=sampler), seed=3
    )
    assert isinstance(loader.sampler, MultiSourceSampler)
    assert loader.sampler.seed == 3
    assert [len(batch['sample_idx']) for batch in loader] == [4, 4, 4]
    assert DATA_SAMPLERS.get('MultiSourceSampler') is MultiSourceSampler


@pytest.mark.parametrize(
    ('lens', 'arguments', 'message'),
    [
        ((3, 3), dict(batch_size=0, source_ratio=[1, 1]), 'batch_size is 0; expected 1 or more.'),
        (
            (3, 3),
            dict(batch_size=4, source_ratio=[1]),
            'source_ratio is [1]; expected a number of 0 or more for each of the 2 data sets, not '
            'all 0.',
        ),
        ((3, 3), dict(batch_size=4, source_ratio=[-1, 2]), 'source_ratio is [-1, 2]; expected'),
        ((3, 3), dict(batch_size=4, source_ratio=[0, 0]), 'source_ratio is [0, 0]; expected'),
        (
            (3, 3),
            dict(batch_size=4, source_ratio=[9, 1]),
            'source_ratio [9, 1] leaves no item of a batch of 4 to data set 1; set a larger '
            'batch_size, or its ratio to 0.',
        ),
        (
            (3, 0),
            dict(batch_size=4, source_ratio=[1, 1]),
            'Data set 1 has no items; set its source_ratio to 0.',
        ),
        (
            (3, 0),
            dict(batch_size=4, source_ratio=[1, 0], round_up=False),
            'The data sets have 3 items, less than one batch of 4 for each of 1 processes; set '
            'round_up=True.',
        ),
    ],
)
def test_arguments_that_cannot_be(lens, arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        MultiSourceSampler(Sources(*lens), **arguments)


def test_a_single_data_set_is_none_of_several():
    with pytest.raises(TypeError, match='got a Numbers; put them into a CombinedDataset'):
        MultiSourceSampler(Numbers(), 4, [1])

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.datasets.datasets.base.packing import pack, pack_items


def repacked(item):
    return pickle.loads(pack(item))


def same(first, second):
    """Equal in values, types, order and the sign of zero."""
    return pickle.dumps(first) == pickle.dumps(second)


NUMBERS = st.floats() | st.integers() | st.integers(-40000, 40000).map(lambda x: x / 10)
TENTHS = st.lists(st.integers(-99999, 99999).map(lambda x: x / 10), min_size=60, max_size=80)
VALUES = st.recursive(
    NUMBERS | st.none() | st.booleans() | st.text(max_size=3) | TENTHS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@settings(deadline=None)
@given(item=st.dictionaries(st.text(max_size=5), VALUES))
def test_what_comes_back_is_what_went_in(item):
    # one by one, since equal values may or may not be the same object
    for key, value in repacked(item).items():
        assert same(value, pickle.loads(pickle.dumps(item[key])))
    assert list(repacked(item)) == list(item)


@settings(deadline=None)
@given(values=st.lists(st.floats(), min_size=64, max_size=70), digits=st.integers(0, 5))
def test_floats_come_back_bit_by_bit(values, digits):
    values = [round(value, digits) for value in values]
    assert np.array(repacked(dict(x=values))['x']).tobytes() == np.array(values).tobytes()


@pytest.mark.parametrize(
    ('value', 'num_bytes'),
    [(12.3, 2), (4000.5, 4), (-0.25, 4), (1.125, 4), (1 / 3, 8), (-0.0, 8), (1e300, 8)],
)
def test_few_digits_take_little_memory(value, num_bytes):
    least = len(pack(dict(x=[12.3] * 100))) - 200
    assert abs(len(pack(dict(x=[value] * 100))) - least - 100 * num_bytes) < 10


def test_a_list_that_is_in_two_places_stays_one():
    polygons = [[float(i) for i in range(100)], [0.5] * 9]
    item = dict(segmentation=polygons, raw=dict(segmentation=polygons, other=polygons[0]))
    twice = repacked(item)
    assert twice == item
    assert twice['segmentation'] is twice['raw']['segmentation']
    assert twice['raw']['other'] is twice['segmentation'][0]
    assert len(pack(item)) < len(pack(dict(segmentation=polygons))) + 100


def test_arrays_are_aligned_and_can_be_written_into():
    item = dict(
        flags=np.array([True]),
        points=np.arange(6, dtype=np.float32).reshape(1, 3, 2)[:, ::-1],
        number=np.array(7),
        name=np.array('x'),
        empty=np.zeros((0, 4), np.float32),
        big=np.array([1.5], dtype='>f8'),
    )
    twice = repacked(item)
    for key, array in item.items():
        np.testing.assert_array_equal(twice[key], array, strict=True)
        assert twice[key].flags.aligned
    twice['points'] += 1
    assert twice['flags'].tolist() == [True]


def test_items_stand_one_after_the_other():
    data, ends = pack_items(dict(id=i) for i in range(3))
    assert (data.dtype, ends.dtype) == (np.uint8, np.int64)
    assert ends[-1] == len(data)
    assert pickle.loads(data[ends[0] : ends[1]]) == dict(id=1)
    data, ends = pack_items([])
    assert (len(data), len(ends)) == (0, 0)

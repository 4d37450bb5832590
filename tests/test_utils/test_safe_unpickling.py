"""Pickles are read without running what they name."""

import os
import pickle
from io import BytesIO

import numpy as np
import pytest
import torch

from mmpose.utils.safe_unpickling import RefusedError, load_pickle


class Command:
    """What a crafted file would hold."""

    def __reduce__(self):
        return os.mkdir, ('created',)


def loaded(value, protocol):
    return load_pickle(BytesIO(pickle.dumps(value, protocol=protocol)))


@pytest.mark.parametrize('protocol', range(pickle.HIGHEST_PROTOCOL + 1))
def test_plain_values_arrays_and_tensors(protocol):
    values = [
        dict(text='a', number=2.5, nothing=None, pair=(1, 2), names={'x', 'y'}, data=b'\xff'),
        np.arange(6, dtype=np.float32).reshape(2, 3).T,
        np.array(['a', 'bc']),
        np.array([None, 1], dtype=object),
        np.int64(7),
        torch.arange(4.0).reshape(2, 2)[:, 1],
    ]
    plain, *arrays, scalar, tensor = loaded(values, protocol)
    assert plain == values[0]
    for array, expected in zip(arrays, values[1:4], strict=True):
        np.testing.assert_array_equal(array, expected)
        assert array.dtype == expected.dtype
    assert scalar == 7
    assert tensor.tolist() == [1.0, 3.0]


@pytest.mark.parametrize('protocol', range(pickle.HIGHEST_PROTOCOL + 1))
def test_commands_are_refused_by_name(protocol, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RefusedError) as caught:
        loaded([Command()], protocol)
    assert caught.value.name == f'{os.mkdir.__module__}.mkdir'
    assert not os.path.exists('created')


@pytest.mark.parametrize('data', [b'', b'[{"a": 1}]', b'\x80', b'c', b'\x80\x04]'])
def test_other_files(data):
    with pytest.raises(pickle.UnpicklingError):
        load_pickle(BytesIO(data))

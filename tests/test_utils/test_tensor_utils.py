import numpy as np
import pytest
import torch

from mmpose.utils.tensor_utils import to_numpy, to_tensor


def test_to_numpy_of_one_tensor():
    tensor = torch.tensor([1.0, 2.0], requires_grad=True)
    np.testing.assert_array_equal(to_numpy(tensor), [1, 2])
    array, device = to_numpy(tensor, return_device=True)
    assert device == torch.device('cpu')
    assert to_numpy(array) is array
    assert to_numpy(torch.ones(2, dtype=torch.bfloat16)).dtype == np.float32


def test_to_numpy_of_a_sequence():
    batches = (torch.arange(6).reshape(2, 3), torch.arange(4).reshape(2, 2))
    arrays, device = to_numpy(batches, return_device=True)
    assert [array.shape for array in arrays] == [(2, 3), (2, 2)]
    assert device == torch.device('cpu')
    items = to_numpy(batches, unzip=True)
    assert [tuple(array.shape for array in item) for item in items] == [((1, 3), (1, 2))] * 2
    np.testing.assert_array_equal(items[1][0], [[3, 4, 5]])


def test_to_tensor():
    assert to_tensor(np.ones(2, np.float32), 'cpu').dtype is torch.float32
    tensor = torch.ones(2)
    assert to_tensor(tensor) is tensor
    tensors = to_tensor([np.zeros(1), np.ones(2)])
    assert [value.shape for value in tensors] == [(1,), (2,)]


def test_unknown_types():
    with pytest.raises(TypeError, match='a sequence of at least one, but got str'):
        to_numpy('abc')
    with pytest.raises(TypeError, match=r"but got list of \['int'\]"):
        to_numpy([1, 2])
    with pytest.raises(TypeError, match=r'but got list of \[\]'):
        to_numpy([])
    with pytest.raises(TypeError, match='Expected an array or a sequence of arrays, but got int'):
        to_tensor(3)

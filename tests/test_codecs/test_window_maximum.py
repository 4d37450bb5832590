import pytest
import torch
from torch.nn.functional import max_pool2d

from mmpose.codecs.utils.window_maximum import window_maximum


@pytest.mark.parametrize('kernel_size', [1, 3, 5, 7, 11])
def test_equal_to_max_pooling(kernel_size):
    maps = torch.randn(2, 3, 9, 13, generator=torch.Generator().manual_seed(0))
    pooled = max_pool2d(maps, kernel_size, stride=1, padding=kernel_size // 2)
    assert torch.equal(window_maximum(maps, kernel_size), pooled)
    assert torch.equal(window_maximum(maps[0, 0], kernel_size), pooled[0, 0])


def test_window_reaches_two_cells_for_size_five():
    maps = torch.zeros(7, 7)
    maps[3, 3] = 1
    expected = torch.zeros(7, 7)
    expected[1:6, 1:6] = 1
    assert torch.equal(window_maximum(maps, 5), expected)


def test_even_window_is_refused():
    with pytest.raises(ValueError, match=r'kernel_size is 4, .* set 5'):
        window_maximum(torch.zeros(3, 3), 4)

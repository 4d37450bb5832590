import pytest
import torch

from mmpose.models import GlobalAveragePooling


@pytest.mark.parametrize('container', [tuple, list])
def test_means_of_each_map(container):
    maps = container([torch.arange(8.0).reshape(1, 2, 2, 2), torch.ones(1, 3, 5, 4)])
    means = GlobalAveragePooling()(maps)
    assert isinstance(means, container)
    assert means[0].tolist() == [[1.5, 5.5]]
    assert means[1].tolist() == [[1, 1, 1]]


def test_one_map():
    assert GlobalAveragePooling()(torch.ones(2, 3, 4, 5)).shape == (2, 3)


def test_other_inputs():
    with pytest.raises(TypeError, match='inputs is a dict; give feature maps'):
        GlobalAveragePooling()({})

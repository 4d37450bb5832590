import numpy as np
import pytest
import torch
from mmengine.structures import PixelData

from mmpose.structures import MultilevelPixelData

SIZES_HW = ((64, 48), (32, 24), (16, 12))


@pytest.fixture
def data():
    return MultilevelPixelData(
        metainfo=dict(num_keypoints=17),
        heatmaps=[np.full((17, *size), i, dtype=np.float32) for i, size in enumerate(SIZES_HW)],
        masks=tuple(torch.ones(size) for size in SIZES_HW),
    )


def test_levels(data):
    assert data.nlevel == len(data) == 3
    assert data.shape == SIZES_HW
    assert data.num_keypoints == 17
    levels = data.levels()
    assert [type(level) for level in levels] == [PixelData] * 3
    assert [level.shape for level in levels] == list(SIZES_HW)
    assert levels[2].heatmaps[0, 0, 0] == 2
    assert levels[2].num_keypoints == 17
    assert data.masks[0].shape == (1, 64, 48)  # a map without channels gets one


def test_items(data):
    assert data[-1].shape == (16, 12)
    assert data['heatmaps'] is data.heatmaps
    part = data[1:]
    assert part.shape == SIZES_HW[1:]
    assert part.num_keypoints == 17
    assert len(list(data)) == 3
    with pytest.raises(IndexError):
        data[3]


def test_set_and_remove_fields(data):
    data.offsets = [torch.zeros(34, *size) for size in SIZES_HW]
    assert sorted(data.keys()) == ['heatmaps', 'masks', 'offsets']
    assert data.pop('offsets')[0].shape == (34, 64, 48)
    del data.masks
    assert data.keys() == ['heatmaps']
    data.pop('heatmaps')
    assert data.shape is None
    assert data.nlevel == 0
    assert data.levels() == ()
    data.heatmaps = [np.zeros((1, 5, 5))]  # free of the former sizes
    assert data.shape == ((5, 5),)


def test_a_field_may_be_replaced_by_one_of_other_size():
    data = MultilevelPixelData(heatmaps=[np.zeros((1, 5, 5))])
    data.heatmaps = [np.zeros((1, 6, 6)), np.zeros((1, 3, 3))]
    assert data.shape == ((6, 6), (3, 3))


def test_conversions(data):
    tensors = data.to_tensor()
    assert all(isinstance(level, torch.Tensor) for level in tensors.heatmaps)
    assert isinstance(data.heatmaps[0], np.ndarray)
    assert all(isinstance(level, np.ndarray) for level in data.numpy().masks)
    assert {level.dtype for level in tensors.to(torch.float64).heatmaps} == {torch.float64}
    assert tensors.cpu().num_keypoints == 17
    for mask in data.masks:
        mask.requires_grad_()
    assert not any(level.requires_grad for level in data.detach().masks)


@pytest.mark.parametrize(
    ('maps', 'error', 'message'),
    [
        (np.zeros((3, 4, 4)), TypeError, 'must be a list with one .* not ndarray'),
        ([[1.0]] * 3, TypeError, r"not \['list', 'list', 'list'\]"),
        ([np.zeros(5)] * 3, ValueError, r'\[1, 1, 1\] dimensions; each must be \(C, H, W\)'),
        ([np.zeros((1, 64, 48))], ValueError, r'levels of \(H, W\) \[\(64, 48\)\], but'),
        ([np.zeros((1, 4, 4))] * 3, ValueError, 'one map per level'),
    ],
    ids=['array', 'lists', 'vectors', 'too few', 'sizes'],
)
def test_fields_that_do_not_fit(data, maps, error, message):
    with pytest.raises(error, match=message):
        data.wrong = maps
    assert 'wrong' not in data


def test_types_that_do_not_fit(data):
    with pytest.raises(TypeError, match='data must be a dict'):
        data.set_data([1])
    with pytest.raises(TypeError):
        data.set_field(data.heatmaps, 'tensors', dtype=torch.Tensor)

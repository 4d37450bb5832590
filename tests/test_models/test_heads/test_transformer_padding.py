import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmpose.models.heads.transformer_heads.padding import (
    padding_masks,
    picture_shape,
    valid_cells,
)
from mmpose.structures import PoseDataSample


def sample(**metainfo):
    return PoseDataSample(metainfo=metainfo)


@given(st.integers(0, 6), st.data())
def test_as_many_cells_as_without_padding(log_stride, data):
    stride = 2**log_stride
    size = data.draw(st.integers(1, 2000))
    padded = data.draw(st.integers(size, 2000))
    assert valid_cells(size, padded, -(-padded // stride)) == -(-size // stride)


def test_strides_that_are_no_power_of_two():
    # 16 cells of 14 pixels each
    assert [valid_cells(size, 224, 16) for size in (14, 15, 210, 224)] == [1, 2, 15, 16]


def test_masks_of_two_pictures():
    feats = [torch.zeros(2, 3, 4, 6), torch.zeros(2, 3, 2, 3)]
    samples = [sample(img_shape=(32, 20)), sample(img_shape=(9, 48, 3))]
    fine, coarse = padding_masks(feats, samples)
    assert fine.dtype == torch.bool
    inside = torch.zeros(2, 4, 6, dtype=torch.bool)
    inside[0, :, :3] = inside[1, :2] = True
    assert torch.equal(fine, ~inside)
    inside = torch.zeros(2, 2, 3, dtype=torch.bool)
    inside[0, :, :2] = inside[1, :1] = True
    assert torch.equal(coarse, ~inside)


def test_the_batch_may_be_larger_than_its_pictures():
    (mask,) = padding_masks(
        [torch.zeros(1, 3, 2, 2)], [sample(img_shape=(8, 8), batch_input_shape=(16, 16))]
    )
    assert mask.tolist() == [[[False, True], [True, True]]]


def test_without_samples_there_is_no_padding():
    (mask,) = padding_masks([torch.zeros(2, 3, 4, 5)], None)
    assert tuple(mask.shape) == (2, 4, 5)
    assert not mask.any()


def test_picture_shape():
    assert picture_shape(dict(img_shape=(3, 4), input_size=(8, 8))) == (3, 4)
    assert picture_shape(dict(input_size=(4, 3))) == (3, 4)
    with pytest.raises(KeyError, match='neither `img_shape`'):
        picture_shape({})


def test_errors():
    feats = [torch.zeros(2, 3, 4, 4)]
    with pytest.raises(ValueError, match='1 samples for feature maps of 2 pictures'):
        padding_masks(feats, [sample(img_shape=(8, 8))])
    with pytest.raises(ValueError, match=r'is \(8, 9\), more than batch_input_shape=\(8, 8\)'):
        padding_masks(feats, [sample(img_shape=(8, 9), batch_input_shape=(8, 8))] * 2)

import pytest
import torch

from mmpose.models import FeatureMapProcessor


def pyramid():
    return torch.full((1, 2, 4, 4), -1.0), torch.full((1, 3, 2, 2), 5.0)


def test_nothing_to_do():
    a, b = pyramid()
    out = FeatureMapProcessor()((a, b))
    assert out[0] is a
    assert out[1] is b
    assert FeatureMapProcessor()(a) is a


@pytest.mark.parametrize(
    ('index', 'channels'), [(1, [3]), (-1, [3]), ([1, 0], [3, 2]), (None, [2, 3])]
)
def test_selects(index, channels):
    neck = FeatureMapProcessor(select_index=index)
    assert [x.shape[1] for x in neck(list(pyramid()))] == channels
    assert neck.out_channels_after((2, 3)) == tuple(channels)


def test_joins_at_the_size_of_the_first():
    neck = FeatureMapProcessor(concat=True)
    (joined,) = neck(pyramid())
    assert joined.shape == (1, 5, 4, 4)
    assert joined[0, :, 0, 0].tolist() == [-1, -1, 5, 5, 5]
    assert neck.out_channels_after((2, 3)) == (5,)


def test_drops_negative_values_then_scales():
    a, b = FeatureMapProcessor(scale_factor=2.0, apply_relu=True)(pyramid())
    assert (a.shape, b.shape) == ((1, 2, 8, 8), (1, 3, 4, 4))
    assert (a == 0).all()
    assert (b == 5).all()
    ramp = torch.tensor([[[[-4.0, 4.0]]]])
    # between 0 and 4, where the values as they came would have given 0 up to the middle
    (out,) = FeatureMapProcessor(scale_factor=2.0, apply_relu=True)((ramp,))
    assert out[0, 0, 0].tolist() == [0, 1, 3, 4]


def test_interpolates_between_cells():
    ramp = torch.tensor([[[[0.0, 4.0]]]])
    half_cells = FeatureMapProcessor(scale_factor=2.0)(ramp)
    assert half_cells[0, 0, 0].tolist() == [0, 1, 3, 4]
    corners = FeatureMapProcessor(scale_factor=2.0, align_corners=True)(ramp)
    torch.testing.assert_close(corners[0, 0, 0], torch.tensor([0, 4 / 3, 8 / 3, 4]))


def test_errors():
    with pytest.raises(IndexError, match=r'select_index of FeatureMapProcessor is \[2\], but .* 2'):
        FeatureMapProcessor(select_index=2)(pyramid())
    with pytest.raises(ValueError, match='scale_factor is 0'):
        FeatureMapProcessor(scale_factor=0)

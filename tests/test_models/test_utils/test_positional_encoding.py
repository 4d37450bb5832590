import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.models.utils import SinePositionalEncoding
from mmpose.models.utils.positional_encoding import rotate


def test_one_dimension_by_hand():
    encoding = SinePositionalEncoding(4, temperature=100)
    assert encoding.dim_t.tolist() == [1, 10]  # 100 ** (0, 1 / 2)
    result = encoding(size=3)
    assert result.shape == (3, 4)
    expected = [math.cos(2), math.cos(0.2), math.sin(2), math.sin(0.2)]
    torch.testing.assert_close(result[2], torch.tensor(expected))
    torch.testing.assert_close(encoding(position=torch.arange(3.0)), result)
    torch.testing.assert_close(encoding(size=(3, 7)), result)  # only one side is read


def test_two_dimensions_by_hand():
    encoding = SinePositionalEncoding(2, spatial_dim=2)
    result = encoding(size=(2, 3))
    assert result.shape == (6, 2, 2)
    # the cell in row 1 and column 2 is the last one
    expected = [[math.cos(1), math.cos(2)], [math.sin(1), math.sin(2)]]
    torch.testing.assert_close(result[5], torch.tensor(expected))
    torch.testing.assert_close(encoding(position=torch.tensor([[1.0, 2.0]]))[0], result[5])
    assert encoding(size=2).shape == (4, 2, 2)


def test_kept_encodings():
    encoding = SinePositionalEncoding(4, eval_size=5)
    assert sorted(encoding.state_dict()) == ['dim_t']
    assert encoding(size=5) is encoding.pos_enc_5
    encoding.keep(3)
    assert encoding(size=3) is encoding.pos_enc_3
    torch.testing.assert_close(encoding(size=3), encoding(size=5)[:3])


def test_learned_wavelengths():
    encoding = SinePositionalEncoding(4, learnable=True, eval_size=5).train()
    encoding(size=5).sum().backward()
    assert encoding.dim_t.grad is not None
    assert not encoding.eval()(size=5).requires_grad


def test_adding():
    add = SinePositionalEncoding.apply_additional_pos_enc
    feature = torch.zeros(2, 3, 4)
    encoding = SinePositionalEncoding(4)(size=3)
    assert torch.equal(add(feature, encoding)[1], encoding)
    encoding = SinePositionalEncoding(2, spatial_dim=2)(size=(1, 3))
    added = add(feature, encoding, spatial_dim=2)
    assert torch.equal(added[0, 2], torch.cat([encoding[2, :, 0], encoding[2, :, 1]]))
    assert add(feature.half(), encoding, spatial_dim=2).dtype == torch.half


def test_rotation_by_hand():
    quarter = torch.tensor([math.pi / 2])
    turned = rotate(torch.tensor([3.0, 4.0]), quarter.cos(), quarter.sin())
    torch.testing.assert_close(turned, torch.tensor([-4.0, 3.0]))


def test_rotation_in_two_dimensions():
    apply = SinePositionalEncoding.apply_rotary_pos_enc
    encoding = SinePositionalEncoding(4, spatial_dim=2)(size=(2, 3))
    feature = torch.randn(2, 6, 8)
    halves = zip(feature.chunk(2, dim=-1), encoding.unbind(-1), strict=True)
    expected = torch.cat([apply(half, part) for half, part in halves], dim=-1)
    torch.testing.assert_close(apply(feature, encoding, spatial_dim=2), expected)


@settings(deadline=None, max_examples=30)
@given(i=st.integers(0, 50), j=st.integers(0, 50), shift=st.integers(0, 50))
def test_products_of_rotated_tokens_depend_on_the_distance(i, j, shift):
    torch.manual_seed(0)
    encode = SinePositionalEncoding(8).double()
    q, k = torch.randn(2, 8, dtype=torch.double)

    def product(a, b):
        parts = zip((q, k), encode(position=torch.tensor([a, b]).double()), strict=True)
        q_turned, k_turned = (SinePositionalEncoding.apply_rotary_pos_enc(*part) for part in parts)
        return q_turned @ k_turned

    torch.testing.assert_close(product(i, j), product(i + shift, j + shift))


def test_errors():
    with pytest.raises(ValueError, match='out_channels is 3 and temperature is 10'):
        SinePositionalEncoding(3, temperature=10)
    with pytest.raises(ValueError, match='spatial_dim is 3; choose 1 or 2'):
        SinePositionalEncoding(4, spatial_dim=3)
    with pytest.raises(ValueError, match='spatial_dim is 0; choose 1 or 2'):
        SinePositionalEncoding.apply_additional_pos_enc(torch.zeros(1, 4), torch.zeros(1, 4), 0)
    with pytest.raises(ValueError, match='Give either size or position'):
        SinePositionalEncoding(4)()
    with pytest.raises(ValueError, match=r'position has the shape \(5,\); in two dimensions give'):
        SinePositionalEncoding(4, spatial_dim=2)(position=torch.zeros(5))

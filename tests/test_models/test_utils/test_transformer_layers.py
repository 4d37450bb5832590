import math

import pytest
import torch
from torch import nn

from mmpose.models.utils.transformer_layers import (
    FFN,
    LayerScale,
    SelfAttention,
    attend,
    drop_path_rates,
)


def test_drop_path_rates():
    assert drop_path_rates(0.3, 4) == pytest.approx([0, 0.1, 0.2, 0.3])
    assert drop_path_rates(0.3, 1) == [0]


def test_attention_by_hand():
    # one head, one channel: scores are products, at scale 1
    query = torch.tensor([[[0.0], [1.0]]])
    key = torch.tensor([[[0.0], [math.log(3)]]])
    value = torch.tensor([[[8.0], [4.0]]])
    assert attend(query, key, value, 1).flatten().tolist() == pytest.approx([6, 5])
    # weights 1 to 3, but for the mask
    mask = torch.tensor([[0.0, -torch.inf], [0.0, 0.0]])
    assert attend(query, key, value, 1, mask=mask).flatten().tolist() == pytest.approx([8, 5])
    # the square root of 3 to 1
    halved = attend(query, key, value, 1, scale=0.5)[0, 1]
    assert halved.item() == pytest.approx((8 + 4 * 3**0.5) / (1 + 3**0.5))


def test_heads_attend_apart():
    torch.manual_seed(0)
    query, key, value = torch.randn(3, 2, 5, 6)
    whole = attend(query, key, value, 2)
    for head in (slice(0, 3), slice(3, 6)):
        part = attend(query[..., head], key[..., head], value[..., head], 1)
        torch.testing.assert_close(whole[..., head], part)
    scores = query[..., :3] @ key[..., :3].mT / 3**0.5
    torch.testing.assert_close(whole[..., :3], scores.softmax(-1) @ value[..., :3])


def test_dropped_attention_weights_in_training_only():
    attention = SelfAttention(4, 2, attn_drop_rate=0.5)
    x = torch.randn(1, 8, 4)
    assert not torch.equal(attention(x), attention(x))
    attention.eval()
    assert torch.equal(attention(x), attention(x))


def test_heads_must_share_the_channels():
    with pytest.raises(ValueError, match='3 heads cannot share 16 channels evenly; make embed_dim'):
        SelfAttention(16, 3)


def test_layer_scale():
    assert LayerScale(2, 1)(torch.tensor([[[3.0, 5.0]]])).tolist() == [[[3, 5]]]
    attention = SelfAttention(4, 2, layer_scale_init_value=1e-5)
    assert dict(attention.named_parameters())['gamma1.weight'].tolist() == pytest.approx([1e-5] * 4)
    assert not any('gamma' in name for name, _ in SelfAttention(4, 2).named_parameters())


@pytest.mark.parametrize('num_fcs', [2, 3])
def test_ffn_adds_to_its_input_or_to_what_is_given(num_fcs):
    ffn = FFN(2, 3, num_fcs=num_fcs, layer_scale_init_value=0.5)
    last = ffn.layers[num_fcs - 1]
    nn.init.zeros_(last.weight)
    nn.init.constant_(last.bias, 4.0)
    x = torch.ones(1, 5, 2)
    assert (ffn(x) == 3).all()
    assert (ffn(x, identity=10 * x) == 12).all()


def test_ffn_names_and_activation():
    ffn = FFN(1, 2, act_cfg=dict(type='ReLU'))
    assert sorted(ffn.state_dict()) == [
        'layers.0.0.bias',
        'layers.0.0.weight',
        'layers.1.bias',
        'layers.1.weight',
    ]
    first, last = ffn.layers[0][0], ffn.layers[1]
    for layer in (first, last):
        nn.init.zeros_(layer.bias)
        nn.init.ones_(layer.weight)
    assert ffn(torch.tensor([[[-1.0]], [[2.0]]])).flatten().tolist() == [-1, 6]


def test_stochastic_depth_skips_whole_samples():
    torch.manual_seed(0)
    ffn = FFN(2, 3, drop_path_rate=0.25).train()
    last = ffn.layers[1]
    nn.init.zeros_(last.weight)
    nn.init.constant_(last.bias, 3.0)
    out = ffn(torch.zeros(400, 3, 2))
    assert set(out.unique().tolist()) == {0, 4}  # skipped, or enlarged so that the mean stays
    assert (out == out[:, :1, :1]).all()
    assert out[:, 0, 0].eq(0).float().mean() == pytest.approx(0.25, abs=0.06)
    assert (ffn.eval()(torch.zeros(1, 3, 2)) == 3).all()

import pytest
import torch
from torch.nn.functional import layer_norm

from mmpose.models.heads.transformer_heads.transformers import (
    DetrTransformerDecoder,
    DetrTransformerDecoderLayer,
    DetrTransformerEncoder,
)

LAYER = dict(
    self_attn_cfg=dict(embed_dims=8, num_heads=2),
    cross_attn_cfg=dict(embed_dims=8, num_heads=2),
    ffn_cfg=dict(embed_dims=8, feedforward_channels=16),
)


def make(num_layers=2, **kwargs):
    torch.manual_seed(0)
    return DetrTransformerDecoder(num_layers, LAYER, **kwargs).eval()


def inputs(num_queries=3, num_tokens=5):
    torch.manual_seed(1)
    query, query_pos = torch.randn(2, 2, num_queries, 8)
    key, key_pos = torch.randn(2, 2, num_tokens, 8)
    return query, key, key, query_pos, key_pos


def test_layer_by_its_parts():
    layer = make().layers[0]
    query, key, value, query_pos, key_pos = inputs()
    with torch.no_grad():
        x = layer_norm(layer.self_attn(query, query_pos=query_pos), (8,))
        x = layer.cross_attn(x, key, value, query_pos=query_pos, key_pos=key_pos)
        expected = layer_norm(layer.ffn(layer_norm(x, (8,))), (8,))
        torch.testing.assert_close(layer(query, key, value, query_pos, key_pos), expected)


def test_masked_queries_and_tokens_are_not_read():
    decoder = make()
    query, key, value, query_pos, key_pos = inputs()
    padding = torch.tensor([[False, False, False, True, True]]).expand(2, -1)
    hidden = torch.tensor([False, False, True]).expand(3, -1)
    with torch.no_grad():
        out = decoder(query, key, value, query_pos, key_pos, padding, self_attn_mask=hidden)
        expected = decoder(
            query[:, :2], key[:, :3], value[:, :3], query_pos[:, :2], key_pos[:, :3], None
        )
        torch.testing.assert_close(out[:, :, :2], expected)
        masked = decoder(
            query, key, value, query_pos, key_pos, None, self_attn_mask=hidden,
            cross_attn_mask=padding[:1].expand(3, -1),
        )  # fmt: skip
        torch.testing.assert_close(masked, out)


def test_all_layers_or_the_last():
    args = (*inputs(), None)
    with torch.no_grad():
        every, last = make()(*args), make(return_intermediate=False)(*args)
        plain = make(post_norm_cfg=None)(*args)
    assert tuple(every.shape) == (2, 2, 3, 8)
    torch.testing.assert_close(last, every[-1:])
    torch.testing.assert_close(every, layer_norm(plain, (8,)))


def test_published_names():
    attention = [f'attn.{n}' for n in ('in_proj_weight', 'in_proj_bias')]
    attention += [f'attn.out_proj.{n}' for n in ('weight', 'bias')]
    names = {f'layers.0.{part}.{n}' for part in ('self_attn', 'cross_attn') for n in attention}
    linear = [f'norms.{i}' for i in range(3)] + ['ffn.layers.0.0', 'ffn.layers.1']
    names |= {f'layers.0.{part}.{n}' for part in linear for n in ('weight', 'bias')}
    names |= {'post_norm.weight', 'post_norm.bias'}
    assert set(make(1).state_dict()) == names


def test_default_layer_and_encoder():
    with torch.device('meta'):
        layer = DetrTransformerDecoderLayer()
        encoder = DetrTransformerEncoder(1, {})
    assert layer.ffn.layers[0][0].weight.shape == (1024, 256)
    assert encoder.layers[0].self_attn.attn.num_heads == layer.cross_attn.attn.num_heads == 8
    with pytest.raises(ValueError, match='batch_first is False'):
        DetrTransformerDecoderLayer(cross_attn_cfg=dict(batch_first=False))

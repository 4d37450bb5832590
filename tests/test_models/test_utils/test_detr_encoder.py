import pytest
import torch
from torch.nn.functional import layer_norm, linear, relu

from mmpose.models.utils import DetrTransformerEncoder
from mmpose.models.utils.detr_encoder import DetrAttention

LAYER = dict(
    self_attn_cfg=dict(embed_dims=8, num_heads=2),
    ffn_cfg=dict(embed_dims=8, feedforward_channels=16),
)


def make(num_layers=1, **kwargs):
    torch.manual_seed(0)
    return DetrTransformerEncoder(num_layers, LAYER, **kwargs).eval()


def test_layer_by_the_formula():
    encoder = make()
    layer, attn = encoder.layers[0], encoder.layers[0].self_attn.attn
    query, pos = torch.randn(2, 5, 8), torch.randn(1, 5, 8)
    with torch.no_grad():
        inputs = zip(
            (query + pos, query + pos, query),
            attn.in_proj_weight.chunk(3),
            attn.in_proj_bias.chunk(3),
            strict=True,
        )
        q, k, v = (linear(*args).unflatten(-1, (2, 4)) for args in inputs)
        weights = torch.einsum('bnhc,bmhc->bhnm', q, k).div(4**0.5).softmax(-1)
        out = torch.einsum('bhnm,bmhc->bnhc', weights, v).flatten(2)
        x = layer_norm(query + attn.out_proj(out), (8,))
        ffn = layer.ffn.layers
        expected = layer_norm(x + ffn[1](relu(ffn[0][0](x))), (8,))
        torch.testing.assert_close(encoder(query, pos, None), expected)


def test_masked_tokens_are_not_read():
    encoder = make(2)
    query, pos = torch.randn(1, 5, 8), torch.randn(1, 5, 8)
    mask = torch.tensor([[False, False, False, True, True]])
    with torch.no_grad():
        masked = encoder(query, pos, mask)[:, :3]
        torch.testing.assert_close(masked, encoder(query[:, :3], pos[:, :3], None))
        attn_mask = mask.expand(5, 5)
        torch.testing.assert_close(encoder(query, pos, None, attn_mask=attn_mask)[:, :3], masked)


def test_without_positions_the_order_does_not_matter():
    encoder, query = make(), torch.randn(1, 5, 8)
    with torch.no_grad():
        torch.testing.assert_close(
            encoder(query.flip(1), None, None).flip(1), encoder(query, None, None)
        )


def test_published_names():
    names = {'self_attn.attn.in_proj_weight', 'self_attn.attn.in_proj_bias'}
    names |= {f'self_attn.attn.out_proj.{kind}' for kind in ('weight', 'bias')}
    names |= {f'norms.{i}.{kind}' for i in range(2) for kind in ('weight', 'bias')}
    names |= {f'ffn.layers.{i}.{kind}' for i in ('0.0', '1') for kind in ('weight', 'bias')}
    encoder = make(2)
    assert set(encoder.state_dict()) == {f'layers.{i}.{name}' for i in range(2) for name in names}
    assert encoder.embed_dims == 8
    with torch.device('meta'):
        layer = DetrTransformerEncoder(1, {}).layers[0]
    assert layer.ffn.layers[0][0].weight.shape == (1024, 256)


def test_checkpointed_layers_have_the_same_gradients():
    encoders = [make(2), make(2, num_cp=1)]
    query, pos = torch.randn(2, 5, 8), torch.randn(1, 5, 8)
    grads = []
    for encoder in encoders:
        encoder.train()(query, pos, None).square().mean().backward()
        grads.append([p.grad for p in encoder.parameters()])
    for plain, checkpointed in zip(*grads, strict=True):
        torch.testing.assert_close(plain, checkpointed)


def test_dropout_only_in_training():
    torch.manual_seed(0)
    cfg = dict(LAYER, self_attn_cfg=dict(embed_dims=8, num_heads=2, dropout=0.5))
    encoder, query = DetrTransformerEncoder(1, cfg), torch.randn(1, 5, 8)
    assert not torch.equal(encoder(query, None, None), encoder(query, None, None))
    encoder.eval()
    assert torch.equal(encoder(query, None, None), encoder(query, None, None))


def test_errors():
    with pytest.raises(ValueError, match='num_layers is 1 and num_cp is 2'):
        make(1, num_cp=2)
    with pytest.raises(ValueError, match='num_layers is 0'):
        make(0)
    with pytest.raises(ValueError, match='3 heads cannot share 8 channels evenly'):
        DetrTransformerEncoder(1, dict(self_attn_cfg=dict(embed_dims=8, num_heads=3)))


def averaging_attention(**kwargs):
    """Attention that weighs all keys alike, and passes the values on as they are."""
    attention = DetrAttention(embed_dims=2, num_heads=1, **kwargs)
    with torch.no_grad():
        attention.attn.in_proj_weight.zero_()[4:].copy_(torch.eye(2))
        attention.attn.out_proj.weight.copy_(torch.eye(2))
    return attention


def test_attention_to_other_tokens():
    attention = averaging_attention()
    query = torch.tensor([[[1.0, 0.0], [0.0, 1.0]]])
    key = torch.tensor([[[2.0, 4.0], [6.0, 8.0], [9.0, 9.0]]])
    mean = torch.tensor([4.0, 6.0])
    padding = torch.tensor([[False, False, True]])
    with torch.no_grad():
        torch.testing.assert_close(attention(query, key, key_padding_mask=padding), query + mean)
        # positions choose, but are not read
        torch.testing.assert_close(
            attention(query, key, query_pos=query, key_pos=key, key_padding_mask=padding),
            query + mean,
        )
        torch.testing.assert_close(attention(query, key, key * 2), query + key.mean(1) * 2)
        torch.testing.assert_close(attention(query), query + 0.5)


def test_layers_take_the_batch_first():
    attn_cfg = dict(embed_dims=8, num_heads=2, batch_first=True)
    layer = DetrTransformerEncoder(1, LAYER | dict(self_attn_cfg=attn_cfg)).layers[0]
    assert layer.self_attn.attn.batch_first
    with pytest.raises(ValueError, match=r'batch_first is False .* so leave it out'):
        DetrTransformerEncoder(1, LAYER | dict(self_attn_cfg=dict(batch_first=False)))

import math

import pytest
import torch

from mmpose.models.utils import RTMCCBlock, rope

KINDS = {
    'plain': dict(use_rel_bias=False),
    'bias': dict(),
    'positions': dict(pos_enc=True),
    'cross': dict(attn_type='cross-attn'),
    'cross-positions': dict(attn_type='cross-attn', pos_enc=True, out_token_dims=5),
}


def make(num_token=3, out_token_dims=6, **kwargs):
    torch.manual_seed(0)
    return RTMCCBlock(num_token, 6, out_token_dims, s=4, **kwargs).eval()


def inputs(kind, N=3, M=5):
    torch.manual_seed(1)
    if 'cross' in kind:
        return torch.randn(2, N, 6), torch.randn(2, M, 6), torch.randn(2, M, 6)
    return torch.randn(2, N, 6)


def test_rope_by_hand():
    x = torch.tensor([[1.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 1.0]])
    # angles of position 1: 1 for channels 0 and 2, 10000 ** -0.5 for channels 1 and 3
    expected = [math.cos(1), -math.sin(0.01), math.sin(1), math.cos(0.01)]
    torch.testing.assert_close(rope(x, dim=0), torch.tensor([[1.0, 0, 0, 1.0], expected]))


def test_rope_along_inner_and_several_axes():
    x = torch.randn(2, 6, 3, 8)
    expected = torch.stack([rope(x[0, :, i], dim=0) for i in range(3)], dim=1)
    torch.testing.assert_close(rope(x, dim=1)[0], expected)
    grid = x[:, :, 0].unflatten(1, (2, 3))
    torch.testing.assert_close(rope(grid, dim=(1, 2)).flatten(1, 2), rope(x[:, :, 0], dim=1))
    torch.testing.assert_close(rope(grid, dim=[-3, -2]), rope(grid, dim=[1, 2]))


def test_bias_by_relative_position():
    block = make()
    with torch.no_grad():
        block.w.copy_(torch.arange(5.0))
    assert block.rel_pos_bias(3).tolist() == [[[2, 3, 4], [1, 2, 3], [0, 1, 2]]]
    assert block.rel_pos_bias(2).tolist() == [[[1, 2], [0, 1]]]  # the first entries of the table
    assert block.rel_pos_bias(1).tolist() == [[[0]]]


def test_bias_of_cross_attention():
    block = make(attn_type='cross-attn')
    bias = block.rel_pos_bias(2, 5)
    assert bias.shape == (1, 2, 5)
    a, b = rope(block.a.repeat(5, 1), 0), rope(block.b.repeat(5, 1), 0)
    torch.testing.assert_close(bias[0], a[:2] @ b.T)
    # it depends on the distance alone
    torch.testing.assert_close(bias[0, 0, :4], bias[0, 1, 1:])


@pytest.mark.parametrize('kind', KINDS)
def test_formula(kind):
    block, x = make(**KINDS[kind]), inputs(kind)
    with torch.no_grad():
        query = x[0] if 'cross' in kind else x
        e = 12
        parts = block.act_fn(block.uv(block.ln(query)))
        if 'cross' in kind:
            gate, q = parts.split([e, 4], dim=-1)
            k, v = x[1] @ block.k_fc.weight.T, x[2] @ block.v_fc.weight.T
        else:
            gate, v, base = parts.split([e, e, 4], dim=-1)
            q, k = (base * block.gamma[i] + block.beta[i] for i in range(2))
        if block.pos_enc:
            q, k = rope(q, 1), rope(k, 1)
        scores = torch.einsum('bns,bms->bnm', q, k)
        if block.use_rel_bias:
            scores += block.rel_pos_bias(q.shape[1], k.shape[1])
        expected = (gate * ((scores / 2).relu() ** 2 @ v)) @ block.o.weight.T
        if block.shortcut:
            expected += query
        torch.testing.assert_close(block(x), expected)


def test_published_names():
    shared = {'ln.g', 'uv.weight', 'o.weight', 'res_scale.scale'}
    assert set(make().state_dict()) == shared | {'gamma', 'beta', 'w'}
    cross = shared | {'k_fc.weight', 'v_fc.weight', 'a', 'b'}
    assert set(make(attn_type='cross-attn').state_dict()) == cross
    assert make(num_token=17).w.shape == (33,)


@pytest.mark.parametrize('kind', KINDS)
def test_gradients_reach_every_parameter(kind):
    block = make(**KINDS[kind]).train()
    block(inputs(kind)).square().sum().backward()
    assert [n for n, p in block.named_parameters() if p.grad is None] == []


@pytest.mark.slow
@pytest.mark.parametrize('kind', KINDS)
def test_exports_and_compiles(kind):
    block, x = make(**KINDS[kind]), inputs(kind)
    expected = block(x)
    torch.testing.assert_close(torch.export.export(block, (x,)).module()(x), expected)
    torch.compiler.reset()
    compiled = torch.compile(block, backend='eager', fullgraph=True)
    torch.testing.assert_close(compiled(x), expected)


def test_errors():
    with pytest.raises(ValueError, match="attn_type is 'attn', but must be one of 'self-attn', "):
        make(attn_type='attn')
    with pytest.raises(ValueError, match='RTMCCBlock gets 4 tokens and has a bias for 3; raise'):
        make()(torch.zeros(1, 4, 6))
    with pytest.raises(ValueError, match='The tokens have 3 channels; an even number'):
        rope(torch.zeros(2, 3), 0)

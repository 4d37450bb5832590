import pytest
import torch
from torch.nn.functional import silu

from mmpose.models.utils import GAUEncoder, SinePositionalEncoding
from mmpose.models.utils.gau import ScaleNorm


def by_the_formula(unit, x, pos_enc=None, mask=None, rotary=False):
    """The unit's output, token by token."""
    x_norm = x / x.square().mean(-1, keepdim=True).sqrt() * unit.ln.g
    e = unit.o.in_features
    u, v, base = silu(x_norm @ unit.uv.weight.T).split([e, e, unit.s], dim=-1)
    q, k = (base * unit.gamma[i] + unit.beta[i] for i in range(2))
    if rotary:
        q, k = (SinePositionalEncoding.apply_rotary_pos_enc(t, pos_enc) for t in (q, k))
    elif pos_enc is not None:
        q, k = q + pos_enc, k + pos_enc
    out = torch.zeros_like(u)
    for i in range(x.shape[1]):
        for j in range(x.shape[1]):
            weight = (q[:, i] * k[:, j]).sum(-1).div(unit.s**0.5).relu().square()
            weight = weight if mask is None else weight * mask[i, j]
            out[:, i] += weight[:, None] * v[:, j]
    out = (u * out) @ unit.o.weight.T
    return x * unit.res_scale.scale + out if unit.shortcut else out


def make(**kwargs):
    torch.manual_seed(0)
    unit = GAUEncoder(6, kwargs.pop('out_token_dims', 6), s=4, **kwargs).eval()
    torch.nn.init.uniform_(unit.ln.g)
    if unit.shortcut:
        torch.nn.init.uniform_(unit.res_scale.scale)
    return unit


@pytest.mark.parametrize('out_token_dims', [6, 5])
def test_formula(out_token_dims):
    unit, x = make(out_token_dims=out_token_dims), torch.randn(2, 3, 6)
    assert unit.shortcut == (out_token_dims == 6)
    with torch.no_grad():
        torch.testing.assert_close(unit(x), by_the_formula(unit, x))


def test_mask():
    unit, x = make(), torch.randn(2, 3, 6)
    mask = torch.tensor([[1, 0, 0], [1, 1, 0], [1, 1, 1]])
    with torch.no_grad():
        torch.testing.assert_close(unit(x, mask=mask), by_the_formula(unit, x, mask=mask))


@pytest.mark.parametrize('kind', ['add', 'rope'])
def test_positions(kind):
    unit, x = make(pos_enc=kind), torch.randn(2, 3, 6)
    pos_enc = SinePositionalEncoding(4)(size=3)
    with torch.no_grad():
        expected = by_the_formula(unit, x, pos_enc, rotary=kind == 'rope')
        torch.testing.assert_close(unit(x, pos_enc=pos_enc), expected)


def test_positions_on_a_grid():
    for kind in ('add', 'rope'):
        unit = make(pos_enc=kind, spatial_dim=2)
        pos_enc = SinePositionalEncoding(2, spatial_dim=2)(size=(2, 3))
        assert unit(torch.randn(2, 5, 6, 6), pos_enc=pos_enc).shape == (2, 5, 6, 6)


def test_published_names():
    state = {name: tuple(value.shape) for name, value in make().state_dict().items()}
    assert state == {
        'ln.g': (1,),
        'uv.weight': (28, 6),  # twice 12, and 4
        'gamma': (2, 4),
        'beta': (2, 4),
        'o.weight': (6, 12),
        'res_scale.scale': (6,),
    }
    assert {'uv.bias', 'o.bias'} <= set(make(bias=True, act_fn='ReLU').state_dict())


def test_stochastic_depth_leaves_the_shortcut():
    torch.manual_seed(0)
    unit = make(drop_path=0.5).train()
    x = torch.randn(64, 3, 6)
    skipped = (unit(x) == unit.res_scale(x)).all(dim=(1, 2))
    assert 16 < skipped.sum() < 48


def test_dropout_only_in_training():
    unit, x = make(dropout_rate=0.9), torch.randn(2, 3, 6)
    assert torch.equal(unit(x), unit(x))
    unit.train()
    assert not torch.equal(unit(x), unit(x))


def test_scale_norm():
    norm = ScaleNorm(2, eps=0.5)
    with torch.no_grad():
        norm.g.fill_(3)
        # root mean squares 5 / sqrt(2), and 0.1 which is raised to 0.5
        x = torch.tensor([[3.0, 4.0], [0.1, 0.1]])
        expected = torch.tensor([[9.0, 12.0], [0.3, 0.3]]) / torch.tensor([[5 / 2**0.5], [0.5]])
        torch.testing.assert_close(norm(x), expected)
        assert not norm(torch.zeros(1, 2)).any()


def test_errors():
    with pytest.raises(ValueError, match="act_fn is 'GELU', but must be one of 'SiLU', 'ReLU'"):
        GAUEncoder(6, 6, act_fn='GELU')
    with pytest.raises(ValueError, match="pos_enc is True, but must be one of 'none', 'add'"):
        GAUEncoder(6, 6, pos_enc=True)

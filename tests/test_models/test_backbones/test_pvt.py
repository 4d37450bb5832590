import pytest
import torch
from torch import nn

from mmpose.models.backbones import PyramidVisionTransformer, PyramidVisionTransformerV2
from mmpose.models.backbones.pvt import MixFFN, PVTEncoderLayer, SpatialReductionAttention

SMALL = dict(embed_dims=4, num_layers=[1, 1, 2, 1], num_heads=[1, 1, 2, 2], drop_path_rate=0.0)
VERSIONS = [PyramidVisionTransformer, PyramidVisionTransformerV2]


def small(cls=PyramidVisionTransformer, **kwargs):
    torch.manual_seed(0)
    return cls(**(SMALL | kwargs))


# without the classifiers of the papers' 24.5, 3.7, 14.0 and 25.4 million
@pytest.mark.parametrize(
    ('cls', 'settings', 'parameters'),
    [
        (PyramidVisionTransformer, dict(), 23970816),
        (PyramidVisionTransformerV2, dict(embed_dims=32, num_layers=[2, 2, 2, 2]), 3409760),
        (PyramidVisionTransformerV2, dict(num_layers=[2, 2, 2, 2]), 13496000),
        (PyramidVisionTransformerV2, dict(), 24849856),
    ],
    ids=['Small', 'B0', 'B1', 'B2'],
)
def test_published_parameter_counts(cls, settings, parameters):
    with torch.device('meta'):
        backbone = cls(**settings)
    assert sum(p.numel() for p in backbone.parameters()) == parameters
    width = backbone.layers[0][0].embed_dims
    assert backbone.out_channels == (width, 2 * width, 5 * width, 8 * width)
    assert backbone.out_strides == (4, 8, 16, 32)


@pytest.mark.parametrize(
    ('cls', 'size', 'sides'),
    [
        (VERSIONS[0], (64, 48), [(16, 12), (8, 6), (4, 3), (2, 1)]),  # cuts off what is left
        (VERSIONS[1], (64, 48), [(16, 12), (8, 6), (4, 3), (2, 2)]),  # overlaps the border
        (VERSIONS[1], (29, 33), [(8, 9), (4, 5), (2, 3), (1, 2)]),
    ],
)
def test_shapes(cls, size, sides):
    outs = small(cls).eval()(torch.randn(1, 3, *size))
    assert [tuple(x.shape[2:]) for x in outs] == sides


@pytest.mark.parametrize(('cls', 'least'), [(VERSIONS[0], 32), (VERSIONS[1], 29)])
def test_least_size(cls, least):
    backbone = small(cls).eval()
    backbone(torch.zeros(1, 3, least, least))
    message = f'gets pictures of {least}x{least - 1} .* must be at least {least}; change the input'
    with pytest.raises(ValueError, match=message):
        backbone(torch.zeros(1, 3, least - 1, least))


def test_attention_to_a_reduced_map():
    torch.manual_seed(0)
    attention = SpatialReductionAttention(4, 2, sr_ratio=2)
    x = torch.randn(1, 4 * 6, 4)
    maps = x.mT.reshape(1, 4, 4, 6)
    reduced = attention.norm(attention.sr(maps).flatten(2).mT)
    assert reduced.shape == (1, 2 * 3, 4)
    # PyTorch's own, whose parameters these are
    expected, _ = attention.attn(x, reduced, reduced)
    torch.testing.assert_close(attention(x, (4, 6)), expected)


def test_attention_without_bias_or_reduction():
    attention = SpatialReductionAttention(4, 2, qkv_bias=False)
    assert sorted(attention.state_dict()) == ['attn.in_proj_weight', 'attn.out_proj.weight']
    x = torch.randn(2, 6, 4)
    torch.testing.assert_close(attention(x, (2, 3)), attention.attn(x, x, x)[0])
    with pytest.raises(ValueError, match='3 heads cannot share 4 channels'):
        SpatialReductionAttention(4, 3)


def test_depthwise_convolution_looks_at_neighbours():
    ffn = MixFFN(1, 1, act_cfg=dict(type='ReLU'), use_conv=True)
    for name, p in ffn.named_parameters():
        nn.init.constant_(p, float(name.endswith('weight')))
    x = torch.zeros(1, 4 * 5, 1)
    x[0, 7] = 1  # row 1, column 2
    assert ffn(x, (4, 5)).view(4, 5).tolist() == [[0, 1, 1, 1, 0]] * 3 + [[0] * 5]


def test_stochastic_depth_skips_both_parts():
    torch.manual_seed(0)
    layer = PVTEncoderLayer(2, 1, 2, drop_path_rate=0.5).train()
    for last in (layer.attn.attn.out_proj, layer.ffn.layers[3]):
        nn.init.zeros_(last.weight)
        nn.init.ones_(last.bias)
    out = layer(torch.zeros(200, 4, 2), (2, 2))
    assert out.unique().tolist() == [0, 2, 4]
    assert (layer.eval()(torch.zeros(1, 4, 2), (2, 2)) == 2).all()


def test_stochastic_depth_grows():
    with torch.device('meta'):
        backbone = PyramidVisionTransformerV2(drop_path_rate=0.3)
    layers = [layer for _, stage, _ in backbone.layers for layer in stage]
    rates = [layer.drop_path.drop_prob for layer in layers]
    assert rates == [pytest.approx(0.02 * i) for i in range(16)]


@pytest.mark.parametrize('cls', VERSIONS)
def test_norm_layers_and_positions_by_version(cls):
    second = cls is PyramidVisionTransformerV2
    names = set(small(cls).state_dict())
    assert ('layers.0.1.0.pos_embed' in names) != second
    assert ('layers.0.2.weight' in names) == second
    assert ('layers.0.1.0.ffn.layers.4.weight' in names) == second


def test_position_embedding_follows_the_picture():
    backbone = small(pretrain_img_size=(64, 32))
    shapes = [tuple(stage[0].pos_embed.shape) for _, stage, _ in backbone.layers]
    assert shapes == [(1, 128, 4), (1, 32, 4), (1, 8, 8), (1, 2, 8)]
    backbone.load_state_dict(small(pretrain_img_size=128).state_dict())
    assert backbone.eval()(torch.zeros(1, 3, 96, 96))[3].shape == (1, 8, 3, 3)


def released(backbone):
    """The weights of ``backbone`` as the authors name them."""
    weights = {}
    second = isinstance(backbone, PyramidVisionTransformerV2)
    for name, value in backbone.state_dict().items():
        stage, part, *rest = name.removeprefix('layers.').split('.')
        n, rest = int(stage) + 1, '.'.join(rest)
        if part == '0':
            name = f'patch_embed{n}.{rest.replace("projection", "proj")}'
        elif part == '2':
            name = f'norm{n}.{rest}'
        elif rest.endswith('pos_embed'):
            name = f'pos_embed{n}'
            if n == 4:  # the class token's
                value = torch.cat([torch.zeros(1, 1, value.shape[2]), value], dim=1)
        else:
            number, rest = rest.split('.', 1)
            name = f'block{n}.{int(number) - (not second)}.{rest}'
            for ours, theirs in {
                'attn.attn.out_proj': 'attn.proj',
                'ffn.layers.0': 'mlp.fc1',
                'ffn.layers.1': 'mlp.dwconv.dwconv',
                'ffn.layers.3': 'mlp.fc2',
                'ffn.layers.4': 'mlp.fc2',
            }.items():
                name = name.replace(ours, theirs)
            if 'fc' in name:
                value = value.flatten(1) if value.ndim == 4 else value
        if 'attn.attn.in_proj_' in name:
            head, kind = name.split('attn.in_proj_')
            channels = len(value) // 3
            weights[f'{head}q.{kind}'] = value[:channels]
            weights[f'{head}kv.{kind}'] = value[channels:]
        else:
            weights[name] = value
    extra = {} if second else {'cls_token': torch.zeros(1, 1, 8), 'norm.bias': torch.zeros(8)}
    return weights | extra | {'head.weight': torch.zeros(10, 8)}


@pytest.mark.parametrize('cls', VERSIONS)
def test_released_weights(tmp_path, cls):
    source = small(cls).eval()
    path = str(tmp_path / 'pvt.pth')
    torch.save(released(source), path)
    backbone = cls(**SMALL, init_cfg=dict(type='Pretrained', checkpoint=path)).eval()
    backbone.init_weights()
    pairs = zip(source.parameters(), backbone.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
    x = torch.randn(1, 3, 64, 64)
    for a, b in zip(source(x), backbone(x), strict=True):
        assert torch.equal(a, b)


def test_default_initialisation():
    backbone = small(embed_dims=32)
    backbone.init_weights()
    _, (positions, layer), _ = backbone.layers[0]
    assert positions.pos_embed.std().item() == pytest.approx(0.02, rel=0.1)
    # Kaiming's, by the channels that come out: the root of 2 / 256
    assert layer.ffn.layers[0].weight.std().item() == pytest.approx(2**-3.5, rel=0.1)
    assert not layer.ffn.layers[0].bias.any()


def test_errors():
    with pytest.raises(ValueError, match=r'sr_ratios of PyramidVisionTransformer is \(8, 4\); '):
        PyramidVisionTransformer(sr_ratios=[8, 4])
    with pytest.raises(ValueError, match=r'out_indices of PyramidVisionTransformerV2 is \(4,\)'):
        PyramidVisionTransformerV2(out_indices=(4,))

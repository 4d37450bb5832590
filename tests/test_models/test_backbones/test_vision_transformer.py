import pytest
import torch
from torch import nn

from mmpose.models.backbones import VisionTransformer
from mmpose.registry import MODELS

TINY = dict(embed_dims=8, num_layers=3, num_heads=2, feedforward_channels=12)
VITPOSE = dict(
    img_size=(256, 192), patch_cfg=dict(padding=2), with_cls_token=False, out_type='featmap'
)


def tiny(**kwargs):
    torch.manual_seed(0)
    return VisionTransformer(**(dict(arch=TINY, img_size=64) | kwargs))


@pytest.mark.parametrize(
    ('arch', 'settings', 'parameters'),
    [
        ('base', dict(), 85798656),  # without the classifiers of the paper's 86 and 307 million
        ('large', dict(), 303301632),
        ('huge', dict(patch_size=14), 630764800),
        ('deit-tiny', dict(), 5524416),
        ('deit-small', dict(), 21665664),
        ('base', VITPOSE, 85794048),
        ('huge', VITPOSE, 630910720),
    ],
    ids=['base', 'large', 'huge', 'deit-tiny', 'deit-small', 'ViTPose-base', 'ViTPose-huge'],
)
def test_published_parameter_counts(arch, settings, parameters):
    with torch.device('meta'):
        backbone = VisionTransformer(arch, **settings)
    assert sum(p.numel() for p in backbone.parameters()) == parameters


@pytest.mark.parametrize(
    ('short', 'long'),
    [
        ('s', 'small'),
        ('b', 'base'),
        ('l', 'large'),
        ('h', 'huge'),
        ('deit-t', 'deit-tiny'),
        ('deit-s', 'deit-small'),
        ('deit-b', 'deit-base'),
        ('eva-g', 'eva-giant'),
    ],
)
def test_short_names(short, long):
    assert VisionTransformer.arch_settings[short] == VisionTransformer.arch_settings[long]


@pytest.mark.parametrize('scope', ['mmpretrain', 'mmcls'])
def test_configs_name_it_in_the_scope_of_mmpretrain(scope):
    with torch.device('meta'):
        cfg = dict(type=f'{scope}.VisionTransformer', arch=TINY, drop_path_rate=0.3)
        backbone = MODELS.build(cfg)
    assert isinstance(backbone, VisionTransformer)
    rates = [layer.drop_path.drop_prob for layer in backbone.layers]
    assert rates == pytest.approx([0, 0.15, 0.3])
    assert [layer.ffn.drop_path.drop_prob for layer in backbone.layers] == rates


def test_patches_of_vitpose():
    backbone = tiny(**VITPOSE).eval()
    assert backbone.pos_embed.shape == (1, 16 * 12, 8)
    (x,) = backbone(torch.zeros(1, 3, 256, 192))
    assert x.shape == (1, 8, 16, 12)
    assert (backbone.out_channels, backbone.out_strides) == ((8,), (16,))
    with pytest.raises(ValueError, match=r'pictures of 11x64 .* must be at least 12'):
        backbone(torch.zeros(1, 3, 64, 11))


@pytest.mark.parametrize('with_cls_token', [False, True])
def test_outputs_show_the_same_tokens(with_cls_token):
    def outputs(out_type):
        backbone = tiny(out_type=out_type, with_cls_token=with_cls_token).eval()
        return backbone(torch.ones(2, 3, 64, 64))[0]

    raw = outputs('raw')
    assert raw.shape == (2, 16 + with_cls_token, 8)
    patches = raw[:, int(with_cls_token) :]
    assert torch.equal(outputs('featmap'), patches.mT.reshape(2, 8, 4, 4))
    average = nn.functional.layer_norm(patches.mean(dim=1), (8,), eps=1e-6)
    torch.testing.assert_close(outputs('avg_featmap'), average)
    if with_cls_token:
        assert torch.equal(outputs('cls_token'), raw[:, 0])


def test_declared_outputs():
    assert tiny(out_type='featmap', out_indices=(0, 2)).out_strides == (16, 16)
    for out_type, channels in (('cls_token', (8,)), ('avg_featmap', (8,)), ('raw', None)):
        backbone = tiny(out_type=out_type)
        assert (backbone.out_channels, backbone.out_strides) == (channels, None)


def test_only_the_last_layer_is_normalised():
    backbone = tiny(out_indices=(-1, 1, 0), out_type='raw').eval()
    assert backbone.out_indices == (0, 1, 2)
    outs = backbone(torch.randn(1, 3, 64, 64))
    means = [out.mean(dim=-1).abs().max().item() for out in outs]
    assert means[2] < 1e-6 < min(means[:2])
    (last,) = tiny(out_type='raw', final_norm=False).eval()(torch.randn(1, 3, 64, 64))
    assert last.mean(dim=-1).abs().max() > 1e-3


def test_norm_before_the_layers():
    names = set(tiny(pre_norm=True).state_dict())
    assert 'pre_norm.weight' in names
    assert 'patch_embed.projection.bias' not in names
    plain = set(tiny().state_dict())
    assert 'pre_norm.weight' not in plain
    assert 'patch_embed.projection.bias' in plain


def test_settings_of_layers():
    backbone = tiny(layer_cfgs=dict(attn_drop_rate=0.25, num_heads=4))
    assert {layer.attn.num_heads for layer in backbone.layers} == {4}
    assert {layer.attn.attn_drop_rate for layer in backbone.layers} == {0.25}
    each = tiny(layer_cfgs=[dict(), dict(num_heads=1), dict(drop_path_rate=0.5)])
    assert [layer.attn.num_heads for layer in each.layers] == [2, 1, 2]
    assert each.layers[2].drop_path.drop_prob == 0.5
    names = set(tiny(layer_scale_init_value=1e-5).state_dict())
    assert {'layers.0.attn.gamma1.weight', 'layers.2.ffn.gamma2.weight'} <= names


def test_positions_follow_the_picture():
    backbone = tiny(out_type='featmap', interpolate_mode='bilinear').eval()
    for layer in backbone.layers:  # layers that pass their input on
        for last in (layer.attn.proj, layer.ffn.layers[1]):
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)
    backbone.ln1 = nn.Identity()
    columns = torch.arange(4.0).repeat(4)[:, None].expand(-1, 8)
    backbone.pos_embed.data[0] = torch.cat([torch.full((1, 8), 9.0), columns])
    nn.init.zeros_(backbone.patch_embed.projection.bias)
    (x,) = backbone(torch.zeros(1, 3, 32, 128))
    expected = torch.tensor([0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3])
    torch.testing.assert_close(x, expected.expand(1, 8, 2, 8))


def test_positions_of_a_file_are_fitted():
    source = tiny(img_size=96)  # 6x6 patches and a class token
    nn.init.constant_(source.pos_embed, 0.5)
    source.pos_embed.data[:, 0] = 3.0
    backbone = tiny(img_size=(64, 48))
    backbone.load_state_dict(source.state_dict())
    expected = torch.full((1, 13, 8), 0.5)
    expected[:, 0] = 3.0
    torch.testing.assert_close(backbone.pos_embed.detach(), expected)

    weights = source.state_dict()
    del weights['cls_token']
    backbone = tiny(img_size=(64, 48), with_cls_token=False, out_type='featmap')
    backbone.load_state_dict(weights)
    torch.testing.assert_close(backbone.pos_embed.detach(), expected[:, 1:])


@pytest.mark.parametrize('key', [None, 'model'])
def test_weights_under_the_names_of_timm(tmp_path, key):
    source = tiny(img_size=64, out_type='raw').eval()
    weights = {}
    for name, value in source.state_dict().items():
        for ours, theirs in {
            'projection': 'proj',
            'ffn.layers.0.0': 'mlp.fc1',
            'ffn.layers.1': 'mlp.fc2',
            'layers.': 'blocks.',
            'ln': 'norm',
        }.items():
            name = name.replace(ours, theirs)
        weights['norm.' + name.split('.')[1] if name.startswith('norm1.') else name] = value
    weights |= {'mask_token': torch.zeros(1, 1, 8), 'decoder_embed.weight': torch.zeros(4, 8)}
    path = str(tmp_path / 'mae.pth')
    torch.save(weights if key is None else {key: weights}, path)
    backbone = tiny(out_type='raw', init_cfg=dict(type='Pretrained', checkpoint=path)).eval()
    nn.init.zeros_(backbone.pos_embed)
    backbone.init_weights()
    x = torch.randn(1, 3, 64, 64)
    assert torch.equal(backbone(x)[0], source(x)[0])


def test_default_initialisation():
    backbone = tiny(arch=TINY | dict(embed_dims=64, feedforward_channels=128))
    backbone.init_weights()
    weight = backbone.layers[2].ffn.layers[1].weight  # Xavier's: 2 over what comes in and out
    assert weight.std().item() == pytest.approx((2 / 192) ** 0.5, rel=0.05)
    assert backbone.pos_embed.std().item() == pytest.approx(0.02, rel=0.1)
    assert not backbone.cls_token.any()


@pytest.mark.parametrize(
    ('frozen', 'names'),
    [
        (-1, set()),
        (0, set()),
        (1, {'patch_embed', 'cls_token', 'pos_embed', 'layers.0'}),
        (3, {'patch_embed', 'cls_token', 'pos_embed', 'layers.0', 'layers.1', 'layers.2', 'ln1'}),
    ],
)
def test_frozen_stages(frozen, names):
    backbone = tiny(frozen_stages=frozen).train()
    parts = {
        '.'.join(name.split('.')[: 1 + name.startswith('layers')])
        for name, p in backbone.named_parameters()
        if not p.requires_grad
    }
    assert parts == names
    assert [layer.training for layer in backbone.layers] == [i >= frozen for i in range(3)]


@pytest.mark.parametrize(('old', 'new'), [(False, 'featmap'), (True, 'cls_token')])
def test_deprecated_output_cls_token(old, new):
    with pytest.warns(DeprecationWarning, match=f"={old} is deprecated; write out_type='{new}'"):
        assert tiny(output_cls_token=old).out_type == new


@pytest.mark.parametrize(
    ('settings', 'error', 'message'),
    [
        (dict(arch='tiny'), ValueError, "arch of VisionTransformer is 'tiny'; choose one of 's'"),
        (dict(arch=dict(embed_dims=8)), KeyError, 'lacks num_layers, num_heads, feedforward_chan'),
        (dict(arch=TINY | dict(num_heads=3)), ValueError, '3 heads cannot share 8 channels'),
        (dict(out_indices=3), ValueError, 'is 3; with 3 layers give one or more of 0 to 2, or -1'),
        (dict(out_indices=()), ValueError, r'is \(\); with 3 layers'),
        (dict(out_type='maps'), ValueError, "out_type is 'maps'; choose one of 'featmap', 'cls_t"),
        (dict(with_cls_token=False), ValueError, "'cls_token', but with_cls_token is False"),
        (dict(layer_cfgs=[dict()]), ValueError, r'layer_cfgs of VisionTransformer is \(\{\},\); '),
        (dict(frozen_stages=4), ValueError, r'frozen_stages of VisionTransformer is 4; it takes'),
    ],
)
def test_errors(settings, error, message):
    with pytest.raises(error, match=message):
        tiny(**settings)

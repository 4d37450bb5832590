import pytest
import torch
from torch import nn

from mmpose.models import HybridEncoder
from mmpose.models.utils import SinePositionalEncoding

ENCODER = dict(
    self_attn_cfg=dict(embed_dims=16, num_heads=2),
    ffn_cfg=dict(embed_dims=16, feedforward_channels=32),
)


def make(**kwargs):
    torch.manual_seed(0)
    args = dict(encoder_cfg=ENCODER, in_channels=[4, 8, 12], hidden_dim=16, deepen_factor=0.33)
    return HybridEncoder(**{**args, **kwargs}).eval()


def pyramid(*channels, side=8):
    torch.manual_seed(1)
    return tuple(torch.randn(2, c, side >> i, side * 2 >> i) for i, c in enumerate(channels))


def assert_same(first, second, **tolerance):
    for a, b in zip(first, second, strict=True):
        torch.testing.assert_close(a, b, **tolerance)


def test_maps():
    neck = make()
    outputs = neck(pyramid(4, 8, 12))
    assert [tuple(x.shape) for x in outputs] == [(2, 16, 8, 16), (2, 16, 4, 8), (2, 16, 2, 4)]
    assert (neck.in_channels, neck.out_channels) == ([4, 8, 12], (16, 16, 16))


def test_chosen_maps_and_projector():
    projector = dict(type='ChannelMapper', in_channels=[16, 16], out_channels=6, kernel_size=1)
    neck = make(output_indices=(1, 2), projector=projector)
    assert neck.out_channels == (6, 6)
    assert [tuple(x.shape) for x in neck(pyramid(4, 8, 12))] == [(2, 6, 4, 8), (2, 6, 2, 4)]
    assert make(output_indices=[2]).out_channels == (16,)


@pytest.mark.parametrize(
    ('widen', 'deepen', 'out_channels', 'parameters'),
    [
        (0.375, 0.33, 192, 3240448),
        (0.5, 0.33, 256, 3782400),
        (0.75, 0.67, 384, 6589696),
        (1.0, 1.0, 512, 11756288),
    ],
)
def test_published_sizes(widen, deepen, out_channels, parameters):
    with torch.device('meta'):
        neck = HybridEncoder(
            encoder_cfg=dict(ffn_cfg=dict(act_cfg=dict(type='GELU'))),
            projector=dict(
                type='ChannelMapper',
                in_channels=[256, 256],
                kernel_size=1,
                out_channels=out_channels,
                act_cfg=None,
                norm_cfg=dict(type='BN'),
            ),
            in_channels=[int(widen * c) for c in (256, 512, 1024)],
            widen_factor=widen,
            deepen_factor=deepen,
            output_indices=[1, 2],
        )
    assert sum(p.numel() for p in neck.parameters()) == parameters
    assert len(neck.fpn_blocks[0].bottlenecks) == round(3 * deepen)


def test_published_names():
    neck = make(widen_factor=0.5)
    state = neck.state_dict()
    assert {name.split('.')[0] for name in state} == {
        'input_proj',
        'encoder',
        'sincos_pos_enc',
        'lateral_convs',
        'downsample_convs',
        'fpn_blocks',
        'pan_blocks',
    }
    assert state['sincos_pos_enc.dim_t'].shape == (4,)  # a sine and a cosine for y and x each
    assert state['encoder.0.layers.0.self_attn.attn.in_proj_weight'].shape == (48, 16)
    assert state['fpn_blocks.1.bottlenecks.0.branch_3x3.conv.weight'].shape == (8, 8, 3, 3)
    assert state['pan_blocks.0.conv3.conv.weight'].shape == (16, 8, 1, 1)
    assert not any('conv3' in name for name in make().state_dict())


def test_cells_are_placed_by_row_then_column():
    class Record(nn.Module):
        def forward(self, query, query_pos, key_padding_mask):
            self.seen = query, query_pos
            return query

    neck = make()
    neck.encoder[0] = record = Record()
    maps = pyramid(4, 8, 12)
    neck(maps)
    tokens, position = record.seen
    coarse = neck.input_proj[2](maps[2])
    torch.testing.assert_close(tokens[:, 4 * 1 + 3], coarse[:, :, 1, 3])  # 4 columns
    line = SinePositionalEncoding(8, temperature=10000)(size=4)
    torch.testing.assert_close(position[0, 4 * 1 + 3], torch.cat([line[1], line[3]]))


def test_encoders_of_several_maps_or_of_none():
    assert len(make(use_encoder_idx=[1, 2]).encoder) == 2
    neck = make(num_encoder_layers=0)
    assert len(neck.encoder) == 0
    assert len(neck(pyramid(4, 8, 12))) == 3
    assert len(make(num_encoder_layers=2).encoder[0].layers) == 2


def test_learned_positions():
    neck = make(spe_learnable=True)
    neck(pyramid(4, 8, 12))[0].sum().backward()
    assert neck.sincos_pos_enc.dim_t.grad is not None


def test_deployed_outputs_are_the_same():
    neck, maps = make(), pyramid(4, 8, 12)
    for norm in (m for m in neck.modules() if isinstance(m, nn.BatchNorm2d)):
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.5, 2)
    with torch.no_grad():
        expected = neck(maps)
        neck.switch_to_deploy(dict(input_size=(128, 64)))
        assert_same(neck(maps), expected, atol=1e-5, rtol=1e-5)
        # the coarsest map has the stride 32
        assert neck.sincos_pos_enc(size=(2, 4)) is neck.sincos_pos_enc.pos_enc_2x4
        assert len(neck(pyramid(4, 8, 12, side=16))) == 3  # other sizes still work
    names = list(neck.state_dict())
    # a weight and a bias for each of the four joining layers
    assert sum('branch_reparam' in name for name in names) == 8
    assert not any('branch_3x3' in name for name in names)


def test_deploying_without_a_size():
    neck = make()
    neck.switch_to_deploy({})
    neck.switch_to_deploy(None)
    assert not any('pos_enc_' in name for name, _ in neck.named_buffers())
    assert neck.fpn_blocks[0].bottlenecks[0].deploy


def test_gradients_reach_every_parameter():
    neck = make().train()
    sum(x.square().sum() for x in neck(pyramid(4, 8, 12))).backward()
    assert [n for n, p in neck.named_parameters() if p.grad is None] == []


def test_state_dict_round_trip():
    maps, first, second = pyramid(4, 8, 12), make(), make()
    nn.init.normal_(first.lateral_convs[0].conv.weight)
    second.load_state_dict(first.state_dict())
    with torch.no_grad():
        assert_same(first(maps), second(maps), atol=0, rtol=0)


@pytest.mark.slow
@pytest.mark.parametrize('deployed', [False, True])
def test_exports_and_compiles(deployed):
    neck, maps = make(), pyramid(4, 8, 12)
    if deployed:
        neck.switch_to_deploy(dict(input_size=(128, 64)))
    torch.compiler.reset()
    compiled = torch.compile(neck, backend='eager', fullgraph=True)
    exported = torch.export.export(neck, (maps,)).module()
    with torch.no_grad():
        assert_same(neck(maps), compiled(maps))
        assert_same(neck(maps), exported(maps))


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [
        (dict(use_encoder_idx=[3]), r'use_encoder_idx of HybridEncoder is \(3,\); .* \(0, 1, 2\)'),
        (dict(output_indices=[-1]), r'output_indices of HybridEncoder is \(-1,\)'),
        (dict(feat_strides=[8, 16]), r'feat_strides of HybridEncoder is \[8, 16\]; give a stride'),
        (
            dict(hidden_dim=32),
            'hidden_dim of HybridEncoder is 32, but encoder_cfg gives 16 channels',
        ),
    ],
    ids=lambda x: None if isinstance(x, str) else next(iter(x)),
)
def test_errors(kwargs, message):
    with pytest.raises(ValueError, match=message):
        make(**kwargs)


def test_maps_that_do_not_fit():
    neck = make()
    with pytest.raises(ValueError, match='HybridEncoder gets 2 feature maps'):
        neck(pyramid(4, 8))
    with pytest.raises(ValueError, match=r'of 12x6 \(w x h\) cells followed by one of 8x4'):
        neck([torch.zeros(1, c, s, 2 * s) for c, s in ((4, 6), (8, 4), (12, 2))])

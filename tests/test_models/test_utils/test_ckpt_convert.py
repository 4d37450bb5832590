import pytest
import torch
from torch import nn

from mmpose.models.utils import pvt_convert
from mmpose.models.utils.ckpt_convert import swin_convert, vit_convert
from mmpose.models.utils.transformer import PatchMerging

T = torch.zeros(1)


def renamed(convert, *names, value=T):
    return list(convert(dict.fromkeys(names, value)))


def test_swin_names():
    assert renamed(
        swin_convert,
        'absolute_pos_embed',
        'patch_embed.proj.weight',
        'patch_embed.norm.bias',
        'layers.0.blocks.1.norm1.weight',
        'layers.0.blocks.1.attn.qkv.bias',
        'layers.0.blocks.1.attn.relative_position_bias_table',
        'layers.3.blocks.0.mlp.fc1.weight',
        'layers.3.blocks.0.mlp.fc2.bias',
    ) == [
        'absolute_pos_embed',
        'patch_embed.projection.weight',
        'patch_embed.norm.bias',
        'stages.0.blocks.1.norm1.weight',
        'stages.0.blocks.1.attn.w_msa.qkv.bias',
        'stages.0.blocks.1.attn.w_msa.relative_position_bias_table',
        'stages.3.blocks.0.ffn.layers.0.0.weight',
        'stages.3.blocks.0.ffn.layers.1.bias',
    ]
    useless = ('head.weight', 'norm.weight', 'layers.0.blocks.1.attn_mask')
    assert renamed(swin_convert, *useless) == []


def test_swin_merging_gives_the_same_after_its_weights_are_reordered():
    torch.manual_seed(0)
    C, H, W = 3, 4, 6
    weights = {
        'layers.0.downsample.reduction.weight': torch.randn(2 * C, 4 * C),
        'layers.0.downsample.norm.weight': torch.randn(4 * C),
        'layers.0.downsample.norm.bias': torch.randn(4 * C),
    }
    x = torch.randn(1, H, W, C)
    reduction, scale, shift = weights.values()
    # as the authors join the tokens of a window: down the first column, then down the second
    joined = torch.cat([x[:, dy::2, dx::2] for dx in (0, 1) for dy in (0, 1)], dim=-1)
    expected = nn.functional.layer_norm(joined, (4 * C,), scale, shift) @ reduction.T

    merging = PatchMerging(C, 2 * C)
    merging.load_state_dict(
        {k.removeprefix('stages.0.downsample.'): v for k, v in swin_convert(weights).items()}
    )
    merged, hw_shape = merging(x.flatten(1, 2), (H, W))
    torch.testing.assert_close(merged.unflatten(1, hw_shape), expected)


def test_pvt_names():
    assert renamed(
        pvt_convert,
        'cls_token',
        'pos_embed1',
        'patch_embed2.proj.weight',
        'patch_embed2.norm.weight',
        'block3.4.norm1.weight',
        'block3.4.attn.proj.bias',
        'block3.4.attn.sr.bias',
        'block3.4.attn.norm.bias',
        'block3.4.mlp.fc1.bias',
        'block3.4.mlp.fc2.bias',
        'norm.weight',
        'head.bias',
        value=torch.zeros(4, 4),
    ) == [
        'layers.0.1.0.pos_embed',
        'layers.1.0.projection.weight',
        'layers.1.0.norm.weight',
        'layers.2.1.5.norm1.weight',  # after the position embedding
        'layers.2.1.5.attn.attn.out_proj.bias',
        'layers.2.1.5.attn.sr.bias',
        'layers.2.1.5.attn.norm.bias',
        'layers.2.1.5.ffn.layers.0.bias',
        'layers.2.1.5.ffn.layers.3.bias',
    ]


def test_pvt_v2_names():
    assert renamed(
        pvt_convert,
        'block1.0.mlp.fc1.bias',
        'block1.0.mlp.dwconv.dwconv.weight',
        'block1.0.mlp.fc2.bias',
        'norm4.bias',
    ) == [
        'layers.0.1.0.ffn.layers.0.bias',
        'layers.0.1.0.ffn.layers.1.weight',
        'layers.0.1.0.ffn.layers.4.bias',
        'layers.3.2.bias',
    ]


def test_pvt_values():
    converted = pvt_convert(
        {
            'pos_embed4': torch.arange(50.0).view(1, 50, 1),
            'block4.0.attn.q.weight': torch.zeros(2, 2),
            'block4.0.attn.kv.weight': torch.ones(4, 2),
            'block4.0.attn.q.bias': torch.zeros(2),
            'block4.0.attn.kv.bias': torch.ones(4),
            'block4.0.mlp.fc1.weight': torch.ones(8, 2),
        }
    )
    assert converted['layers.3.1.0.pos_embed'].flatten().tolist() == list(range(1, 50))
    block = 'layers.3.1.1'
    assert converted[f'{block}.attn.attn.in_proj_weight'][:, 0].tolist() == [0, 0, 1, 1, 1, 1]
    assert converted[f'{block}.attn.attn.in_proj_bias'].tolist() == [0, 0, 1, 1, 1, 1]
    assert converted[f'{block}.ffn.layers.0.weight'].shape == (8, 2, 1, 1)
    assert len(converted) == 4


def test_vit_names():
    assert renamed(
        vit_convert,
        'cls_token',
        'pos_embed',
        'patch_embed.proj.weight',
        'norm_pre.weight',
        'blocks.10.norm1.weight',
        'blocks.10.norm2.weight',
        'blocks.10.attn.qkv.weight',
        'blocks.10.attn.proj.bias',
        'blocks.10.ls1.gamma',
        'blocks.10.ls2.gamma',
        'blocks.10.mlp.fc1.weight',
        'blocks.10.mlp.fc2.weight',
        'norm.weight',
        'fc_norm.weight',
    ) == [
        'cls_token',
        'pos_embed',
        'patch_embed.projection.weight',
        'pre_norm.weight',
        'layers.10.ln1.weight',
        'layers.10.ln2.weight',
        'layers.10.attn.qkv.weight',
        'layers.10.attn.proj.bias',
        'layers.10.attn.gamma1.weight',
        'layers.10.ffn.gamma2.weight',
        'layers.10.ffn.layers.0.0.weight',
        'layers.10.ffn.layers.1.weight',
        'ln1.weight',
        'ln2.weight',
    ]
    heads = ('head.weight', 'head_dist.bias', 'pre_logits.fc.bias')
    assert renamed(vit_convert, *heads) == []
    decoder = ('mask_token', 'decoder_pos_embed', 'decoder_blocks.0.norm1.weight')
    assert renamed(vit_convert, *decoder) == []


@pytest.mark.parametrize(
    ('convert', 'own'),
    [
        (
            swin_convert,
            (
                'patch_embed.projection.weight',
                'stages.0.downsample.reduction.weight',
                'stages.0.blocks.0.attn.w_msa.qkv.weight',
                'stages.0.blocks.0.ffn.layers.0.0.weight',
                'norm3.weight',
            ),
        ),
        (
            pvt_convert,
            (
                'layers.0.0.projection.weight',
                'layers.0.1.0.pos_embed',
                'layers.0.1.1.attn.attn.in_proj_weight',
                'layers.0.1.1.ffn.layers.3.weight',
                'layers.0.2.weight',
            ),
        ),
        (
            vit_convert,
            (
                'patch_embed.projection.weight',
                'layers.0.attn.qkv.weight',
                'layers.0.ffn.layers.0.0.weight',
                'ln1.weight',
            ),
        ),
    ],
    ids=['swin', 'pvt', 'vit'],
)
def test_our_own_names_stay(convert, own):
    value = torch.randn(2, 4, 1, 1)
    converted = convert(dict.fromkeys(own, value))
    assert list(converted) == list(own)
    assert all(v is value for v in converted.values())

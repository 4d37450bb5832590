import warnings

import pytest
import torch
from torch import nn

from mmpose.models.backbones import SwinTransformer
from mmpose.models.backbones.swin import SwinBlock
from mmpose.models.utils.window_attention import ShiftWindowMSA, shift_mask

SMALL = dict(embed_dims=4, depths=(2, 2), num_heads=(1, 2), strides=(4, 2), window_size=3)


def small(**kwargs):
    torch.manual_seed(0)
    return SwinTransformer(**(SMALL | dict(out_indices=(0, 1)) | kwargs))


# without the classifiers of the paper's 29, 50, 88 and 197 million
@pytest.mark.parametrize(
    ('embed_dims', 'depths', 'num_heads', 'parameters'),
    [
        (96, (2, 2, 6, 2), (3, 6, 12, 24), 27519354),
        (96, (2, 2, 18, 2), (3, 6, 12, 24), 48837258),
        (128, (2, 2, 18, 2), (4, 8, 16, 32), 86743224),
        (192, (2, 2, 18, 2), (6, 12, 24, 48), 194995476),
    ],
    ids='TSBL',
)
def test_published_parameter_counts(embed_dims, depths, num_heads, parameters):
    with torch.device('meta'):
        backbone = SwinTransformer(
            embed_dims=embed_dims, depths=depths, num_heads=num_heads, out_indices=(3,)
        )
    assert sum(p.numel() for p in backbone.parameters()) == parameters
    assert (backbone.out_channels, backbone.out_strides) == ((8 * embed_dims,), (32,))


@pytest.mark.parametrize('size', [(64, 48), (61, 35), (4, 5)])
def test_pictures_of_any_size(size):
    backbone = small().eval()
    outs = backbone(torch.randn(1, 3, *size))
    H, W = (-(-side // 4) for side in size)
    assert [x.shape for x in outs] == [(1, 4, H, W), (1, 8, -(-H // 2), -(-W // 2))]


def reach(attention, H, W):
    """Whether each token of an (H, W) map takes part in each other's output, (H*W, H*W)."""

    def total(x):
        return attention(x, (H, W)).sum(dim=-1).flatten()

    x = torch.randn(1, H * W, attention.w_msa.embed_dims)
    return torch.autograd.functional.jacobian(total, x)[:, 0].abs().sum(dim=-1) > 1e-12


def together(groups_y, groups_x):
    """Whether two tokens share a group along both axes."""
    y, x = torch.tensor(groups_y), torch.tensor(groups_x)
    same = (y[:, None, None, None] == y[:, None]) & (x[:, None, None] == x)
    return same.reshape(len(y) * len(x), -1)


@pytest.mark.parametrize(
    ('shift', 'groups_y', 'groups_x'),
    [
        (0, [0, 0, 0, 0, 1], [0, 0, 0, 0, 1, 1, 1]),
        # windows begin in cell -2; what the roll brings behind the last row is kept apart
        (2, [0, 0, 1, 1, 1], [0, 0, 1, 1, 1, 1, 2]),
        (1, [0, 1, 1, 1, 1], [0, 1, 1, 1, 1, 2, 2]),
    ],
)
def test_tokens_see_their_window_alone(shift, groups_y, groups_x):
    torch.manual_seed(0)
    attention = ShiftWindowMSA(4, 2, window_size=4, shift_size=shift)
    assert torch.equal(reach(attention, 5, 7), together(groups_y, groups_x))


def test_shift_mask_by_hand():
    mask = shift_mask((2, 4), (2, 2), (1, 1), torch.zeros(()))
    # rows 0 and 1 are torn apart in both windows, the columns in the second
    rows = torch.tensor([[0, 0, 1, 1], [0, 0, 1, 1], [1, 1, 0, 0], [1, 1, 0, 0]]) * -100.0
    assert torch.equal(mask[0], rows)
    assert torch.equal(mask[1], (1 - torch.eye(4)) * -100)


def test_shift_mask_is_kept_and_survives_inference_mode():
    args = (6, 6), (3, 3), (1, 1)
    with torch.inference_mode():
        mask = shift_mask(*args, torch.zeros(()))
    assert not mask.is_inference()
    assert shift_mask(*args, torch.zeros(())) is mask
    half = shift_mask(*args, torch.zeros((), dtype=torch.float16))
    assert half.dtype == torch.float16
    assert torch.equal(half.float(), mask)


def test_a_compiled_block_leaves_no_mask_behind():
    backbone = small(window_size=5).eval()
    x = torch.randn(1, 3, 36, 44)
    exported = torch.export.export(backbone, (x,)).module()
    for a, b in zip(backbone(x), exported(x), strict=True):
        assert torch.equal(a, b)


def test_every_second_block_is_shifted_by_half_a_window():
    with torch.device('meta'):
        backbone = SwinTransformer()
    shifts = [[block.attn.shift_size for block in stage.blocks] for stage in backbone.stages]
    assert shifts == [[(0, 0), (3, 3)] * (depth // 2) for depth in (2, 2, 6, 2)]
    assert SwinBlock(4, 1, 8, window_size=12, shift=True).attn.shift_size == (6, 6)


def test_stochastic_depth_grows():
    with torch.device('meta'):
        backbone = SwinTransformer(drop_path_rate=0.22)
    blocks = [block for stage in backbone.stages for block in stage.blocks]
    rates = [pytest.approx(0.02 * i) for i in range(12)]
    assert [block.drop_path.drop_prob for block in blocks] == rates
    assert [block.ffn.drop_path.drop_prob for block in blocks] == rates


def test_scale_of_the_scores():
    block = small(qk_scale=0.3).stages[0].blocks[0]
    assert block.attn.w_msa.scale == 0.3


@pytest.mark.parametrize(
    ('frozen', 'names'),
    [
        (-1, set()),
        (0, {'patch_embed', 'absolute_pos_embed'}),
        (1, {'patch_embed', 'absolute_pos_embed', 'stages.0', 'norm0'}),
        (2, {'patch_embed', 'absolute_pos_embed', 'stages.0', 'norm0', 'stages.1', 'norm1'}),
    ],
)
def test_frozen_stages(frozen, names):
    backbone = small(frozen_stages=frozen, use_abs_pos_embed=True).train()
    parts = {
        '.'.join(name.split('.')[: 1 + name.startswith('stages')])
        for name, p in backbone.named_parameters()
        if not p.requires_grad
    }
    assert parts == names
    assert backbone.stages[0].training == (frozen < 1)
    assert backbone.stages[1].training == (frozen < 2)


def test_recomputation_changes_neither_outputs_nor_gradients():
    plain, saving = small(drop_path_rate=0.0), small(drop_path_rate=0.0, with_cp=True)
    x = torch.randn(2, 3, 32, 32)
    for backbone in (plain, saving):
        backbone.train()(x)[1].square().mean().backward()
    for (name, a), b in zip(plain.named_parameters(), saving.parameters(), strict=True):
        if not name.startswith('norm0'):  # of the other map
            assert torch.equal(a.grad, b.grad), name


def test_position_embedding_follows_the_picture():
    backbone = small(pretrain_img_size=(32, 48), use_abs_pos_embed=True).eval()
    assert backbone.absolute_pos_embed.shape == (1, 8 * 12, 4)
    assert [x.shape[2:] for x in backbone(torch.zeros(1, 3, 64, 32))] == [(16, 8), (8, 4)]
    larger = small(pretrain_img_size=64, use_abs_pos_embed=True)
    nn.init.constant_(larger.absolute_pos_embed, 0.5)
    backbone.load_state_dict(larger.state_dict())
    torch.testing.assert_close(
        backbone.absolute_pos_embed.detach(), torch.full((1, 96, 4), 0.5), atol=1e-6, rtol=0
    )


def test_weights_for_other_windows():
    backbone, other = small(window_size=3), small(window_size=5)
    for name, p in other.named_parameters():
        if 'bias_table' in name:
            nn.init.constant_(p, 0.5)
    with pytest.warns(UserWarning, match='windows of 5x5 are resampled for windows of 3x3'):
        backbone.load_state_dict(other.state_dict())
    msa = backbone.stages[0].blocks[0].attn.w_msa
    torch.testing.assert_close(msa.relative_position_bias_table.detach(), torch.full((25, 1), 0.5))
    assert msa.relative_position_index.shape == (9, 9)


def released(backbone):
    """The weights of ``backbone`` as the authors name and order them."""
    weights = {}
    for name, value in backbone.state_dict().items():
        if name.startswith('norm'):
            continue
        if '.downsample.' in name:
            value = value.unflatten(-1, (-1, 2, 2)).transpose(-1, -2)  # channel, column, row
            value = value.movedim(-3, -1).flatten(-3)
        for ours, theirs in (
            ('stages.', 'layers.'),
            ('projection', 'proj'),
            ('w_msa.', ''),
            ('ffn.layers.0.0', 'mlp.fc1'),
            ('ffn.layers.1', 'mlp.fc2'),
        ):
            name = name.replace(ours, theirs)
        weights[name] = value
    weights['layers.0.blocks.1.attn_mask'] = torch.zeros(4, 9, 9)
    return weights | {'norm.weight': torch.ones(8), 'head.weight': torch.zeros(10, 8)}


@pytest.mark.parametrize('by_argument', [False, True])
def test_released_weights(tmp_path, by_argument):
    source = small().eval()
    path = str(tmp_path / 'swin.pth')
    torch.save(dict(model=released(source)), path)
    init_cfg = None if by_argument else dict(type='Pretrained', checkpoint=path)
    backbone = SwinTransformer(
        **(SMALL | dict(out_indices=(0, 1))), convert_weights=True, init_cfg=init_cfg
    )
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        backbone.init_weights(*([path] if by_argument else []))
    x = torch.randn(1, 3, 32, 32)
    for a, b in zip(source(x), backbone.eval()(x), strict=True):
        assert torch.equal(a, b)


def test_default_initialisation():
    backbone = small(embed_dims=32, use_abs_pos_embed=True)
    backbone.init_weights()
    weight = backbone.stages[1].blocks[0].ffn.layers[0][0].weight
    assert weight.std().item() == pytest.approx(0.02, rel=0.1)
    tables = [p for n, p in backbone.named_parameters() if 'table' in n or 'pos_embed' in n]
    assert torch.cat([p.flatten() for p in tables]).std().item() == pytest.approx(0.02, rel=0.1)
    assert (backbone.norm1.weight == 1).all()


def test_errors():
    with pytest.raises(ValueError, match='strides of SwinTransformer begin with 2, but patch_size'):
        SwinTransformer(strides=(2, 2, 2, 2))
    with pytest.raises(ValueError, match=r'num_heads of SwinTransformer is \(3,\); give one entry'):
        SwinTransformer(num_heads=(3,))
    with pytest.raises(ValueError, match=r'out_indices of SwinTransformer is \(4,\)'):
        SwinTransformer(out_indices=(4,))
    with pytest.raises(ValueError, match='5 heads cannot share 96 channels'):
        SwinTransformer(num_heads=(5, 5, 5, 5))
    with pytest.raises(ValueError, match='shift_size is 4; it must be 0 to 3 for windows of 4'):
        ShiftWindowMSA(4, 1, 4, 4)

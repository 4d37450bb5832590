import pytest
import torch
from mmengine.config import ConfigDict
from torch import nn

from mmpose.models.backbones import HRFormer
from mmpose.models.backbones.hrformer import (
    HRFomerModule,
    HRFormerBlock,
    LocalWindowSelfAttention,
)


def extra(width=8, heads=1, num_modules=(1, 1, 1), blocks=1, **kwargs):
    stages = dict(
        stage1=dict(
            num_modules=1, num_branches=1, block='BOTTLENECK', num_blocks=(2,), num_channels=(64,)
        )
    )
    for n, modules in zip((2, 3, 4), num_modules, strict=True):
        stages[f'stage{n}'] = dict(
            num_modules=modules,
            num_branches=n,
            block='HRFORMERBLOCK',
            num_blocks=(blocks,) * n,
            num_channels=tuple(width * 2**i for i in range(n)),
            num_heads=tuple(heads * 2**i for i in range(n)),
            window_sizes=(7,) * n,
            mlp_ratios=(4,) * n,
        )
    return stages | kwargs


@pytest.mark.parametrize(
    ('width', 'heads', 'parameters'), [(32, 1, 7746218), (78, 2, 43210434)], ids=['small', 'base']
)
def test_published_parameter_counts(width, heads, parameters):
    with torch.device('meta'):
        backbone = HRFormer(extra(width, heads, num_modules=(1, 4, 2), blocks=2))
    assert sum(p.numel() for p in backbone.parameters()) == parameters


@pytest.mark.parametrize('kind', [dict, ConfigDict])
def test_returns_the_finest_branch_alone_by_default(kind):
    backbone = HRFormer(kind(extra())).eval()
    assert (backbone.out_channels, backbone.out_strides) == ((8,), (4,))
    with torch.no_grad():
        (x,) = backbone(torch.zeros(1, 3, 96, 64))
    assert tuple(x.shape) == (1, 8, 24, 16)


def test_drop_path_grows_with_depth():
    settings = extra(num_modules=(1, 2, 1), blocks=2, drop_path_rate=0.7)
    backbone = HRFormer(settings)
    assert 'drop_paths' not in settings['stage2']
    rates = [
        [[block.drop_path.drop_prob for block in branch] for branch in module.branches]
        for n in (2, 3, 4)
        for module in getattr(backbone, f'stage{n}')
    ]
    assert [len(branches) for branches in rates] == [2, 3, 3, 4]
    for i, branches in enumerate(rates):  # 8 blocks in a row, from 0 to 0.7
        for branch in branches:
            assert branch == pytest.approx([0.2 * i, 0.2 * i + 0.1])


def test_dropped_block_passes_its_input_on():
    block = HRFormerBlock(8, 8, 2, drop_path=1 - 1e-6, norm_cfg=dict(type='BN')).train()
    x = torch.randn(2, 8, 7, 7)
    assert torch.equal(block(x), x)
    assert not torch.equal(block.eval()(x), x)


def attention(**kwargs):
    """Attention that scores all cells alike and returns the mean of those it attends to."""
    layer = LocalWindowSelfAttention(1, 1, 7, **kwargs)
    for p in layer.parameters():
        nn.init.zeros_(p)
    layer.attn.qkv.weight.data[2] = 1
    layer.attn.proj.weight.data[:] = 1
    return layer


def test_windows_lie_in_the_middle():
    x = torch.zeros(1, 10, 7, 1)
    x[0, 4, 3] = 49  # 10 rows are padded by 2 and 2, so windows take 5 rows each
    out = attention()(x)[0, :, 0, 0]
    assert out.tolist() == pytest.approx([1] * 5 + [0] * 5)


@pytest.mark.parametrize(('H', 'W', 'share'), [(8, 8, 16 / 49), (7, 8, 28 / 49), (7, 7, 1)])
def test_padding_counts_unless_masked(H, W, share):
    # of 8 cells a window of 7 takes 4, and 3 of padding
    x = torch.ones(2, H, W, 1)
    assert torch.allclose(attention()(x), share * x)
    assert torch.allclose(attention(with_pad_mask=True)(x), x)


def test_settings_reach_the_blocks():
    backbone = HRFormer(extra(with_rpe=False, with_pad_mask=True))
    block = backbone.stage3[0].branches[1][0]
    assert block.attn.with_pad_mask
    assert not any('relative_position' in name for name in backbone.state_dict())
    assert 'num_heads=2, window_size=7, mlp_ratio=4' in repr(block)
    modes = {(m.mode, m.align_corners) for m in backbone.modules() if isinstance(m, nn.Upsample)}
    assert modes == {('bilinear', False)}
    nearest = HRFormer(extra(upsample=dict(mode='nearest', align_corners=None)))
    assert {m.mode for m in nearest.modules() if isinstance(m, nn.Upsample)} == {'nearest'}


def test_exchange_halves_by_separable_convolutions():
    module = HRFomerModule(
        3, HRFormerBlock, (1,) * 3, (8, 16, 32), (8, 16, 32), (1,) * 3, (7,) * 3, (4,) * 3
    )
    assert module.get_num_inchannels() == [8, 16, 32]
    assert [len(layer) for layer in module.fuse_layers[2][0]] == [5, 4]  # with and without ReLU
    names = module.fuse_layers.state_dict()
    assert names['2.0.0.0.weight'].shape == (8, 1, 3, 3)
    assert names['2.0.1.2.weight'].shape == (32, 8, 1, 1)
    assert names['0.2.0.weight'].shape == (8, 32, 1, 1)


def test_checkpointing_changes_neither_outputs_nor_gradients():
    torch.manual_seed(0)
    plain, saving = (HRFormer(extra(), with_cp=with_cp) for with_cp in (False, True))
    saving.load_state_dict(plain.state_dict())
    x = torch.randn(2, 3, 64, 64)
    for backbone in (plain, saving):
        backbone.train()(x)[0].square().mean().backward()
    for (name, a), b in zip(plain.named_parameters(), saving.parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad, msg=name, rtol=1e-3, atol=1e-5)


def test_pretrained_weights(tmp_path):
    torch.manual_seed(0)
    first = HRFormer(extra())
    path = str(tmp_path / 'weights.pth')
    torch.save(first.state_dict(), path)
    second = HRFormer(extra(), init_cfg=dict(type='Pretrained', checkpoint=path))
    second.init_weights()
    for name, value in second.state_dict().items():
        assert torch.equal(value, first.state_dict()[name]), name


def test_errors():
    with pytest.raises(KeyError, match='extra of HRFormer lacks stage3'):
        HRFormer({k: v for k, v in extra().items() if k != 'stage3'})
    wrong = extra()
    wrong['stage3']['num_heads'] = (1, 2)
    with pytest.raises(ValueError, match=r'num_heads is \(1, 2\); give an entry for each of 3 bra'):
        HRFormer(wrong)
    with pytest.raises(ValueError, match='gets 8 channels and returns 16; its shortcuts need the'):
        HRFormerBlock(8, 16, 1)
    with pytest.raises(ValueError, match='heads'):
        HRFormerBlock(8, 8, 3)
    with pytest.raises(ValueError, match='must be multiples of 32'):
        HRFormer(extra())(torch.zeros(1, 3, 64, 48))

import pytest
import torch
from torch import nn

from mmpose.models.backbones import DSTFormer
from mmpose.models.backbones.dstformer import AttentionBlock


def small(**kwargs):
    return DSTFormer(3, **(dict(feat_size=16, depth=2, num_heads=2, mlp_ratio=2) | kwargs))


def test_published_parameter_count():
    with torch.device('meta'):
        backbone = DSTFormer(3, feat_size=512, mlp_ratio=2)
    assert sum(p.numel() for p in backbone.parameters()) == 42202122


def test_output():
    backbone = small(num_keypoints=5, seq_len=9).eval()
    assert (backbone.out_channels, backbone.out_strides) == ((16,), (1,))
    tracks = torch.randn(2, 7, 5, 3)
    with torch.no_grad():
        out = backbone(tracks)
        assert tuple(out.shape) == (2, 7, 5, 16)
        # tracks do not know of each other, and one may come alone
        torch.testing.assert_close(backbone(tracks[1]), out[1:])


@pytest.mark.parametrize(('axis', 'touched'), [('s', (1, slice(None))), ('t', (slice(None), 3))])
def test_attention_stays_in_its_frame_or_with_its_keypoint(axis, touched):
    torch.manual_seed(0)
    block = AttentionBlock(8, 2).eval()
    x = torch.randn(2, 4, 5, 8)  # 2 tracks of 4 frames with 5 keypoints
    changed = x.clone()
    changed[1, 1, 3] += 1
    with torch.no_grad():
        before, after = (block.attend(v.flatten(0, 1), axis, 4).view(x.shape) for v in (x, changed))
    expected = torch.zeros(2, 4, 5, dtype=torch.bool)
    expected[1][touched] = True
    assert torch.equal((before != after).any(-1), expected)


def test_order_of_the_modes():
    torch.manual_seed(0)
    st, ts = (AttentionBlock(8, 2, st_mode=mode).eval() for mode in ('st', 'ts'))
    ts.load_state_dict(st.state_dict())
    x = torch.randn(4, 5, 8)
    with torch.no_grad():
        assert not torch.allclose(st(x, 4), ts(x, 4))
        for layer in (st.attn_t.proj, st.mlp_t[2]):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
        ts.load_state_dict(st.state_dict())
        assert torch.equal(st(x, 4), ts(x, 4))  # with one axis alone there is no order


def test_fusion_starts_even():
    torch.manual_seed(0)
    predicted, even = small(), small(att_fuse=False)
    predicted.init_weights()
    assert even.load_state_dict(predicted.state_dict(), strict=False).missing_keys == []
    x = torch.randn(1, 4, 17, 3)
    with torch.no_grad():
        torch.testing.assert_close(predicted(x), even(x))
        nn.init.constant_(predicted.attn_regress[0].bias[:1], 5.0)
        assert not torch.allclose(predicted(x), even(x))


def test_fusion_by_predicted_shares():
    backbone = small(depth=1)
    nn.init.zeros_(backbone.attn_regress[0].weight)
    backbone.attn_regress[0].bias.data = torch.tensor([3.0, 1.0]).log()
    st, ts = torch.full((2, 17, 16), 4.0), torch.full((2, 17, 16), 8.0)
    torch.testing.assert_close(backbone._fuse(st, ts, 0), torch.full((2, 17, 16), 5.0))


def test_drop_path_grows_with_depth():
    backbone = small(depth=3, drop_path_rate=0.4)
    for blocks in (backbone.blocks_st, backbone.blocks_ts):
        assert [block.drop_path.drop_prob for block in blocks] == [0.0, 0.2, 0.4]
    block = AttentionBlock(8, 2, drop_path=1 - 1e-6).train()
    x = torch.randn(4, 5, 8)
    assert torch.equal(block(x, 4), x)
    assert not torch.equal(block.eval()(x, 4), x)


def test_initialisation(tmp_path):
    torch.manual_seed(0)
    backbone = small()
    backbone.init_weights()
    assert 0.018 < backbone.temp_embed.std() < 0.022
    assert not backbone.blocks_st[0].attn_s.qkv.bias.any()

    path = str(tmp_path / 'weights.pth')
    torch.save(backbone.state_dict(), path)
    loaded = small(init_cfg=dict(type='Pretrained', checkpoint=path))
    loaded.init_weights()
    for name, value in loaded.state_dict().items():
        assert torch.equal(value, backbone.state_dict()[name]), name


def test_errors():
    with pytest.raises(ValueError, match="st_mode of AttentionBlock is 'tt'; choose one of 'st',"):
        AttentionBlock(8, 2, st_mode='tt')
    with pytest.raises(ValueError, match='mlp_out_ratio of AttentionBlock is 2; it must be 1'):
        AttentionBlock(8, 2, mlp_out_ratio=2)
    with pytest.raises(ValueError, match='heads'):
        small(num_heads=3)
    backbone = small(seq_len=9)
    with pytest.raises(ValueError, match='10 frames with 17 keypoints, but takes at most 9 frames'):
        backbone(torch.zeros(1, 10, 17, 3))
    with pytest.raises(ValueError, match='9 frames with 16 keypoints, but takes at most 9 frames'):
        backbone(torch.zeros(1, 9, 16, 3))

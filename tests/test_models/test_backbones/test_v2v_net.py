import pytest
import torch
from torch import nn

from mmpose.models.backbones import V2VNet
from mmpose.models.backbones.v2v_net import EncoderDecoder, Res3DBlock


def conv_norm(in_channels, out_channels, kernel_size):
    return in_channels * out_channels * kernel_size**3 + 3 * out_channels


def residual(before, after):
    skip = 0 if before == after else conv_norm(before, after, 1)
    return conv_norm(before, after, 3) + conv_norm(after, after, 3) + skip


def test_parameter_count():
    blocks = [(16, 32), (32, 64), (64, 128), (128, 128), (128, 128), (64, 64), (32, 32), (64, 64)]
    expected = conv_norm(17, 16, 7) + sum(residual(*widths) for widths in blocks)
    expected += conv_norm(128, 64, 2) + conv_norm(64, 32, 2) + 32 * 15 + 15
    with torch.device('meta'):
        backbone = V2VNet(17, 15)
    assert sum(p.numel() for p in backbone.parameters()) == expected


def test_names_of_the_weights():
    with torch.device('meta'):
        names = V2VNet(3, 5).state_dict()
    assert names['front_layers.0.block.conv.weight'].shape == (16, 3, 7, 7, 7)
    assert names['front_layers.1.skip_con.bn.running_mean'].shape == (32,)
    assert names['encoder_decoder.decoder_upsample2.block.0.weight'].shape == (128, 64, 2, 2, 2)
    assert 'encoder_decoder.mid_res.skip_con.conv.weight' not in names


def test_keeps_the_size():
    backbone = V2VNet(3, 5, mid_channels=4).eval()
    assert (backbone.out_channels, backbone.out_strides) == ((5,), (1,))
    with torch.no_grad():
        (x,) = backbone(torch.zeros(2, 3, 4, 8, 12))
    assert tuple(x.shape) == (2, 5, 4, 8, 12)


def test_skips_and_what_comes_back_are_added():
    block = EncoderDecoder(4).eval()
    for module in block.modules():  # residual branches and projections that add nothing
        if isinstance(module, nn.BatchNorm3d):
            nn.init.zeros_(module.weight)
    x = torch.rand(1, 4, 4, 4, 4)
    with torch.no_grad():
        assert torch.equal(block(x), x)
        nn.init.constant_(block.decoder_upsample1.block[1].bias, 2.0)
        assert torch.equal(block(x), x + 2)


def test_residual_block_rectifies_the_sum():
    block = Res3DBlock(2, 2).eval()
    nn.init.zeros_(block.res_branch[1].bn.weight)
    x = torch.randn(1, 2, 2, 2, 2)
    assert torch.equal(block(x), x.clamp(min=0))


def test_initialisation():
    torch.manual_seed(0)
    backbone = V2VNet(3, 5)
    backbone.init_weights()
    for layer in (backbone.front_layers[0].block.conv, backbone.encoder_decoder.decoder_upsample1):
        assert 0.0008 < next(layer.parameters()).std() < 0.0012


def test_errors():
    with pytest.raises(ValueError, match='mid_channels is 5; it must be even'):
        V2VNet(3, 5, mid_channels=5)
    with pytest.raises(ValueError, match=r'volumes of \(8, 8, 6\) voxels, .* multiples of 4'):
        V2VNet(3, 5, mid_channels=4)(torch.zeros(1, 3, 8, 8, 6))

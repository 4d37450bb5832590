import pytest
import torch
from torch import nn

from mmpose.models.backbones import ResNet, SEResNet
from mmpose.models.backbones.seresnet import SEBottleneck, SELayer


def small(**kwargs):
    return SEResNet(50, **dict(dict(base_channels=8, stem_channels=8), **kwargs))


def test_attention_adds_its_parameters():
    with torch.device('meta'):
        plain, weighed = ResNet(50), SEResNet(50)
    # per block two 1x1 convolutions with bias, of C to C / 16 channels and back
    extra = sum(
        blocks * (2 * channels * channels // 16 + channels + channels // 16)
        for blocks, channels in zip((3, 4, 6, 3), (256, 512, 1024, 2048), strict=True)
    )
    counts = [sum(p.numel() for p in m.parameters()) for m in (plain, weighed)]
    assert counts[1] - counts[0] == extra == 2530992


def test_residual_branch_is_weighed_before_the_sum():
    block = SEBottleneck(8, 8, se_ratio=4).eval()
    nn.init.zeros_(block.se_layer.conv2.conv.weight)
    nn.init.zeros_(block.se_layer.conv2.conv.bias)  # sigmoid(0) = 1 / 2
    x = torch.rand(1, 8, 4, 4)
    with torch.no_grad():
        out = block.conv3(block.inner(x))
        expected = (x + block.norm3(out) / 2).relu()
        torch.testing.assert_close(block(x), expected)


def test_se_ratio_and_shortcuts_pass_through():
    backbone = small(se_ratio=4, avg_down=True, deep_stem=True, with_cp=True, norm_eval=True)
    assert backbone.layer1[0].se_layer.conv1.out_channels == 8
    assert isinstance(backbone.layer2[0].downsample[0], nn.AvgPool2d)
    assert backbone.layer1[0].with_cp
    assert isinstance(backbone.layer1[0].se_layer, SELayer)


def test_frozen_attention():
    backbone = small(frozen_stages=1).train()
    assert not backbone.layer1[0].se_layer.conv1.conv.weight.requires_grad
    assert backbone.layer2[0].se_layer.conv1.conv.weight.requires_grad
    assert not backbone.layer1.training


def test_blocks_start_as_the_identity():
    backbone = small()
    backbone.init_weights()
    x = torch.rand(1, 32, 4, 4)
    torch.testing.assert_close(backbone.layer1[1].eval()(x), x)


def test_checkpointing_changes_neither_outputs_nor_gradients():
    torch.manual_seed(0)
    plain, saving = small(), small(with_cp=True)
    saving.load_state_dict(plain.state_dict())
    x = torch.randn(2, 3, 64, 64)
    outputs = [backbone.train()(x)[0] for backbone in (plain, saving)]
    torch.testing.assert_close(*outputs)
    for out in outputs:
        out.square().mean().backward()
    for (name, a), b in zip(plain.named_parameters(), saving.parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad, msg=name, rtol=1e-3, atol=1e-5)


def test_ratio_must_leave_a_channel():
    with pytest.raises(ValueError, match='SELayer has 32 channels and a ratio of 64; the ratio'):
        small(se_ratio=64)


def test_unknown_depth():
    with pytest.raises(ValueError, match='depth of SEResNet is 34; choose one of 50, 101, 152'):
        SEResNet(34)

import pytest
import torch
from torch import nn

from mmpose.models.backbones import ViPNAS_ResNet
from mmpose.models.backbones.vipnas_resnet import (
    ViPNAS_Bottleneck,
    ViPNAS_ResLayer,
    get_expansion,
)

TINY = dict(
    wid=[8, 16, 16, 16, 32], dep=[None, 1, 1, 1, 2], ks=[3, 3, 5, 7, 3], group=[None, 2, 2, 2, 4]
)


def test_default_architecture():
    with torch.device('meta'):
        backbone = ViPNAS_ResNet(50, out_indices=(0, 1, 2, 3))
    assert backbone.out_channels == (80, 160, 304, 608)
    assert backbone.out_strides == (4, 8, 16, 32)
    layers = [getattr(backbone, name) for name in backbone.res_layers]
    assert [len(layer) for layer in layers] == [4, 6, 7, 3]
    assert [layer[0].conv2.kernel_size[0] for layer in layers] == [3, 5, 5, 5]
    assert [layer[0].attention is not None for layer in layers] == [True, False, True, True]
    assert all(layer[0].conv2.groups == 16 for layer in layers)
    assert tuple(backbone.conv1.weight.shape) == (48, 3, 7, 7)


def test_lists_describe_the_stages():
    backbone = ViPNAS_ResNet(50, **TINY, att=[None, False, False, False, True]).eval()
    assert backbone.conv1.kernel_size == (3, 3)
    assert tuple(backbone.layer3[0].conv2.weight.shape) == (16, 8, 7, 7)
    with torch.no_grad():
        assert tuple(backbone(torch.zeros(1, 3, 64, 32))[0].shape) == (1, 32, 2, 1)


def test_expansion_narrows_the_blocks():
    backbone = ViPNAS_ResNet(50, **TINY, expan=[None, 2, 2, 2, 4])
    assert backbone.layer4[0].mid_channels == 8


def test_third_argument_is_not_taken_for_attention():
    with pytest.raises(TypeError, match='positional arguments'):
        ViPNAS_Bottleneck(32, 32, 4)


def test_attention_adds_the_same_vector_everywhere():
    torch.manual_seed(0)
    block = ViPNAS_Bottleneck(32, 32, expansion=1, attention=True).eval()
    last = block.attention.channel_add_conv[-1]
    nn.init.constant_(last.bias, 3.0)
    nn.init.zeros_(last.weight)
    x = torch.rand(1, 32, 4, 4)
    with torch.no_grad():
        plain = block.norm3(block.conv3(block.inner(x)))
        torch.testing.assert_close(block(x), (x + plain + 3).relu())


@pytest.mark.parametrize(('channels', 'inside'), [(8, 16), (80, 16), (304, 19), (608, 38)])
def test_attention_is_a_sixteenth_as_wide_but_at_least_16(channels, inside):
    block = ViPNAS_Bottleneck(channels, channels, expansion=1, attention=True)
    assert block.attention.planes == inside


def test_dilation_keeps_the_size():
    block = ViPNAS_Bottleneck(8, 8, expansion=1, kernel_size=5, dilation=2)
    assert tuple(block(torch.randn(2, 8, 12, 12)).shape) == (2, 8, 12, 12)


def test_layer_hands_its_options_to_the_blocks():
    layer = ViPNAS_ResLayer(
        ViPNAS_Bottleneck, 2, 8, 16, stride=2, kernel_size=5, groups=4, attention=True
    )
    assert [block.conv2.groups for block in layer] == [4, 4]
    assert all(block.attention is not None for block in layer)
    assert tuple(layer(torch.randn(2, 8, 8, 8)).shape) == (2, 16, 4, 4)


def test_initial_weights():
    torch.manual_seed(0)
    backbone = ViPNAS_ResNet(50)
    backbone.init_weights()
    assert backbone.layer4[0].conv1.weight.std().item() == pytest.approx(0.001, rel=0.02)
    assert (backbone.layer1[0].bn3.weight == 1).all()  # blocks do not start as the identity


def test_frozen_stages_and_norm_eval():
    backbone = ViPNAS_ResNet(50, **TINY, frozen_stages=1, norm_eval=True).train()
    frozen = {n.split('.')[0] for n, p in backbone.named_parameters() if not p.requires_grad}
    assert frozen == {'conv1', 'bn1', 'layer1'}
    assert not backbone.layer4[0].bn1.training


def test_checkpointing_changes_neither_outputs_nor_gradients():
    torch.manual_seed(0)
    plain, saving = ViPNAS_ResNet(50, **TINY), ViPNAS_ResNet(50, **TINY, with_cp=True)
    saving.load_state_dict(plain.state_dict())
    x = torch.randn(2, 3, 64, 64)
    for backbone in (plain, saving):
        backbone.train()(x)[0].square().mean().backward()
    for (name, a), b in zip(plain.named_parameters(), saving.parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad, msg=name, rtol=1e-3, atol=1e-5)


def test_get_expansion():
    assert get_expansion(ViPNAS_Bottleneck) == 1
    assert get_expansion(ViPNAS_Bottleneck, 4) == 4


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [
        (dict(depth=101), 'depth of ViPNAS_ResNet is 101; choose one of 50'),
        (dict(wid=[48, 80]), r'The lists of ViPNAS_ResNet have different lengths \(wid 2, expan 5'),
        (dict(ks=[7, 3, 4, 5, 5]), 'kernel_size is 4; it must be odd'),
        (dict(out_indices=(4,)), r'out_indices of ViPNAS_ResNet is \(4,\); with 4 stages'),
    ],
    ids=['depth', 'lengths', 'even kernel', 'out_indices'],
)
def test_errors(kwargs, message):
    with pytest.raises(ValueError, match=message):
        ViPNAS_ResNet(**dict(dict(depth=50), **kwargs))

import pytest
import torch
from torch import nn

from mmpose.models.backbones import SCNet
from mmpose.models.backbones.scnet import SCBottleneck, SCConv


def small(**kwargs):
    return SCNet(50, **dict(dict(base_channels=8, stem_channels=8), **kwargs))


def test_half_of_the_channels_are_calibrated():
    block = SCBottleneck(64, 64)
    # 64 / 4 = 16 inner channels in halves of 8: 1x1 convolutions of the input, four 3x3 ones
    convolutions = 2 * 64 * 8 + 4 * 9 * 8 * 8 + 16 * 64
    norms = 2 * (6 * 8 + 64)
    assert sum(p.numel() for p in block.parameters()) == convolutions + norms


def test_a_flat_context_scales_by_one_half():
    conv = SCConv(4, 4, stride=1, pooling_r=2).eval()
    for p in conv.k2.parameters():
        nn.init.zeros_(p)
    x = torch.zeros(1, 4, 4, 4)  # sigmoid(0 + 0) = 1 / 2
    nn.init.ones_(conv.k3[1].bias)
    with torch.no_grad():
        torch.testing.assert_close(conv(x), conv.k4(torch.full_like(x, 0.5)))


def test_context_is_the_mean_of_each_window():
    conv = SCConv(1, 1, stride=1, pooling_r=2).eval()
    for layer in (conv.k2[1], conv.k3[0], conv.k4[0]):  # convolutions that pass their input on
        nn.init.dirac_(layer.weight)
    conv.k3[0].weight.data.zero_()
    nn.init.ones_(conv.k3[1].bias)
    x = torch.tensor([[0.0, 2.0, 0.0, 0.0], [2.0, 4.0, 0.0, 8.0]])[None, None]
    context = torch.tensor([[2.0, 2.0, 2.0, 2.0], [2.0, 2.0, 2.0, 2.0]])
    with torch.no_grad():
        torch.testing.assert_close(conv(x)[0, 0], (x[0, 0] + context).sigmoid(), rtol=0, atol=2e-5)


def test_both_halves_take_the_stride():
    block = SCBottleneck(8, 16, stride=2, downsample=nn.Conv2d(8, 16, 1, stride=2))
    assert (block.k1[0].stride, block.scconv.k4[0].stride) == ((2, 2), (2, 2))
    assert tuple(block(torch.randn(2, 8, 9, 8)).shape) == (2, 16, 5, 4)


def test_checkpointing_changes_neither_outputs_nor_gradients():
    torch.manual_seed(0)
    plain, saving = SCBottleneck(16, 16), SCBottleneck(16, 16, with_cp=True)
    saving.load_state_dict(plain.state_dict())
    x = torch.randn(2, 16, 8, 8)
    for block in (plain, saving):
        block.train()(x).square().mean().backward()
    for (name, a), b in zip(plain.named_parameters(), saving.parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad, msg=name)


def test_least_size():
    backbone = small(out_indices=(0, 3)).eval()
    assert backbone.least_size == 97  # 4 cells of 32 pixels, of which the last may hang over
    with torch.no_grad():
        shapes = [tuple(x.shape) for x in backbone(torch.zeros(1, 3, 97, 97))]
    assert shapes == [(1, 32, 25, 25), (1, 256, 4, 4)]
    with pytest.raises(
        ValueError, match=r'128x96 \(w x h\) pixels, but the sides must be at least 97'
    ):
        backbone(torch.zeros(1, 3, 96, 128))


def test_fewer_stages_take_smaller_pictures():
    backbone = small(num_stages=2, strides=(1, 2), dilations=(1, 1), out_indices=(1,)).eval()
    assert backbone.least_size == 25
    with torch.no_grad():
        assert tuple(backbone(torch.zeros(1, 3, 25, 32))[0].shape) == (1, 64, 4, 4)


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [
        (dict(dilations=(1, 1, 1, 2)), 'dilation of SCBottleneck is 2; it can only be 1'),
        (dict(base_channels=7), 'SCBottleneck has 7 inner channels; it halves them, so give an'),
        (dict(depth=152), 'depth of SCNet is 152; choose one of 50, 101'),
    ],
    ids=str,
)
def test_errors(kwargs, message):
    with pytest.raises(ValueError, match=message):
        SCNet(**dict(dict(depth=50), **kwargs))

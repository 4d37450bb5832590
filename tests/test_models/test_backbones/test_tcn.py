from math import prod

import pytest
import torch
from torch import nn

from mmpose.models.backbones import TCN
from mmpose.models.backbones.tcn import BasicTemporalBlock


@pytest.mark.parametrize(
    ('kernel_sizes', 'parameters'),
    [
        ((1, 1, 1), 4239360),
        ((3, 3, 3), 8503296),
        ((3, 3, 3, 3), 12701696),
        ((3, 3, 3, 3, 3), 16900096),
        ((1, 1, 1, 1, 1), 8441856),
    ],
)
def test_published_parameter_counts(kernel_sizes, parameters):
    with torch.device('meta'):
        backbone = TCN(34, num_blocks=len(kernel_sizes) - 1, kernel_sizes=kernel_sizes)
    assert sum(p.numel() for p in backbone.parameters()) == parameters


def test_frames_that_remain():
    backbone = TCN(4, 8, num_blocks=2, kernel_sizes=(3, 5, 3)).eval()
    assert (backbone.out_channels, backbone.out_strides) == ((8, 8), (1, 1))
    # 3 - 1 frames go in the stem, then 3 * (5 - 1) and 15 * (3 - 1)
    lengths = [x.shape[2] for x in backbone(torch.zeros(1, 4, 50))]
    assert lengths == [50 - 2 - 12, 50 - 2 - 12 - 30]

    strided = TCN(4, 8, num_blocks=2, kernel_sizes=(3, 5, 3), use_stride_conv=True).eval()
    assert strided.out_strides == (15, 45)
    assert [x.shape[2] for x in strided(torch.zeros(1, 4, 90))] == [6, 2]


@pytest.mark.parametrize('causal', [False, True])
def test_strides_in_place_of_dilations(causal):
    torch.manual_seed(0)
    dilated, strided = (TCN(4, 8, causal=causal, use_stride_conv=s).eval() for s in (False, True))
    strided.load_state_dict(dilated.state_dict())
    x = torch.randn(2, 4, 54)
    with torch.no_grad():
        every, some = dilated(x)[-1], strided(x)[-1]
    torch.testing.assert_close(some, every[:, :, ::27])


def test_sees_as_many_frames_as_the_product_of_its_kernels():
    torch.manual_seed(0)
    x = torch.randn(1, 4, 40, requires_grad=True)
    outputs = TCN(4, 8).eval()(x)[-1]
    outputs[:, :, 5].sum().backward()
    frames = x.grad[0].abs().sum(0).nonzero().flatten().tolist()
    assert frames == list(range(5, 5 + prod((3, 3, 3))))


@pytest.mark.parametrize(
    ('kwargs', 'frames'),
    [
        (dict(), [3, 4, 5, 6]),  # of 7 frames the middle one
        (dict(causal=True), [6, 7, 8, 9]),
        (dict(use_stride_conv=True), [1, 4, 7]),
        (dict(use_stride_conv=True, causal=True), [2, 5, 8]),
    ],
)
def test_frames_of_the_shortcut(kwargs, frames):
    block = BasicTemporalBlock(1, 1, 4, kernel_size=3, dilation=3, **kwargs).eval()
    nn.init.zeros_(block.conv2[0].bn.weight)
    with torch.no_grad():
        assert block(torch.arange(10.0).view(1, 1, 10)).flatten().tolist() == frames


def test_shortcut_is_projected_or_left_out():
    assert isinstance(BasicTemporalBlock(4, 8, 4).short_cut, nn.Conv1d)
    block = BasicTemporalBlock(4, 4, 4, dilation=1, residual=False).eval()
    nn.init.zeros_(block.conv2[0].bn.weight)
    assert not block(torch.ones(1, 4, 5)).any()


def test_weights_are_clipped_in_the_forward_pass():
    torch.manual_seed(0)
    backbone = TCN(4, 8, max_norm=1.0)
    backbone.expand_conv.conv.weight.data.mul_(0.01)
    short = backbone.expand_conv.conv.weight.clone()
    longer = backbone.tcn_blocks[0].conv1[0].conv.weight
    longer.data.mul_(10)
    direction = longer / longer.norm()
    backbone(torch.randn(2, 4, 30))[-1].sum().backward()
    assert torch.equal(backbone.expand_conv.conv.weight, short)
    torch.testing.assert_close(longer, direction)
    assert longer.grad is not None


def test_dropout():
    backbone = TCN(4, 8, dropout=0.5)
    assert {m.p for m in backbone.modules() if isinstance(m, nn.Dropout)} == {0.5}
    x = torch.ones(1, 4, 30)
    with torch.no_grad():
        assert torch.equal(backbone.eval()(x)[0], backbone(x)[0])
        assert not torch.equal(backbone.train()(x)[0], backbone(x)[0])


def test_errors():
    with pytest.raises(ValueError, match=r'\(3, 3, 3\); with 3 blocks give one .* 4 in all'):
        TCN(4, num_blocks=3)
    with pytest.raises(ValueError, match=r'kernel_sizes is \(3, 2, 3\); every one must be odd'):
        TCN(4, kernel_sizes=(3, 2, 3))
    with pytest.raises(ValueError, match='TCN gets tracks of 26 frames, but sees 27; use clips'):
        TCN(4, 8)(torch.zeros(1, 4, 26))

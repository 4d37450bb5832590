import warnings

import pytest
import torch

from mmpose.models.backbones import MobileNetV3
from mmpose.models.backbones.mobilenet_v3 import SteepHardSigmoid


def test_the_gate_opens_between_minus_one_and_one():
    x = torch.tensor([-9.0, -1.0, -0.5, 0.0, 0.5, 1.0, 9.0])
    expected = torch.tensor([0.0, 0.0, 0.25, 0.5, 0.75, 1.0, 1.0])
    torch.testing.assert_close(SteepHardSigmoid()(x), expected)


def count(arch):
    """The parameters of an arch, layer by layer."""
    total, before = 16 * 3 * 9 + 2 * 16, 16
    for size, mid, after, attention, *_ in MobileNetV3.arch_settings[arch]:
        total += before * mid + 2 * mid
        total += size**2 * mid + 2 * mid
        if attention:
            total += 2 * mid * (mid // 4) + mid // 4 + mid
        total += mid * after + 2 * after
        before = after
    return total


@pytest.mark.parametrize(('arch', 'parameters'), [('small', 865_230), ('big', 2_479_006)])
def test_parameter_counts(arch, parameters):
    with torch.device('meta'):
        backbone = MobileNetV3(arch)
    assert sum(p.numel() for p in backbone.parameters()) == count(arch)
    assert count(arch) == parameters


@pytest.mark.parametrize(
    ('arch', 'channels', 'strides'),
    [
        ('small', [16, 24, 24, *[40] * 3, 48, 48, *[96] * 3], [4, 8, 8, *[16] * 5, *[32] * 3]),
        (
            'big',
            [16, 24, 24, *[40] * 3, *[80] * 4, 112, 112, *[160] * 3],
            [2, 4, 4, 8, 8, 8, *[16] * 7, 32, 32],
        ),
    ],
)
def test_feature_maps(arch, channels, strides):
    with torch.device('meta'):
        backbone = MobileNetV3(arch, out_indices=range(len(channels)))
        maps = backbone(torch.zeros(1, 3, 64, 96))
    assert [x.shape[1] for x in maps] == list(backbone.out_channels) == channels
    assert list(backbone.out_strides) == strides
    assert [tuple(x.shape[2:]) for x in maps] == [(64 // s, 96 // s) for s in strides]


def test_returns_the_last_block_by_default():
    backbone = MobileNetV3().eval()
    with torch.no_grad():
        (x,) = backbone(torch.zeros(1, 3, 32, 64))
    assert tuple(x.shape) == (1, 96, 1, 2)


def test_builds_without_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        MobileNetV3()


def test_frozen_stages_and_with_cp():
    backbone = MobileNetV3(frozen_stages=2, with_cp=True).train()
    frozen = {n.split('.')[0] for n, p in backbone.named_parameters() if not p.requires_grad}
    assert frozen == {'conv1', 'layer1', 'layer2'}
    assert all(block.with_cp for block in backbone.stages())


def test_errors():
    with pytest.raises(
        ValueError, match="arch of MobileNetV3 is 'huge'; choose one of 'small', 'b"
    ):
        MobileNetV3('huge')
    with pytest.raises(ValueError, match=r'out_indices of MobileNetV3 is \(11,\); with 11 stages'):
        MobileNetV3(out_indices=(11,))
    with pytest.raises(ValueError, match='frozen_stages of MobileNetV3 is 16'):
        MobileNetV3('big', frozen_stages=16)

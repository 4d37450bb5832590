import pytest
import torch

from mmpose.models.backbones import ShuffleNetV2
from mmpose.models.backbones.shufflenet_v2 import InvertedResidual


# torchvision's counts less those of the classifier
@pytest.mark.parametrize(
    ('widen_factor', 'parameters', 'channels'),
    [
        (0.5, 1_366_792 - 1_025_000, (48, 96, 192, 1024)),
        (1.0, 2_278_604 - 1_025_000, (116, 232, 464, 1024)),
        (1.5, 3_503_624 - 1_025_000, (176, 352, 704, 1024)),
        (2.0, 7_393_996 - 2_049_000, (244, 488, 976, 2048)),
    ],
)
def test_published_architectures(widen_factor, parameters, channels):
    with torch.device('meta'):
        backbone = ShuffleNetV2(widen_factor, out_indices=(0, 1, 2, 3))
        maps = backbone(torch.zeros(1, 3, 64, 96))
    assert sum(p.numel() for p in backbone.parameters()) == parameters
    assert backbone.out_channels == channels
    assert backbone.out_strides == (8, 16, 32, 32)
    assert [tuple(x.shape[1:]) for x in maps] == [
        (c, 64 // s, 96 // s) for c, s in zip(channels, backbone.out_strides, strict=True)
    ]
    assert [len(stage) for stage in backbone.layers[:3]] == [4, 8, 4]


def test_unit_passes_half_of_its_channels_between_those_of_the_branch():
    unit = InvertedResidual(4, 4).eval()
    with torch.no_grad():
        unit.branch2[2].bn.weight.zero_()
        unit.branch2[2].bn.bias.fill_(7)
        out = unit(torch.arange(4.0).view(1, 4, 1, 1))
    assert out.flatten().tolist() == [0, 7, 1, 7]


def test_halving_unit_convolves_in_both_branches():
    unit = InvertedResidual(6, 10, stride=2)
    assert tuple(unit.branch1[0].conv.weight.shape) == (6, 1, 3, 3)
    assert unit.branch1[0].act_cfg is None
    assert tuple(unit.branch2[0].conv.weight.shape) == (5, 6, 1, 1)
    assert tuple(unit(torch.randn(2, 6, 5, 8)).shape) == (2, 10, 3, 4)


def test_initial_weights():
    torch.manual_seed(0)
    backbone = ShuffleNetV2()
    backbone.init_weights()
    assert backbone.conv1.conv.weight.std().item() == pytest.approx(0.01, rel=0.1)
    assert backbone.layers[3].conv.weight.std().item() == pytest.approx(1 / 464, rel=0.02)
    torch.testing.assert_close(backbone.layers[3].bn.bias, torch.full((1024,), 0.0001))


def test_frozen_stages_norm_eval_and_with_cp():
    backbone = ShuffleNetV2(0.5, frozen_stages=2, norm_eval=True, with_cp=True).train()
    for module in (backbone.conv1, *backbone.layers[:2]):
        assert not any(p.requires_grad for p in module.parameters())
    assert all(p.requires_grad for p in backbone.layers[2:].parameters())
    assert not backbone.layers[3].bn.training
    assert backbone.layers[2][0].with_cp


@pytest.mark.parametrize(
    ('build', 'message'),
    [
        (
            lambda: ShuffleNetV2(0.75),
            'widen_factor of ShuffleNetV2 is 0.75; choose one of 0.5, 1.0, 1.5, 2.0',
        ),
        (lambda: ShuffleNetV2(out_indices=(4,)), r'out_indices of ShuffleNetV2 is \(4,\); with 4'),
        (lambda: ShuffleNetV2(frozen_stages=5), 'frozen_stages of ShuffleNetV2 is 5'),
        (lambda: InvertedResidual(5, 5), 'out_channels is 5; it must be even'),
        (lambda: InvertedResidual(4, 8), 'in_channels is 4 and out_channels 8; with stride 1 they'),
    ],
    ids=['width', 'out_indices', 'frozen_stages', 'odd', 'stride'],
)
def test_errors(build, message):
    with pytest.raises(ValueError, match=message):
        build()

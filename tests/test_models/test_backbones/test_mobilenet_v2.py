import pytest
import torch
from torch import nn

from mmpose.models.backbones import MobileNetV2
from mmpose.models.backbones.mobilenet_v2 import InvertedResidual


def test_parameter_count():
    with torch.device('meta'):
        backbone = MobileNetV2()
    # torchvision's 3,504,872 less the classifier's 1280 * 1000 + 1000
    assert sum(p.numel() for p in backbone.parameters()) == 3_504_872 - 1_281_000


@pytest.mark.parametrize(
    ('widen_factor', 'stem', 'channels'),
    [
        (0.35, 16, (8, 8, 16, 24, 32, 56, 112, 1280)),
        (1.0, 32, (16, 24, 32, 64, 96, 160, 320, 1280)),
        (1.4, 48, (24, 32, 48, 88, 136, 224, 448, 1792)),
    ],
)
def test_channels(widen_factor, stem, channels):
    with torch.device('meta'):
        backbone = MobileNetV2(widen_factor, out_indices=range(8))
        maps = backbone(torch.zeros(1, 3, 64, 96))
    assert backbone.conv1.conv.out_channels == stem
    assert backbone.out_channels == tuple(x.shape[1] for x in maps) == channels
    assert backbone.out_strides == (2, 4, 8, 16, 16, 32, 32, 32)
    assert [tuple(x.shape[2:]) for x in maps] == [(64 // s, 96 // s) for s in backbone.out_strides]


def test_stages_follow_the_settings():
    with torch.device('meta'):
        backbone = MobileNetV2()
    assert [len(backbone.stages()[i]) for i in range(7)] == [1, 2, 3, 4, 3, 3, 1]
    assert len(backbone.layer1[0].conv) == 2  # no expansion
    assert tuple(backbone.layer6[0].conv[0].conv.weight.shape) == (576, 96, 1, 1)
    assert [block.use_res_connect for block in backbone.layer4] == [False, True, True, True]


def test_block_ends_linearly_and_adds_its_input():
    block = InvertedResidual(4, 4, stride=1, expand_ratio=6).eval()
    nn.init.zeros_(block.conv[2].bn.weight)
    nn.init.constant_(block.conv[2].bn.bias, -3.0)
    x = torch.rand(1, 4, 2, 2)
    with torch.no_grad():
        torch.testing.assert_close(block(x), x - 3)
    assert isinstance(block.conv[1].activate, nn.ReLU6)


def test_frozen_stages_and_norm_eval():
    backbone = MobileNetV2(0.25, frozen_stages=2, norm_eval=True).train()
    frozen = {n.split('.')[0] for n, p in backbone.named_parameters() if not p.requires_grad}
    assert frozen == {'conv1', 'layer1', 'layer2'}
    assert not backbone.conv2.bn.training


def test_with_cp_reaches_the_blocks():
    backbone = MobileNetV2(0.25, with_cp=True)
    assert all(m.with_cp for m in backbone.modules() if isinstance(m, InvertedResidual))


def test_errors():
    with pytest.raises(ValueError, match=r'out_indices of MobileNetV2 is \(8,\); with 8 stages'):
        MobileNetV2(out_indices=(8,))
    with pytest.raises(ValueError, match='frozen_stages of MobileNetV2 is 9'):
        MobileNetV2(frozen_stages=9)

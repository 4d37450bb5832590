import warnings

import pytest
import torch

from mmpose.models.backbones import ViPNAS_MobileNetV3
from mmpose.models.backbones.mobilenet_v3 import SteepHardSigmoid

TINY = dict(
    wid=[8, 8, 16],
    expan=[None, 1, 4],
    dep=[None, 1, 2],
    ks=[3, 3, 5],
    group=[None, 4, 32],
    att=[None, True, False],
    stride=[2, 1, 2],
    act=['HSwish', 'ReLU', 'HSwish'],
)


def test_published_architecture():
    with torch.device('meta'):
        backbone = ViPNAS_MobileNetV3()
    assert sum(p.numel() for p in backbone.parameters()) == 5_884_348
    assert len(backbone.layers) == 1 + 5 * 4
    assert (backbone.out_channels, backbone.out_strides) == ((160,), (32,))
    assert not backbone.layer1.with_expand_conv
    assert isinstance(backbone.layer1.se.conv2.activate, SteepHardSigmoid)
    assert not backbone.layer6.with_se
    assert tuple(backbone.layer14.depthwise_conv.conv.weight.shape) == (560, 2, 7, 7)


def test_lists_describe_the_stages():
    backbone = ViPNAS_MobileNetV3(**TINY).eval()
    assert [block.with_expand_conv for block in backbone.stages()] == [False, True, True]
    assert [block.with_se for block in backbone.stages()] == [True, False, False]
    assert [block.depthwise_conv.stride[0] for block in backbone.stages()] == [1, 2, 1]
    assert [block.depthwise_conv.groups for block in backbone.stages()] == [4, 32, 32]
    with torch.no_grad():
        assert tuple(backbone(torch.zeros(1, 3, 16, 24))[0].shape) == (1, 16, 4, 6)


def test_initial_weights():
    torch.manual_seed(0)
    backbone = ViPNAS_MobileNetV3()
    backbone.init_weights()
    # the stem, a ConvModule and direct child, initialises itself
    for conv in (backbone.layer21.expand_conv.conv, backbone.layer21.se.conv2.conv):
        assert conv.weight.std().item() == pytest.approx(0.001, rel=0.02)
    assert (backbone.layer21.linear_conv.bn.weight == 1).all()


def test_builds_without_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        ViPNAS_MobileNetV3(**TINY)


def test_frozen_stages_norm_eval_and_with_cp():
    backbone = ViPNAS_MobileNetV3(**TINY, frozen_stages=1, norm_eval=True, with_cp=True).train()
    frozen = {n.split('.')[0] for n, p in backbone.named_parameters() if not p.requires_grad}
    assert frozen == {'conv1', 'layer1'}
    assert not backbone.layer3.linear_conv.bn.training
    assert backbone.layer3.with_cp


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [
        (
            dict(wid=[8, 8]),
            r'The lists of ViPNAS_MobileNetV3 have different lengths \(wid 2, expan',
        ),
        (dict(ks=[3, 3, 4]), 'kernel_size is 4; it must be odd'),
        (dict(expan=[None, 1, 1]), 'in_channels is 8 and mid_channels 16; without the first conv'),
        (dict(frozen_stages=4), 'frozen_stages of ViPNAS_MobileNetV3 is 4'),
    ],
    ids=['lengths', 'even kernel', 'no expansion', 'frozen_stages'],
)
def test_errors(kwargs, message):
    with pytest.raises(ValueError, match=message):
        ViPNAS_MobileNetV3(**dict(TINY, **kwargs))

import warnings

import pytest
import torch
from torch import nn

from mmpose.models.backbones import VGG

BN = dict(type='BN')


# torchvision's counts for 1000 classes
@pytest.mark.parametrize(
    ('depth', 'norm_cfg', 'parameters'),
    [
        (11, None, 132_863_336),
        (13, None, 133_047_848),
        (16, None, 138_357_544),
        (16, BN, 138_365_992),
        (19, None, 143_667_240),
    ],
)
def test_parameter_counts(depth, norm_cfg, parameters):
    with torch.device('meta'):
        backbone = VGG(depth, num_classes=1000, norm_cfg=norm_cfg)
    assert sum(p.numel() for p in backbone.parameters()) == parameters


@pytest.mark.parametrize(
    ('kwargs', 'shapes'),
    [
        (dict(), [(512, 2, 3)]),
        (dict(with_last_pool=False), [(512, 4, 6)]),
        (dict(num_stages=3, dilations=(1, 1, 2)), [(256, 8, 12)]),
        (
            dict(out_indices=range(5)),
            [(64, 32, 48), (128, 16, 24), (256, 8, 12), (512, 4, 6), (512, 2, 3)],
        ),
    ],
    ids=['default', 'without last pool', 'three stages', 'all'],
)
def test_feature_maps(kwargs, shapes):
    with torch.device('meta'):
        backbone = VGG(11, **kwargs)
        maps = backbone(torch.zeros(1, 3, 64, 96))
    assert [tuple(x.shape[1:]) for x in maps] == shapes
    assert backbone.out_channels == tuple(shape[0] for shape in shapes)
    assert backbone.out_strides == tuple(64 // shape[1] for shape in shapes)


@pytest.mark.parametrize(
    ('out_indices', 'shapes'),
    [
        (None, [(1, 10)]),
        ((5,), [(1, 10)]),
        ((3, 4), [(1, 512, 4, 4), (1, 512, 2, 2), (1, 10)]),
    ],
)
def test_scores_come_last(out_indices, shapes):
    with torch.device('meta'):
        classifier = VGG(11, num_classes=10, out_indices=out_indices)
        outputs = classifier(torch.zeros(1, 3, 64, 64))
    assert [tuple(x.shape) for x in outputs] == shapes
    assert classifier.out_channels is None


def test_ceil_mode_rounds_up():
    with torch.device('meta'):
        x = torch.zeros(1, 3, 33, 65)
        assert tuple(VGG(11)(x)[0].shape[2:]) == (1, 2)
        assert tuple(VGG(11, ceil_mode=True)(x)[0].shape[2:]) == (2, 3)
        assert tuple(VGG(11, ceil_mode=True)(x[..., :1, :1])[0].shape[2:]) == (1, 1)


def test_layers():
    with torch.device('meta'):
        backbone = VGG(16, norm_cfg=BN, dilations=(1, 1, 1, 1, 2))
    assert len(backbone.features) == 13 + 5
    pools = [i for i, layer in enumerate(backbone.features) if isinstance(layer, nn.MaxPool2d)]
    assert pools == [2, 5, 9, 13, 17]
    first = backbone.features[0]
    assert list(first.state_dict())[:3] == ['conv.weight', 'conv.bias', 'bn.weight']
    assert isinstance(first.activate, nn.ReLU)
    assert backbone.features[16].conv.dilation == (2, 2)


def test_builds_without_warnings():
    with warnings.catch_warnings(), torch.device('meta'):
        warnings.simplefilter('error')
        VGG(11, norm_cfg=BN)


def test_initial_weights():
    torch.manual_seed(0)
    backbone = VGG(11, num_stages=2, dilations=(1, 1), num_classes=2)
    backbone.init_weights()
    std = (2 / (9 * 128)) ** 0.5  # Kaiming, by the number of outputs
    assert backbone.features[2].conv.weight.std().item() == pytest.approx(std, rel=0.02)
    assert backbone.classifier[3].weight.std().item() == pytest.approx(0.01, rel=0.02)


@pytest.mark.parametrize(
    ('frozen_stages', 'frozen'),
    [(-1, set()), (0, set()), (1, {'features.0'}), (2, {'features.0', 'features.2'})],
)
def test_frozen_stages(frozen_stages, frozen):
    backbone = VGG(11, num_stages=3, dilations=(1, 1, 1), frozen_stages=frozen_stages).train()
    names = {n.split('.conv')[0] for n, p in backbone.named_parameters() if not p.requires_grad}
    assert names == frozen
    assert backbone.features[4].training


def test_the_classifier_is_frozen_as_one_more_stage():
    with torch.device('meta'):
        backbone = VGG(11, num_classes=2, frozen_stages=6).train()
    assert not any(p.requires_grad for p in backbone.parameters())
    assert not backbone.classifier[2].training


def test_norm_eval():
    backbone = VGG(11, num_stages=1, dilations=(1,), norm_cfg=BN, norm_eval=True).train()
    assert not backbone.features[0].bn.training
    assert backbone.features[0].training


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [
        (dict(depth=12), 'depth of VGG is 12; choose one of 11, 13, 16, 19'),
        (dict(num_stages=6), 'num_stages is 6; it must be 1 to 5'),
        (dict(num_stages=3), r'dilations of VGG is \(1, 1, 1, 1, 1\); give one entry for each of'),
        (dict(out_indices=(5,)), r'out_indices of VGG is \(5,\); with 5 stages'),
        (dict(frozen_stages=6), 'frozen_stages of VGG is 6'),
    ],
    ids=['depth', 'num_stages', 'dilations', 'out_indices', 'frozen_stages'],
)
def test_errors(kwargs, message):
    with torch.device('meta'), pytest.raises(ValueError, match=message):
        VGG(**dict(dict(depth=11), **kwargs))


def test_too_small_a_picture():
    backbone = VGG(11, num_stages=2, dilations=(1, 1))
    assert tuple(backbone(torch.zeros(1, 3, 4, 4))[0].shape) == (1, 128, 1, 1)
    with pytest.raises(ValueError, match=r'VGG gets pictures of 4x3 .* must be at least 4'):
        backbone(torch.zeros(1, 3, 3, 4))

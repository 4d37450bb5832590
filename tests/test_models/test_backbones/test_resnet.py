import copy

import pytest
import torch
from torch import nn

from mmpose.models.backbones import ResNet, ResNetV1d
from mmpose.models.backbones.resnet import BasicBlock, Bottleneck, ResLayer, get_expansion


def count(module):
    return sum(p.numel() for p in module.parameters())


def small(**kwargs):
    return ResNet(**{**dict(depth=18, base_channels=8, stem_channels=8), **kwargs})


@pytest.mark.parametrize(
    ('depth', 'parameters'),
    [(18, 11176512), (34, 21284672), (50, 23508032), (101, 42500160), (152, 58143808)],
)
def test_published_parameter_counts(depth, parameters):
    with torch.device('meta'):
        assert count(ResNet(depth)) == parameters


def test_variant_d_adds_19232_parameters_to_the_stem():
    with torch.device('meta'):
        plain, variant = ResNet(50), ResNetV1d(depth=50)
    # three 3x3 convolutions 3-32-32-64 with batch norm replace one 7x7 convolution 3-64
    stem = 9 * (3 * 32 + 32 * 32 + 32 * 64) + 2 * (32 + 32 + 64)
    assert count(variant) - count(plain) == stem - (49 * 3 * 64 + 2 * 64) == 19232
    assert isinstance(variant.layer2[0].downsample[0], nn.AvgPool2d)
    assert len(variant.layer1[0].downsample) == 2  # nothing to pool at stride 1


def test_stem_halves_twice_and_stages_follow_their_strides():
    backbone = ResNet(18, strides=(1, 2, 1, 1), dilations=(1, 1, 2, 4), out_indices=(0, 1, 2, 3))
    assert backbone.out_strides == (4, 8, 8, 8)
    assert backbone.out_channels == (64, 128, 256, 512)
    assert backbone.layer4[0].conv1.dilation == (4, 4)
    with torch.no_grad():
        assert [tuple(x.shape[2:]) for x in backbone(torch.zeros(1, 3, 64, 32))] == [
            (16, 8), (8, 4), (8, 4), (8, 4)]  # fmt: skip


@pytest.mark.parametrize(('style', 'strides'), [('pytorch', (1, 2)), ('caffe', (2, 1))])
def test_style_places_the_stride(style, strides):
    block = Bottleneck(8, 8, stride=2, style=style)
    assert (block.conv1.stride[0], block.conv2.stride[0]) == strides


def test_fewer_stages_and_wider_blocks():
    backbone = small(depth=50, num_stages=2, strides=(1, 2), dilations=(1, 1), out_indices=(1,))
    assert not hasattr(backbone, 'layer3')
    assert backbone.out_channels == (64,)  # base 8, doubled once, expansion 4
    assert small(depth=50, expansion=2).out_channels == (128,)  # 8 * 2 * 2**3


@pytest.mark.parametrize('frozen', [-1, 0, 2])
@pytest.mark.parametrize('deep_stem', [False, True], ids=['plain', 'deep'])
def test_frozen_stages(frozen, deep_stem):
    backbone = small(frozen_stages=frozen, deep_stem=deep_stem)
    stem = ('stem.',) if deep_stem else ('conv1.', 'bn1.')
    expected = () if frozen < 0 else (*stem, 'layer1.', 'layer2.')[: len(stem) + frozen]
    frozen_names = [n for n, p in backbone.named_parameters() if not p.requires_grad]
    assert all(n.startswith(expected) for n in frozen_names)
    assert {n.split('.')[0] + '.' for n in frozen_names} == set(expected)
    backbone.train()
    assert backbone.layer1.training == (frozen < 1)
    assert backbone.layer3.training


def test_norm_eval():
    backbone = small(norm_eval=True).train()
    norms = [m for m in backbone.modules() if isinstance(m, nn.BatchNorm2d)]
    assert norms
    assert not any(m.training for m in norms)


@pytest.mark.parametrize('depth', [18, 50])
def test_checkpointing_changes_neither_outputs_nor_gradients(depth):
    torch.manual_seed(0)
    plain = small(depth=depth, frozen_stages=1)
    saving = small(depth=depth, frozen_stages=1, with_cp=True)
    saving.load_state_dict(plain.state_dict())
    x = torch.randn(2, 3, 32, 32)
    outputs = [backbone.train()(x)[0] for backbone in (plain, saving)]
    torch.testing.assert_close(*outputs)
    for out in outputs:
        out.square().mean().backward()
    for (name, a), b in zip(plain.named_parameters(), saving.parameters(), strict=True):
        if a.requires_grad:
            torch.testing.assert_close(a.grad, b.grad, msg=name)


def test_zero_init_makes_blocks_start_as_the_identity():
    block = small(depth=50)
    block.init_weights()
    identity = block.layer1[1].eval()
    x = torch.rand(1, 32, 4, 4)  # not negative, so that the ReLU passes it
    torch.testing.assert_close(identity(x), x)


def test_zero_init_leaves_pretrained_weights(tmp_path):
    source = small()
    nn.init.constant_(source.layer1[0].bn2.weight, 3.0)
    torch.save(source.state_dict(), tmp_path / 'weights.pth')
    backbone = small(init_cfg=dict(type='Pretrained', checkpoint=str(tmp_path / 'weights.pth')))
    backbone.init_weights()
    assert (backbone.layer1[0].bn2.weight == 3).all()


def test_defaults_are_not_changed():
    before = copy.deepcopy(ResNet.__init__.__defaults__)
    small().init_weights()
    assert ResNet.__init__.__defaults__ == before


def test_last_block_of_a_layer_may_make_the_change():
    layer = ResLayer(BasicBlock, 2, 4, 8, stride=2, downsample_first=False)
    assert [b.downsample is None for b in layer] == [True, False]
    assert tuple(layer(torch.zeros(1, 4, 8, 8)).shape) == (1, 8, 4, 4)


def test_group_norm_bears_its_name():
    backbone = small(norm_cfg=dict(type='GN', num_groups=2))
    assert 'gn1.weight' in backbone.state_dict()
    assert backbone.norm1 is backbone.gn1


def test_get_expansion():
    assert get_expansion(BasicBlock) == 1
    assert get_expansion(Bottleneck) == 4
    assert get_expansion(Bottleneck, 2) == 2
    with pytest.raises(TypeError, match='Linear declares no expansion; pass `expansion`'):
        get_expansion(nn.Linear)
    with pytest.raises(ValueError, match='expansion is 0; it must be positive'):
        get_expansion(Bottleneck, 0)


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [
        (dict(depth=20), 'depth of ResNet is 20; choose one of 18, 34, 50, 101, 152.'),
        (dict(out_indices=(4,)), r'out_indices of ResNet is \(4,\); with 4 stages give one or'),
        (dict(out_indices=(-1,)), r'one or more of \(0, 1, 2, 3\)'),
        (dict(frozen_stages=5), 'frozen_stages of ResNet is 5; it takes -1'),
        (dict(num_stages=5), 'num_stages is 5; it must be 1 to 4'),
        (dict(strides=(1, 2)), r'strides of ResNet is \(1, 2\); give one entry for each of the 4'),
        (dict(depth=50, style='tf'), "style is 'tf'; choose 'pytorch' or 'caffe'"),
        (dict(expansion=2), 'expansion of BasicBlock is 2; it can only be 1.'),
    ],
    ids=str,
)
def test_errors(kwargs, message):
    with pytest.raises(ValueError, match=message):
        small(**kwargs)

import pytest
import torch
from torch import nn

from mmpose.models.backbones import ShuffleNetV1
from mmpose.models.backbones.shufflenet_v1 import ShuffleUnit


def test_published_architecture():
    with torch.device('meta'):
        backbone = ShuffleNetV1()
    assert sum(p.numel() for p in backbone.parameters()) == 904_728
    assert [len(stage) for stage in backbone.layers] == [4, 8, 4]
    first, second = backbone.layers[0][0], backbone.layers[1][0]
    assert first.g_conv_1x1_compress.conv.groups == 1  # of 24 channels only
    assert second.g_conv_1x1_compress.conv.groups == 3
    assert first.g_conv_1x1_expand.conv.out_channels == 240 - 24  # the rest is the pooled input


@pytest.mark.parametrize(
    ('groups', 'widen_factor', 'channels'),
    [
        (1, 1.0, (144, 288, 576)),
        (2, 1.0, (200, 400, 800)),
        (3, 0.5, (120, 240, 480)),
        (4, 1.0, (272, 544, 1088)),
        (8, 2.0, (768, 1536, 3072)),
    ],
)
def test_feature_maps(groups, widen_factor, channels):
    with torch.device('meta'):
        backbone = ShuffleNetV1(groups, widen_factor, out_indices=(0, 1, 2))
        maps = backbone(torch.zeros(1, 3, 64, 96))
    assert backbone.out_channels == channels
    assert backbone.out_strides == (8, 16, 32)
    assert [tuple(x.shape[1:]) for x in maps] == [
        (c, 64 // s, 96 // s) for c, s in zip(channels, (8, 16, 32), strict=True)
    ]


def silence(unit):
    """Let the convolutions of a unit give -1 everywhere."""
    with torch.no_grad():
        unit.g_conv_1x1_expand.bn.weight.zero_()
        unit.g_conv_1x1_expand.bn.bias.fill_(-1)
    return unit.eval()


def test_unit_adds_before_the_activation():
    unit = silence(ShuffleUnit(8, 8, groups=2))
    x = torch.tensor([0.5, 3.0]).view(1, 1, 1, 2).expand(1, 8, 1, 2)
    assert unit(x)[0, 0].tolist() == [[0.0, 2.0]]


def test_unit_appends_to_the_pooled_input():
    unit = silence(ShuffleUnit(4, 16, groups=2, combine='concat'))
    out = unit(torch.full((1, 4, 4, 4), -9.0))
    assert tuple(out.shape) == (1, 16, 2, 2)
    assert (out[:, 4:] == 0).all()  # -1, rectified
    # the pooled input comes first, and is not rectified; the border counts as zeros
    assert out[0, 0].tolist() == [[-4.0, -6.0], [-6.0, -9.0]]


def test_shuffling_lets_each_group_of_outputs_see_both_groups_of_inputs():
    unit = ShuffleUnit(16, 16, groups=2, first_block=False).eval()
    for module in unit.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.ones_(module.weight)
    x = torch.rand(1, 16, 3, 3, requires_grad=True)
    (unit(x) - x)[0, 0].sum().backward()
    assert (x.grad > 0).all()


def test_initial_weights():
    torch.manual_seed(0)
    backbone = ShuffleNetV1()
    backbone.init_weights()
    assert backbone.conv1.conv.weight.std().item() == pytest.approx(0.01, rel=0.1)
    conv = backbone.layers[2][1].g_conv_1x1_expand.conv  # of 80 channels in each group
    assert conv.weight.std().item() == pytest.approx(1 / 80, rel=0.02)
    for norm in (backbone.conv1.bn, backbone.layers[2][1].g_conv_1x1_expand.bn):
        assert (norm.weight == 1).all()
        torch.testing.assert_close(norm.bias, torch.full_like(norm.bias, 0.0001))


def small(**kwargs):
    return ShuffleNetV1(groups=2, widen_factor=0.25, **kwargs)


@pytest.mark.parametrize('way', ['argument', 'init_cfg'])
def test_pretrained_weights_stay(tmp_path, way):
    path = str(tmp_path / 'weights.pth')
    weights = {n: torch.full_like(p, 0.5) for n, p in small().named_parameters()}
    torch.save(weights, path)
    if way == 'argument':
        backbone = small()
        backbone.init_weights(path)
    else:
        backbone = small(init_cfg=dict(type='Pretrained', checkpoint=path))
        backbone.init_weights()
    assert all((p == 0.5).all() for p in backbone.parameters())
    backbone.init_weights()  # changes nothing a second time
    assert all((p == 0.5).all() for p in backbone.parameters())


def test_initialises_once():
    backbone = small()
    backbone.init_weights()
    before = backbone.layers[0][0].g_conv_1x1_expand.conv.weight.clone()
    backbone.init_weights()
    assert torch.equal(backbone.layers[0][0].g_conv_1x1_expand.conv.weight, before)


def test_frozen_stages_norm_eval_and_with_cp():
    backbone = small(frozen_stages=1, norm_eval=True, with_cp=True).train()
    for module in (backbone.conv1, backbone.layers[0]):
        assert not any(p.requires_grad for p in module.parameters())
    assert all(p.requires_grad for p in backbone.layers[1].parameters())
    assert not backbone.layers[2][0].g_conv_1x1_expand.bn.training
    assert backbone.layers[2][0].with_cp


@pytest.mark.parametrize(
    ('build', 'message'),
    [
        (lambda: ShuffleNetV1(5), 'groups of ShuffleNetV1 is 5; choose one of 1, 2, 3, 4, 8'),
        (lambda: ShuffleNetV1(3, 0.25), 'with 6, 16 and 58 channels cannot have 3 groups'),
        (lambda: ShuffleNetV1(out_indices=(3,)), r'out_indices of ShuffleNetV1 is \(3,\); with 3'),
        (lambda: ShuffleUnit(8, 8, 2, combine='mul'), "combine is 'mul'; choose 'add' or 'concat'"),
        (lambda: ShuffleUnit(8, 16, 2), 'from 8 to 16 channels cannot add its input'),
        (
            lambda: ShuffleUnit(16, 16, 2, combine='concat'),
            'to 16 channels cannot concat its input',
        ),
    ],
    ids=['groups', 'widths', 'out_indices', 'combine', 'add', 'concat'],
)
def test_errors(build, message):
    with pytest.raises(ValueError, match=message):
        build()

import pytest
import torch
from torch import nn

from mmpose.models.backbones import MSPN, ResNet
from mmpose.utils.checkpoint import CheckpointError


def small(**kwargs):
    kwargs = dict(num_units=3, num_blocks=[1, 2, 1], num_stages=2) | kwargs
    return MSPN(unit_channels=8, res_top_channels=8, **kwargs)


@pytest.mark.parametrize(('stages', 'parameters'), [(1, 24691264), (4, 118492864)])
def test_published_parameter_counts(stages, parameters):
    with torch.device('meta'):
        backbone = MSPN(num_stages=stages, num_blocks=[3, 4, 6, 3])
    assert sum(p.numel() for p in backbone.parameters()) == parameters


@pytest.mark.parametrize(
    ('size', 'cells'),
    [((64, 48), [(4, 3), (8, 6), (16, 12)]), ((50, 33), [(4, 3), (7, 5), (13, 9)])],
)
def test_maps_of_each_stage_from_the_coarsest(size, cells):
    backbone = small().eval()
    assert backbone.out_channels == (8,) * 6
    assert backbone.out_strides == (16, 8, 4, 16, 8, 4)
    with torch.no_grad():
        stages = backbone(torch.zeros(2, 3, *size))
    assert [[tuple(x.shape) for x in maps] for maps in stages] == [[(2, 8, *c) for c in cells]] * 2


def test_a_stage_hears_of_the_one_before_by_its_input_and_the_skips():
    backbone = small(init_cfg=None).eval()
    first = backbone.multi_stage_mspn[0].upsample
    a, b = torch.rand(2, 1, 3, 32, 32)

    def second_stage_differs():
        with torch.no_grad():
            return [
                not torch.equal(x, y) for x, y in zip(backbone(a)[1], backbone(b)[1], strict=True)
            ]

    assert second_stage_differs() == [True] * 3
    nn.init.zeros_(first.up3.cross_conv.bn.weight)
    assert second_stage_differs() == [True] * 3
    for name in ('up1', 'up2', 'up3'):
        for skip in (first[name].out_skip1, first[name].out_skip2):
            nn.init.zeros_(skip.bn.weight)
    assert second_stage_differs() == [False] * 3
    assert not hasattr(backbone.multi_stage_mspn[1].upsample.up3, 'cross_conv')


@pytest.mark.parametrize('prefix', ['', 'backbone.'])
def test_resnet_weights_fill_the_way_down_of_every_stage(tmp_path, prefix):
    torch.manual_seed(0)
    resnet = ResNet(
        50,
        base_channels=8,
        stem_channels=8,
        num_stages=2,
        strides=(1, 2),
        dilations=(1, 1),
        out_indices=(0, 1),
    ).eval()
    path = str(tmp_path / 'resnet.pth')
    weights = {prefix + name: value for name, value in resnet.state_dict().items()}
    torch.save(dict(state_dict=weights), path)

    backbone = small(
        num_units=2, num_blocks=[3, 4], init_cfg=dict(type='Pretrained', checkpoint=path)
    ).eval()
    backbone.init_weights()
    pictures = torch.rand(1, 3, 64, 48)
    with torch.no_grad():
        top = backbone.top(pictures)
        for stage in backbone.multi_stage_mspn:
            x = top
            for layer, wanted in zip(stage.downsample.values(), resnet(pictures), strict=True):
                x = layer(x)
                torch.testing.assert_close(x, wanted)


def test_own_weights_load_by_their_own_names(tmp_path):
    path = str(tmp_path / 'mspn.pth')
    trained = small()
    torch.save(trained.state_dict(), path)
    backbone = small(init_cfg=dict(type='Pretrained', checkpoint=path))
    backbone.init_weights()
    for name, value in backbone.state_dict().items():
        assert torch.equal(value, trained.state_dict()[name]), name


def test_weights_of_something_else_are_refused(tmp_path):
    path = str(tmp_path / 'other.pth')
    torch.save(dict(fc=torch.zeros(1)), path)
    with pytest.raises(CheckpointError, match='does not fit the model: 0 of'):
        small(init_cfg=dict(type='Pretrained', checkpoint=path)).init_weights()


def test_errors():
    with pytest.raises(ValueError, match='num_stages of MSPN is 0; it must be at least 1'):
        small(num_stages=0)
    with pytest.raises(ValueError, match='num_units of MSPN is 1; it must be at least 2'):
        small(num_units=1)
    with pytest.raises(
        ValueError, match=r'num_blocks of MSPN is \(1, 2\); give one entry for each o'
    ):
        small(num_blocks=(1, 2))

import pytest
import torch

from mmpose.models.backbones import CSPNeXt


# widen and deepen factors of RTMPose-t to RTMPose-x, and the parameters of their published weights
@pytest.mark.parametrize(
    ('widen', 'deepen', 'blocks', 'parameters'),
    [
        (0.375, 0.167, (1, 1, 1, 1), 2348700),
        (0.5, 0.33, (1, 2, 2, 1), 4378320),
        (0.75, 0.67, (2, 4, 4, 2), 12279432),
        (1.0, 1.0, (3, 6, 6, 3), 26138912),
        (1.25, 1.33, (4, 8, 8, 4), 47569560),
    ],
)
def test_published_sizes(widen, deepen, blocks, parameters):
    with torch.device('meta'):
        backbone = CSPNeXt(deepen_factor=deepen, widen_factor=widen, out_indices=range(5))
    assert backbone.out_channels == tuple(int(widen * c) for c in (64, 128, 256, 512, 1024))
    assert backbone.out_strides == (2, 4, 8, 16, 32)
    stages = [getattr(backbone, f'stage{n}') for n in range(1, 5)]
    assert tuple(len(stage[-1].blocks) for stage in stages) == blocks
    assert [len(stage) for stage in stages] == [2, 2, 2, 3]  # the last pools a pyramid
    assert sum(p.numel() for p in backbone.parameters()) == parameters


def test_stem_halves_the_picture_once():
    backbone = CSPNeXt(widen_factor=0.25, deepen_factor=0.33, out_indices=(0,))
    assert [tuple(layer.conv.weight.shape) for layer in backbone.stem] == [
        (8, 3, 3, 3),
        (8, 8, 3, 3),
        (16, 8, 3, 3),
    ]
    # any size will do: 33 pixels give 17 cells
    assert tuple(backbone(torch.zeros(1, 3, 33, 32))[0].shape) == (1, 16, 17, 16)


def test_p6():
    with torch.device('meta'):
        backbone = CSPNeXt('P6', widen_factor=0.25, out_indices=(4, 5))
        outputs = backbone(torch.zeros(1, 3, 128, 64))
    assert [tuple(x.shape) for x in outputs] == [(1, 192, 4, 2), (1, 256, 2, 1)]
    assert backbone.out_channels == (192, 256)
    assert backbone.out_strides == (32, 64)


def test_options_of_the_layers():
    with torch.device('meta'):
        backbone = CSPNeXt(
            widen_factor=0.25,
            use_depthwise=True,
            expand_ratio=0.25,
            channel_attention=False,
            spp_kernel_sizes=(3, 7),
        )
    layer = backbone.stage1[1]
    assert layer.main_conv.conv.weight.shape == (8, 32, 1, 1)  # a quarter of 32
    assert layer.blocks[0].conv1.depthwise_conv.conv.weight.shape == (8, 1, 3, 3)
    assert layer.blocks[0].conv2.depthwise_conv.conv.weight.shape == (8, 1, 5, 5)
    assert not any('attention' in name for name in backbone.state_dict())
    assert backbone.stage4[1].kernel_sizes == (3, 7)


def test_own_stages_and_freezing():
    rows = [[16, 24, 2, True, False], [24, 32, 1, False, True]]
    backbone = CSPNeXt(arch_ovewrite=rows, out_indices=(2,), frozen_stages=1).train()
    assert (backbone.out_channels, backbone.out_strides) == ((32,), (8,))
    frozen = {n.split('.')[0] for n, p in backbone.named_parameters() if not p.requires_grad}
    assert frozen == {'stem', 'stage1'}


def test_errors():
    with pytest.raises(ValueError, match="arch of CSPNeXt is 'tiny'; choose one of 'P5', 'P6'"):
        CSPNeXt('tiny')

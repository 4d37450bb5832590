import pytest
import torch
from mmengine.structures import InstanceData

from mmpose.models.heads import HeatmapHead, SimCCHead, ViPNASHead
from mmpose.structures import PoseDataSample

SIZES = dict(input_size=(64, 96), in_featuremap_size=(2, 3))


def weights_of(head):
    return {n: tuple(v.shape) for n, v in head.state_dict().items() if n.endswith('weight')}


def test_layers_and_shapes():
    head = SimCCHead(6, 5, **SIZES, deconv_out_channels=(8, 4), deconv_kernel_sizes=(4, 3))
    x, y = head((torch.zeros(1, 9, 1, 1), torch.zeros(2, 6, 3, 2)))
    assert (x.shape, y.shape) == ((2, 5, 128), (2, 5, 192))
    assert weights_of(head) == {
        'deconv_head.deconv_layers.0.weight': (6, 8, 4, 4),
        'deconv_head.deconv_layers.1.weight': (8,),
        'deconv_head.deconv_layers.3.weight': (8, 4, 3, 3),
        'deconv_head.deconv_layers.4.weight': (4,),
        'deconv_head.final_layer.weight': (5, 4, 1, 1),
        'mlp_head_x.weight': (128, 8 * 12),
        'mlp_head_y.weight': (192, 8 * 12),
    }
    assert isinstance(head.deconv_head, HeatmapHead)


def test_without_deconvolutions():
    head = SimCCHead((9, 6), 5, **SIZES, deconv_out_channels=None, simcc_split_ratio=1.5)
    assert weights_of(head) == {
        'final_layer.weight': (5, 6, 1, 1),
        'mlp_head_x.weight': (96, 6),
        'mlp_head_y.weight': (144, 6),
    }


def test_deconvolutions_in_groups():
    head = SimCCHead(
        6, 5, **SIZES, deconv_type='vipnas', deconv_out_channels=(6,), deconv_kernel_sizes=(4,),
        deconv_num_groups=(3,), conv_out_channels=(5,), conv_kernel_sizes=(3,),
        final_layer=None)  # fmt: skip
    assert isinstance(head.deconv_head, ViPNASHead)
    assert head.state_dict()['deconv_head.deconv_layers.0.weight'].shape == (6, 2, 4, 4)
    assert head((torch.zeros(1, 6, 3, 2),))[0].shape == (1, 5, 128)


def test_each_keypoint_is_classified_from_its_own_map():
    head = SimCCHead(2, 2, **SIZES, deconv_out_channels=None, final_layer=None)
    feats = torch.zeros(1, 2, 3, 2)
    feats[0, 1, 2, 0] = 1  # cell 4 in reading order
    x, y = head((feats,))
    torch.testing.assert_close(x[0, 0], head.mlp_head_x.bias)
    torch.testing.assert_close(x[0, 1], head.mlp_head_x.bias + head.mlp_head_x.weight[:, 4])
    torch.testing.assert_close(y[0, 1], head.mlp_head_y.bias + head.mlp_head_y.weight[:, 4])


def test_default_initialisation():
    head = SimCCHead(64, 17, **SIZES)
    head.init_weights()
    assert head.mlp_head_x.weight.std().item() == pytest.approx(0.01, rel=0.1)
    assert not head.mlp_head_x.bias.any()
    assert head.deconv_head.final_layer.weight.std().item() == pytest.approx(0.001, rel=0.1)


def test_gradients_reach_every_parameter():
    head = SimCCHead(4, 2, **SIZES, deconv_out_channels=(4,), deconv_kernel_sizes=(4,))
    sample = PoseDataSample()
    sample.gt_instance_labels = InstanceData(
        keypoint_x_labels=torch.rand(1, 2, 128),
        keypoint_y_labels=torch.rand(1, 2, 192),
        keypoint_weights=torch.ones(1, 2),
    )
    head.loss((torch.randn(1, 4, 3, 2),), [sample])['loss_kpt'].backward()
    assert all(p.grad is not None for p in head.parameters())


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [
        (dict(deconv_type='pixels'), "deconv_type is 'pixels', but must be one of 'heatmap', 'v"),
        (
            dict(deconv_out_channels=None, conv_out_channels=(8,), conv_kernel_sizes=(3,)),
            r'conv_out_channels is \(8,\), but convolutions follow deconvolutions and deconv_out',
        ),
        (
            dict(final_layer=None),
            'final_layer is None and the last map has 256 channels for out_channels=3; set `final',
        ),
        (dict(deconv_kernel_sizes=(4,)), 'give one entry of each per layer'),
    ],
)
def test_errors(kwargs, message):
    with pytest.raises(ValueError, match=message):
        SimCCHead(2, 3, **SIZES, **kwargs)


def test_pictures_of_another_size():
    head = SimCCHead(2, 3, **SIZES, deconv_out_channels=None)
    with pytest.raises(ValueError, match=r'4x3 \(w x h\) cells for in_featuremap_size=\(2, 3\)'):
        head((torch.zeros(1, 2, 3, 4),))

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData, PixelData
from torch import nn

from mmpose.models.heads import HeatmapHead
from mmpose.structures import PoseDataSample

CODEC = dict(type='MSRAHeatmap', input_size=(32, 48), heatmap_size=(8, 12), sigma=1)


def passing_head(**kwargs):
    """A head for two keypoints whose heatmaps are its features."""
    return HeatmapHead(2, 2, deconv_out_channels=None, final_layer=None, decoder=CODEC, **kwargs)


def peaks(*points):
    """(1, K, 12, 8) with a 1 at each (x, y), a little more to its right and below it."""
    maps = torch.zeros(1, len(points), 12, 8)
    for k, (x, y) in enumerate(points):
        maps[0, k, y, x] = 1
        maps[0, k, y, x + 1] = maps[0, k, y + 1, x] = 0.5
    return maps


def sample(heatmaps=None, weights=(1.0, 1.0)):
    sample = PoseDataSample(metainfo=dict(flip_indices=[1, 0]))
    if heatmaps is not None:
        sample.gt_fields = PixelData(heatmaps=heatmaps)
        sample.gt_instance_labels = InstanceData(keypoint_weights=torch.tensor([weights]))
    return sample


def test_layers_and_shapes():
    head = HeatmapHead(
        6, 5, deconv_out_channels=(8, 4), deconv_kernel_sizes=(4, 3), conv_out_channels=(7,),
        conv_kernel_sizes=(3,), final_layer=dict(kernel_size=3, padding=1))  # fmt: skip
    assert tuple(head((torch.zeros(1, 9, 1, 1), torch.zeros(2, 6, 3, 2))).shape) == (2, 5, 12, 8)
    shapes = {n: tuple(v.shape) for n, v in head.state_dict().items() if n.endswith('weight')}
    assert shapes == {
        'deconv_layers.0.weight': (6, 8, 4, 4),
        'deconv_layers.1.weight': (8,),
        'deconv_layers.3.weight': (8, 4, 3, 3),
        'deconv_layers.4.weight': (4,),
        'conv_layers.0.weight': (7, 4, 3, 3),
        'conv_layers.1.weight': (7,),
        'final_layer.weight': (5, 7, 3, 3),
    }
    assert HeatmapHead(4, 3, deconv_out_channels=(2,), deconv_kernel_sizes=(2,))(
        (torch.zeros(1, 4, 3, 2),)
    ).shape == (1, 3, 6, 4)


def test_default_initialisation():
    head = HeatmapHead(64, 17)
    head.init_weights()
    assert head.final_layer.weight.std().item() == pytest.approx(0.001, rel=0.1)
    assert (head.deconv_layers[1].weight == 1).all()
    assert not head.final_layer.bias.any()


def test_predict_decodes_to_input_pixels():
    head = passing_head()
    preds, fields = head.predict((peaks((3, 5), (6, 2)),), [sample()], dict(output_heatmaps=True))
    # stride 4, and a quarter of a cell towards the larger neighbour
    np.testing.assert_allclose(preds[0].keypoints, [[[13, 21], [25, 9]]])
    np.testing.assert_allclose(preds[0].keypoint_scores, [[1, 1]])
    torch.testing.assert_close(fields[0].heatmaps, peaks((3, 5), (6, 2))[0])


@pytest.mark.parametrize(('shift', 'x'), [(False, 2), (True, 3)])
def test_flip_test_maps_the_mirror_image_back(shift, x):
    nothing = torch.zeros(1, 2, 12, 8)
    mirrored = nothing.clone()
    mirrored[0, 1, 5, 5] = 1  # a right keypoint at column 5 of 0..7 is a left one at column 2
    cfg = dict(flip_test=True, shift_heatmap=shift, output_heatmaps=True)
    _, fields = passing_head().predict([(nothing,), (mirrored,)], [sample()], cfg)
    assert fields[0].heatmaps.nonzero().tolist() == [[0, 5, x]]
    assert fields[0].heatmaps[0, 5, x] == 0.5


def test_predict_takes_half_precision():
    heatmaps = peaks((3, 5), (6, 2)).to(torch.bfloat16)
    (pred,) = passing_head().predict((heatmaps,), [sample()])
    np.testing.assert_allclose(pred.keypoints, [[[13, 21], [25, 9]]])


def test_loss_and_accuracy():
    head = passing_head()
    target = peaks((3, 5), (6, 2))
    output = torch.cat([target[:, :1], peaks((3, 8))], dim=1)
    losses = head.loss((output,), [sample(target[0])])
    # keypoint 1 misses six cells of 96: twice 1, four times 0.25
    torch.testing.assert_close(losses['loss_kpt'], torch.tensor(3 / (2 * 96)))
    assert losses['acc_pose'] == 0.5
    losses = head.loss((output,), [sample(target[0], weights=(1.0, 0.0))])
    assert (losses['loss_kpt'], losses['acc_pose']) == (0, 1)
    assert set(head.loss((output,), [sample(target[0])], dict(compute_acc=False))) == {'loss_kpt'}


def test_loss_names_both_numbers_of_keypoints():
    with pytest.raises(ValueError, match='the model predicts 2 channels for 3 in the target'):
        passing_head().loss((peaks((1, 1), (1, 1)),), [sample(torch.zeros(3, 12, 8))])


def test_final_layers_of_releases_0x_are_renamed():
    kwargs = dict(deconv_out_channels=None, conv_out_channels=(4,), conv_kernel_sizes=(3,))
    head = HeatmapHead(2, 3, **kwargs)
    old = {}
    for name, value in head.state_dict().items():
        # convolution 0, norm 1, ReLU 2 and the last convolution 3 were one sequence
        name = name.replace('final_layer', 'final_layer.3').replace('conv_layers', 'final_layer')
        old[name] = torch.full_like(value, 2)
    head.load_state_dict(old)
    assert all((p == 2).all() for p in head.parameters())


def test_a_lone_final_layer_keeps_its_name():
    kwargs = dict(deconv_out_channels=None)
    first, second = HeatmapHead(2, 3, **kwargs), HeatmapHead(2, 3, **kwargs)
    second.load_state_dict(dict(first.state_dict()))  # a plain dict has no version
    assert torch.equal(first.final_layer.weight, second.final_layer.weight)


def test_gradients_reach_every_parameter():
    head = HeatmapHead(4, 2, deconv_out_channels=(4,), deconv_kernel_sizes=(4,))
    feats = (torch.randn(1, 4, 6, 4),)
    head.loss(feats, [sample(torch.rand(2, 12, 8))])['loss_kpt'].backward()
    assert all(p.grad is not None for p in head.parameters())


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [
        (
            dict(deconv_kernel_sizes=(4,)),
            r'deconv_out_channels is \(256, 256, 256\) and deconv_kernel_sizes is \(4,\); give one',
        ),
        (dict(deconv_kernel_sizes=(4, 4, 5)), 'deconvolution kernel size is 5; choose 2, 3 or 4'),
        (dict(conv_out_channels=(8,)), r'conv_out_channels is \(8,\) and conv_kernel_sizes is Non'),
    ],
)
def test_errors(kwargs, message):
    with pytest.raises(ValueError, match=message):
        HeatmapHead(2, 3, **kwargs)


def test_identity_layers_have_no_weights():
    assert [type(m) for m in passing_head().children()][1:] == [nn.Identity] * 3

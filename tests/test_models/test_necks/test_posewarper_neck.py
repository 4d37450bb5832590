import pytest
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from mmpose.models.necks import PoseWarperNeck

try:
    import torchvision.ops  # noqa: F401
except Exception:  # one built for another PyTorch fails in ways of its own
    pytest.skip('torchvision cannot be imported', allow_module_level=True)


def small(**kwargs):
    kwargs = (
        dict(
            in_channels=4,
            out_channels=3,
            inner_channels=8,
            deform_groups=3,
            dilations=(1, 2),
            res_blocks_cfg=dict(block='BASIC', num_blocks=2),
        )
        | kwargs
    )
    torch.manual_seed(0)
    neck = PoseWarperNeck(**kwargs)
    neck.init_weights()
    return neck


def test_parameters_of_the_published_weights():
    neck = PoseWarperNeck(in_channels=48, out_channels=17, inner_channels=128)
    shapes = {name: tuple(p.shape) for name, p in neck.named_parameters()}
    feats = {name: shape for name, shape in shapes.items() if name.startswith('offset_feats.')}
    assert {name.split('.')[1] for name in feats} == {str(i) for i in range(20)}
    assert feats['offset_feats.0.conv1.weight'] == (128, 17, 3, 3)
    assert feats['offset_feats.0.downsample.0.weight'] == (128, 17, 1, 1)
    assert feats['offset_feats.19.conv2.weight'] == (128, 128, 3, 3)
    assert {name: shape for name, shape in shapes.items() if name not in feats} == {
        'trans_layer.weight': (17, 48, 1, 1),
        'trans_layer.bias': (17,),
        # 3 x 3 places of 17 keypoints, (y, x)
        **{f'offset_layers.{i}.weight': (306, 128, 3, 3) for i in range(5)},
        **{f'deform_conv_layers.{i}.weight': (17, 17, 3, 3) for i in range(5)},
    }


def test_starts_as_the_weighted_mean_of_the_frames():
    neck = small().eval()
    frames = torch.randn(3, 2, 4, 6, 5)
    weights = (0.5, 0.3, 0.2)
    wanted = sum(w * neck.trans_layer(x) for w, x in zip(weights, frames, strict=True))
    torch.testing.assert_close(neck(list(frames), weights), wanted)


class Offsets(nn.Module):
    """The same offset for all places of the kernel and all cells of a frame."""

    def __init__(self, *yx_per_frame):
        super().__init__()
        self.yx = torch.tensor(yx_per_frame)

    def forward(self, x):
        offset = self.yx.repeat(1, 9)[:, :, None, None]
        return offset.expand(-1, -1, *x.shape[2:]).contiguous()


def test_a_frame_is_shifted_by_its_offsets():
    kwargs = dict(in_channels=1, out_channels=1, trans_conv_kernel=0, deform_groups=1)
    neck = small(**kwargs, dilations=(1,)).eval()
    first, second = torch.zeros(2, 1, 1, 6, 7)
    first[0, 0, 2, 3] = 1.0
    second[0, 0, 3, 5] = 1.0  # moved by (1, 2)
    neck.offset_layers[0] = Offsets((0.0, 0.0), (1.0, 2.0))
    out = neck([first, second], (0.25, 0.75))
    assert torch.equal(out, first)


def test_dilations_are_averaged():
    kwargs = dict(in_channels=1, out_channels=1, trans_conv_kernel=0, deform_groups=1)
    neck = small(**kwargs, dilations=(1, 3)).eval()
    frame = torch.zeros(1, 1, 6, 7)
    frame[0, 0, 3, 3] = 1.0
    neck.offset_layers[0] = Offsets((0.0, 1.0))
    neck.offset_layers[1] = Offsets((2.0, 0.0))
    out = neck([frame], (1.0,))[0, 0]
    assert out[3, 2] == out[1, 3] == 0.5
    assert out.sum() == 1


def with_random_offsets(neck):
    for layer in neck.offset_layers:
        nn.init.normal_(layer.weight, std=0.5)
    return neck.eval()


def test_frames_may_come_joined():
    neck = with_random_offsets(small())
    frames = torch.randn(3, 2, 4, 6, 5)
    weights = (0.5, 0.3, 0.2)
    apart = neck(list(frames), weights)
    assert tuple(apart.shape) == (2, 3, 6, 5)
    joined = frames.flatten(0, 1)
    for inputs in ([joined], ((joined,),), joined):
        torch.testing.assert_close(neck(inputs, weights), apart)


def test_offsets_follow_from_the_difference_to_the_first_frame():
    neck = with_random_offsets(small())
    first, second = torch.randn(2, 1, 4, 6, 5)
    still = neck([second, second], (0.0, 1.0))
    torch.testing.assert_close(still, neck([second], (1.0,)))
    assert not torch.allclose(neck([first, second], (0.0, 1.0)), still)


def test_several_maps_of_a_frame():
    fine, coarse = torch.randn(2, 4, 6, 4), torch.randn(2, 8, 3, 2)
    one = small(in_channels=8, in_index=1)
    assert tuple(one([(fine, coarse)], (1.0,)).shape) == (2, 3, 3, 2)
    both = small(in_channels=[4, 8], in_index=[0, 1], input_transform='resize_concat')
    assert both.trans_layer.in_channels == 12
    assert tuple(both([(fine, coarse)], (1.0,)).shape) == (2, 3, 6, 4)
    assert (both.in_channels, both.out_channels) == ([4, 8], (3,))


def test_gradients_reach_every_parameter():
    neck = small(freeze_trans_layer=False, trans_conv_kernel=3).train()
    neck(list(torch.randn(2, 2, 4, 6, 5)), (0.6, 0.4)).square().mean().backward()
    assert [n for n, p in neck.named_parameters() if p.grad is None] == []


def test_frozen_layer_and_norm_layers():
    neck = small(norm_eval=True).train()
    frozen = {n for n, p in neck.named_parameters() if not p.requires_grad}
    assert frozen == {'trans_layer.weight', 'trans_layer.bias'}
    assert not neck.trans_layer.training
    norms = [m for m in neck.modules() if isinstance(m, _BatchNorm)]
    assert len(norms) == 5
    assert not any(m.training for m in norms)
    assert neck.offset_layers.training
    free = small(freeze_trans_layer=False).train()
    assert all(m.training for m in free.modules())
    assert all(p.requires_grad for p in free.parameters())


def test_exports():
    neck = with_random_offsets(small())
    args = (list(torch.randn(2, 1, 4, 6, 5)), (0.6, 0.4))
    torch.testing.assert_close(torch.export.export(neck, args).module()(*args), neck(*args))


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [
        (dict(trans_conv_kernel=2), 'trans_conv_kernel of PoseWarperNeck is 2; choose 0, 1 or 3'),
        (dict(offsets_kernel=4), 'offsets_kernel of PoseWarperNeck is 4; it must be odd'),
        (dict(deform_conv_kernel=2), 'deform_conv_kernel of PoseWarperNeck is 2; it must be odd'),
        (dict(res_blocks_cfg=dict(block='RES')), "is 'RES'; choose one of .'BASIC', 'BOTTLENECK'"),
        (dict(input_transform='multiple_select'), "'multiple_select'; choose None or 'resize_conc"),
        (
            dict(in_index=[0, 1]),
            r'in_index of PoseWarperNeck is \[0, 1\] with input_transform=None',
        ),
        (
            dict(deform_groups=2),
            'deform_groups of DeformConv2d is 2, which cannot share 3 channels',
        ),
    ],
)
def test_errors(kwargs, message):
    with pytest.raises(ValueError, match=message):
        small(**kwargs)


@pytest.mark.parametrize('frames', [2, 1])
def test_weights_must_match_the_frames(frames):
    with pytest.raises(ValueError, match='but frame_weight has 3 entries; give one for each frame'):
        small()(list(torch.randn(frames, 2, 4, 6, 5)), (0.5, 0.3, 0.2))

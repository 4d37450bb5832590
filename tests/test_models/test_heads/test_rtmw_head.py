import pytest
import torch
from mmengine.structures import InstanceData

from mmpose.models.heads import RTMWHead
from mmpose.structures import PoseDataSample

SIZES = dict(input_size=(64, 96), in_featuremap_size=(2, 3), gau_cfg=dict(hidden_dims=8, s=4))


def maps(batch=2):
    return torch.randn(batch, 4, 6, 4), torch.randn(batch, 8, 3, 2)


def test_layers_and_shapes():
    head = RTMWHead(8, 5, **SIZES, final_layer_kernel_size=3)
    x, y = head(maps())
    assert (x.shape, y.shape) == ((2, 5, 128), (2, 5, 192))
    shapes = {n: tuple(v.shape) for n, v in head.state_dict().items() if n.endswith('weight')}
    assert shapes == {
        'conv_dec.conv.weight': (2, 2, 3, 3),
        'conv_dec.bn.weight': (2,),
        'final_layer.conv.weight': (5, 8, 3, 3),
        'final_layer.bn.weight': (5,),
        'final_layer2.conv.weight': (5, 6, 3, 3),
        'final_layer2.bn.weight': (5,),
        'mlp.1.weight': (4, 6),
        'mlp2.1.weight': (4, 24),
        'gau.uv.weight': (36, 8),
        'gau.o.weight': (8, 16),
        'cls_x.weight': (128, 8),
        'cls_y.weight': (192, 8),
    }


def test_odd_tokens_are_shared_out():
    head = RTMWHead(8, 5, **dict(SIZES, gau_cfg=dict(hidden_dims=9, s=4)))
    assert [m[1].out_features for m in (head.mlp, head.mlp2)] == [4, 5]
    assert head(maps())[0].shape == (2, 5, 128)


def test_either_map_makes_half_of_a_token(monkeypatch):
    head = RTMWHead(8, 5, **SIZES).eval()
    monkeypatch.setattr(head, 'classify', lambda tokens: tokens)
    fine, coarse = maps(1)
    tokens = head((fine, coarse))
    from_coarse = head((torch.zeros_like(fine), coarse))
    assert torch.equal(tokens[..., :4], from_coarse[..., :4])
    assert not torch.equal(tokens[..., 4:], from_coarse[..., 4:])
    # the finer half sees the coarse map too
    assert not torch.equal(tokens[..., 4:], head((fine, torch.zeros_like(coarse)))[..., 4:])


def test_channels_of_both_maps():
    assert RTMWHead(8, 5, **SIZES).in_channels == (4, 8)
    assert RTMWHead([4, 8], 5, **SIZES).in_channels == (4, 8)
    for channels in (6, (8, 8), [2, 4, 8]):
        with pytest.raises(ValueError, match='; give a multiple of 4, the channels C of the last'):
            RTMWHead(channels, 5, **SIZES)


def test_gradients_reach_every_parameter():
    head = RTMWHead(8, 5, **SIZES)
    sample = PoseDataSample()
    sample.gt_instance_labels = InstanceData(
        keypoint_x_labels=torch.rand(1, 5, 128),
        keypoint_y_labels=torch.rand(1, 5, 192),
        keypoint_weights=torch.ones(1, 5),
    )
    head.loss(maps(), [sample, sample])['loss_kpt'].backward()
    assert all(p.grad is not None for p in head.parameters())


def test_exports_whole():
    head = RTMWHead(8, 5, **SIZES).eval()
    feats = maps()
    torch.testing.assert_close(torch.export.export(head, (feats,)).module()(feats), head(feats))


def test_maps_of_other_number_or_size():
    head = RTMWHead(8, 5, **SIZES)
    fine, coarse = maps()
    with pytest.raises(ValueError, match='RTMWHead gets 3 feature maps and reads 2; set `out_ind'):
        head((fine, fine, coarse))
    with pytest.raises(ValueError, match=r'2x6 \(w x h\) cells for in_featuremap_size=\(2, 3\)'):
        head((fine, torch.zeros(2, 8, 6, 2)))
    with pytest.raises(ValueError, match=r'3x6 \(w x h\) cells followed by one of 2x3, but each'):
        head((torch.zeros(2, 4, 6, 3), coarse))

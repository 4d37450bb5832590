import copy

import pytest
import torch
from mmengine.structures import InstanceData

from mmpose.models.heads import RTMCCHead
from mmpose.models.heads.coord_cls_heads.base_gated_head import GAU_CFG
from mmpose.structures import PoseDataSample

SIZES = dict(input_size=(64, 96), in_featuremap_size=(2, 3))
SMALL = dict(hidden_dims=8, s=4)


def sample():
    sample = PoseDataSample()
    sample.gt_instance_labels = InstanceData(
        keypoint_x_labels=torch.rand(1, 5, 128),
        keypoint_y_labels=torch.rand(1, 5, 192),
        keypoint_weights=torch.ones(1, 5),
    )
    return sample


def test_layers_and_shapes():
    head = RTMCCHead(6, 5, **SIZES, final_layer_kernel_size=3, gau_cfg=SMALL)
    x, y = head((torch.zeros(1, 9, 1, 1), torch.randn(2, 6, 3, 2)))
    assert (x.shape, y.shape) == ((2, 5, 128), (2, 5, 192))
    assert {n: tuple(v.shape) for n, v in head.state_dict().items()} == {
        'final_layer.weight': (5, 6, 3, 3),
        'final_layer.bias': (5,),
        'mlp.0.g': (1,),
        'mlp.1.weight': (8, 6),
        'gau.gamma': (2, 4),
        'gau.beta': (2, 4),
        'gau.ln.g': (1,),
        'gau.uv.weight': (36, 8),
        'gau.o.weight': (8, 16),
        'gau.res_scale.scale': (8,),
        'cls_x.weight': (128, 8),
        'cls_y.weight': (192, 8),
    }


def test_settings_of_the_attention_unit_are_completed_and_left_alone():
    before = copy.deepcopy(GAU_CFG)
    given = dict(hidden_dims=8, use_rel_bias=True)
    head = RTMCCHead(6, 5, **SIZES, gau_cfg=given)
    assert (head.gau.s, head.gau.num_token) == (128, 5)
    assert isinstance(head.gau.act_fn, torch.nn.ReLU)
    assert head.gau.use_rel_bias
    assert before == GAU_CFG
    assert given == dict(hidden_dims=8, use_rel_bias=True)


def test_tokens_are_classified_by_themselves_where_nothing_attends():
    head = RTMCCHead(5, 5, **SIZES, gau_cfg=SMALL)
    torch.nn.init.zeros_(head.gau.o.weight)
    torch.nn.init.zeros_(head.final_layer.bias)
    head.final_layer.weight.data = torch.eye(5)[..., None, None]
    feats = torch.full((1, 5, 3, 2), 3.0)
    x, y = head((feats,))
    token = head.mlp[1].weight.sum(1)  # a constant map has a root mean square of 1 once scaled
    torch.testing.assert_close(x, (head.cls_x.weight @ token).expand(1, 5, -1))
    torch.testing.assert_close(y, (head.cls_y.weight @ token).expand(1, 5, -1))


def test_default_initialisation():
    head = RTMCCHead(256, 17, **SIZES)
    head.init_weights()
    assert head.final_layer.weight.std().item() == pytest.approx(0.001, rel=0.1)
    for layer in (head.cls_x, head.cls_y, head.mlp[1], head.gau.uv, head.gau.o):
        assert layer.weight.std().item() == pytest.approx(0.01, rel=0.1)


@pytest.mark.parametrize('dtype', [torch.float32, torch.bfloat16])
def test_gradients_reach_every_parameter(dtype):
    head = RTMCCHead(6, 5, **SIZES, gau_cfg=SMALL)
    with torch.autocast('cpu', dtype, enabled=dtype is torch.bfloat16):
        loss = head.loss((torch.randn(2, 6, 3, 2),), [sample(), sample()])['loss_kpt']
    assert loss.isfinite()
    assert loss.dtype is torch.float32
    loss.backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in head.parameters())


def test_compiles_and_exports_whole():
    head = RTMCCHead(6, 5, **SIZES, gau_cfg=SMALL).eval()
    feats = (torch.randn(2, 6, 3, 2),)
    expected = head(feats)
    torch.testing.assert_close(
        torch.compile(head, fullgraph=True, backend='eager')(feats), expected
    )
    torch.testing.assert_close(torch.export.export(head, (feats,)).module()(feats), expected)


def test_errors():
    with pytest.raises(ValueError, match='final_layer_kernel_size is 4; choose an odd one'):
        RTMCCHead(6, 5, **SIZES, final_layer_kernel_size=4)
    with pytest.raises(TypeError, match='hidden'):
        RTMCCHead(6, 5, **SIZES, gau_cfg=dict(hidden=8))
    with pytest.raises(
        ValueError, match=r'RTMCCHead gets a feature map of 4x3 \(w x h\) cells for'
    ):
        RTMCCHead(6, 5, **SIZES)((torch.zeros(1, 6, 3, 4),))

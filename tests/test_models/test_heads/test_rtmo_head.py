import math

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData
from torch import nn

from mmpose.models.heads import RTMOHead
from mmpose.structures import PoseDataSample

MODULE = dict(
    in_channels=4, pose_vec_channels=6, cls_feat_channels=6, num_groups=2, channels_per_group=4,
    norm_cfg=dict(type='BN'), act_cfg=dict(type='Swish'),
)  # fmt: skip
DCC = dict(
    in_channels=6,
    feat_channels=8,
    num_bins=(5, 5),
    spe_channels=8,
    gau_cfg=dict(s=8, pos_enc='add'),
)
TRAINING = dict(
    assigner=dict(
        type='SimOTAAssigner',
        dynamic_k_indicator='oks',
        oks_calculator=dict(type='PoseOKS', metainfo=None),
        use_keypoints_for_center=True,
    ),
    loss_cls=dict(type='VariFocalLoss', reduction='sum', use_target_weight=True),
    loss_bbox=dict(type='IoULoss', mode='square', reduction='sum'),
    loss_oks=dict(type='OKSLoss', reduction='none'),
    loss_vis=dict(type='BCELoss', use_target_weight=True),
    loss_mle=dict(type='MLECCLoss', use_target_weight=True),
    loss_bbox_aux=dict(type='L1Loss', reduction='sum'),
)
CHANNELS = dict(cls=1, bbox=4, kpt=4, kpt_vis=2, pose=6)


def make(**kwargs):
    torch.manual_seed(0)
    args = dict(num_keypoints=2, head_module_cfg=MODULE, dcc_cfg=DCC)
    return RTMOHead(**{**args, **kwargs})


def pyramid(batch_size=2):
    """The maps of an input of 64 x 32 pixels (w x h)."""
    torch.manual_seed(1)
    return torch.randn(batch_size, 8, 2, 4), torch.randn(batch_size, 8, 1, 2)


def sample(boxes=((0, 0, 16, 16),)):
    """A sample whose instances have their keypoints at two corners of their boxes."""
    boxes = torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4)
    sample = PoseDataSample(metainfo=dict(input_size=(64, 32)))
    sample.gt_instance_labels = InstanceData(
        bboxes=boxes,
        keypoints=boxes.reshape(-1, 2, 2),
        keypoints_visible=torch.ones(len(boxes), 2),
        areas=(boxes[:, 2:] - boxes[:, :2]).prod(-1),
        labels=torch.zeros(len(boxes), dtype=torch.long),
    )
    return sample


class Cells(nn.Module):
    """Stands for the convolutions: one map of stride 16 with cells (1, 1, 2, C)."""

    def __init__(self, **cells):
        super().__init__()
        maps = {name: torch.zeros(1, n, 1, 2) for name, n in CHANNELS.items()}
        maps['cls'].fill_(-10)
        for name, values in cells.items():
            maps[name][0, :, 0, 0] = torch.tensor(values, dtype=torch.float32)
        self.maps = nn.ParameterDict(maps)

    def forward(self, feats):
        return tuple([self.maps[name]] for name in CHANNELS)


def one_map(**kwargs):
    """A head whose classification gives the middles of the boxes, and its only feature map.

    Its first cell predicts the box (0, 0, 16, 16) around its point (7.5, 7.5).
    """
    cells = dict(bbox=[1 / 32, 1 / 32, 0, 0], cls=[0], kpt=[-15 / 32, -15 / 32, 17 / 32, 17 / 32])
    head = make(featmap_strides=[16], **kwargs.pop('head', {}))
    head.head_module = Cells(**{**cells, **kwargs})
    for layer in (head.dcc.x_fc, head.dcc.y_fc, head.dcc.sigma_fc[0]):
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)
    return head, (torch.zeros(1, 8, 1, 2),)


def test_convolutions():
    head = make(head_module_cfg=dict(MODULE, widen_factor=0.5, stacked_convs=1), num_classes=3)
    assert head.in_channels == (4, 4)
    x = (torch.zeros(2, 4, 4, 6), torch.zeros(2, 4, 2, 3))
    training, prediction = head.train()(x), head.eval()(x)
    assert [[tuple(m.shape) for m in maps] for maps in training] == [
        [(2, c, 4, 6), (2, c, 2, 3)] for c in (3, 4, 4, 2, 6)
    ]
    assert [len(maps) for maps in prediction] == [2, 2, 0, 2, 2]
    shapes = {name: tuple(v.shape) for name, v in head.head_module.state_dict().items()}
    assert shapes['conv_pose.0.0.conv.weight'] == (4, 2, 3, 3)
    assert shapes['conv_pose.0.1.conv.weight'] == (4, 2, 3, 3)  # two groups
    assert shapes['conv_cls.1.0.conv.weight'] == (3, 2, 3, 3)


def test_each_half_of_the_channels_has_its_use():
    head = make().eval()
    head.init_weights()
    (fine, coarse) = pyramid()
    before = head((fine, coarse))
    fine = fine.clone()
    fine[:, 4:] += 1
    after = head((fine, coarse))
    torch.testing.assert_close(after[0][0], before[0][0])
    assert not torch.allclose(after[1][0], before[1][0])


def test_points_are_middles_of_the_cells_pixels():
    points = make().priors(pyramid())
    assert points[:2].tolist() == [[7.5, 7.5, 16, 16], [23.5, 7.5, 16, 16]]
    assert points[-1].tolist() == [47.5, 15.5, 32, 32]


def test_keypoints_come_from_the_classification():
    head, feats = one_map(bbox=[0, 0, math.log(2), 0])
    (pred,) = head.predict(feats, [sample()], dict(score_thr=0.1))
    np.testing.assert_allclose(pred.scores, [0.5])
    np.testing.assert_allclose(pred.bboxes, [[0, 0, 23.5, 15.5]])
    # the middle of the box before it is cut at the border of the input
    np.testing.assert_allclose(pred.keypoints, [[[7.5, 7.5], [7.5, 7.5]]], rtol=1e-6)
    np.testing.assert_allclose(pred.keypoint_scores, [[0.5, 0.5]])


def test_a_batch_is_predicted_as_its_pictures():
    head, feats = make().eval(), pyramid(3)
    cfg = dict(score_thr=0.45, nms_thr=0.5)
    together = head.predict(feats, [sample()] * 3, cfg)
    alone = [head.predict([x[i : i + 1] for x in feats], [sample()], cfg)[0] for i in range(3)]
    assert len({len(pred) for pred in alone}) > 1
    for one, other in zip(together, alone, strict=True):
        for name, values in one.items():
            np.testing.assert_allclose(values, other[name], rtol=1e-4, atol=1e-4)


def test_pictures_without_detections():
    for pred in make().eval().predict(pyramid(), [sample()] * 2, dict(score_thr=1.0, nms_thr=0.5)):
        assert pred.keypoints.shape == (0, 2, 2)
        assert pred.keypoint_scores.shape == (0, 2)
        assert pred.bboxes.shape == (0, 4)


def test_losses():
    head, feats = one_map(head=TRAINING, kpt_vis=[0, 0])
    losses = {name: loss.sum().item() for name, loss in head.loss(feats, [sample()]).items()}
    assert losses['loss_bbox'] == pytest.approx(0, abs=1e-6)
    assert losses['loss_oks'] == pytest.approx(0, abs=1e-6)
    assert losses['loss_vis'] == pytest.approx(math.log(2))
    assert (losses['overlaps'], losses['num_samples']) == pytest.approx((1, 1))
    # varifocal: log 2 times the target 1; the other cell, at a logit of -10, counts nothing
    assert losses['loss_cls'] == pytest.approx(math.log(2), abs=1e-5)
    assert 'loss_bbox_aux' not in losses


def test_likelihood_of_the_classification():
    head, feats = one_map(head=TRAINING)
    loss = head.loss(feats, [sample()])['loss_mle']
    # bins at -2, 3, 8, 13 and 18, of 1 / 5 each; widths of 2 * 0.05 * 16 = 1.6 pixels
    places = np.array([-2.0, 3, 8, 13, 18])
    near = np.exp(-np.abs(places) / 1.6).sum() / 0.05 / 5  # of a corner at 0, and by symmetry at 16
    assert loss.shape == (1,)
    assert loss.item() == pytest.approx(-math.log(near**2 + 1e-4), rel=1e-5)


def test_classification_as_target():
    """In the last epochs what is classified well teaches the regression."""
    # the first keypoint is regressed 32 pixels off, the second exactly
    kpt = [-15 / 32, -15 / 32 + 2, 17 / 32, 17 / 32]
    head, feats = one_map(head=TRAINING, kpt=kpt)
    distance = (32**2) / 256
    plain = head.loss(feats, [sample()])
    assert plain['loss_oks'].item() == pytest.approx(1 - (1 + math.exp(-distance / 2)) / 2)
    head.proxy_target_cc = True
    losses = head.loss(feats, [sample()])
    # both are classified as (8, 8), sqrt(128) off: that is better for the first only, whose
    # regression, (0, 32), is sqrt(8^2 + 24^2) from there; the second does not count
    expected = 1 - math.exp(-(8**2 + 24**2) / 256 / 2) / 2
    assert losses['loss_oks'].item() == pytest.approx(expected, rel=1e-5)
    similarity = math.exp(-128 / 256 / 2)
    assert losses['overlaps'].item() == pytest.approx(similarity, rel=1e-5)
    assert losses['loss_cls'].item() == pytest.approx(similarity * math.log(2), rel=1e-4)
    torch.testing.assert_close(losses['loss_mle'], plain['loss_mle'])


def test_auxiliary_loss_of_boxes():
    head, feats = one_map(head=TRAINING, bbox=[0, 1 / 32, math.log(2), 0])
    head.use_aux_loss = True
    loss = head.loss(feats, [sample()])['loss_bbox_aux']
    assert loss.item() == pytest.approx(1 / 32 + math.log(2), rel=1e-5)


@pytest.mark.parametrize('proxy_target_cc', [False, True])
@pytest.mark.parametrize('dtype', [torch.float32, torch.bfloat16])
@pytest.mark.parametrize(
    'boxes', [((0, 0, 16, 16), (16, 0, 64, 32)), ()], ids=['instances', 'nothing']
)
def test_training_step(boxes, dtype, proxy_target_cc):
    head = make(**TRAINING, use_aux_loss=True, proxy_target_cc=proxy_target_cc)
    with torch.autocast('cpu', dtype, enabled=dtype == torch.bfloat16):
        losses = head.loss(pyramid(), [sample(boxes), sample(())])
    assert all(loss.dtype == torch.float32 for loss in losses.values())
    sum(loss.mean() for name, loss in losses.items() if 'loss' in name).backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in head.parameters())
    assert all(x.isfinite().all() for x in head.state_dict().values())
    if not boxes:
        assert losses['loss_mle'] == losses['loss_oks'] == losses['overlaps'] == 0


def test_deployment():
    head, feats = make().eval(), pyramid()
    preds = head.predict(feats, [sample()] * 2, dict(score_thr=0.0))
    head.switch_to_deploy(dict(nms_pre=3))
    boxes, poses = head(feats)
    assert (boxes.shape, poses.shape) == ((2, 3, 5), (2, 3, 2, 3))
    for pred, box, pose in zip(preds, boxes, poses, strict=True):
        np.testing.assert_allclose(box[:, 4].detach(), pred.scores[:3], rtol=1e-5)
        np.testing.assert_allclose(pose[..., :2].detach(), pred.keypoints[:3], atol=1e-3)
        np.testing.assert_allclose(pose[..., 2].detach(), pred.keypoint_scores[:3], rtol=1e-5)
        cut = box[:, :4].detach().numpy().clip(0, [64, 32, 64, 32])
        np.testing.assert_allclose(cut, pred.bboxes[:3], atol=1e-3)
    after = head.predict(feats, [sample()] * 2, dict(score_thr=0.0))
    np.testing.assert_allclose(after[0].keypoints, preds[0].keypoints, atol=1e-3)


def test_deployed_head_can_be_exported():
    head, feats = make().eval(), pyramid(1)
    head.switch_to_deploy({})
    exported = torch.export.export(head, (feats,)).module()
    for one, other in zip(exported(feats), head(feats), strict=True):
        assert one.shape[:2] == (1, 10)  # all cells, since there are fewer than 300
        torch.testing.assert_close(one, other)


def test_faults_of_the_config():
    with pytest.raises(ValueError, match='has no `dcc_cfg`; give the arguments of DCC'):
        make(dcc_cfg=None)
    with pytest.raises(ValueError, match='has pose_vec_channels=6 and dcc_cfg in_channels=5; give'):
        make(dcc_cfg=dict(DCC, in_channels=5))
    with pytest.raises(ValueError, match='cannot be trained without loss_mle; give'):
        make(**{**TRAINING, 'loss_mle': None}).loss(pyramid(), [sample()] * 2)


def test_losses_need_the_training_mode():
    with pytest.raises(RuntimeError, match=r'in training only; call `model.train\(\)` first'):
        make(**TRAINING).eval().loss(pyramid(), [sample()] * 2)

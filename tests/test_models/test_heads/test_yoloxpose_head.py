import copy
import math

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData, PixelData
from torch import nn

from mmpose.models.heads import YOLOXPoseHead, detection_views
from mmpose.models.heads.hybrid_heads import detections
from mmpose.structures import PoseDataSample

MODULE = dict(in_channels=4, feat_channels=6, norm_cfg=dict(type='BN'), act_cfg=dict(type='Swish'))
TRAINING = dict(
    assigner=dict(type='SimOTAAssigner', oks_calculator=dict(type='PoseOKS', metainfo=None)),
    loss_cls=dict(type='BCELoss', reduction='sum'),
    loss_obj=dict(type='BCELoss', reduction='sum', use_target_weight=True),
    loss_bbox=dict(type='IoULoss', mode='square', reduction='sum'),
    loss_oks=dict(type='OKSLoss', reduction='none', norm_target_weight=True),
    loss_vis=dict(type='BCELoss', use_target_weight=True),
    loss_bbox_aux=dict(type='L1Loss', reduction='sum'),
    loss_kpt_aux=dict(type='L1Loss', reduction='sum'),
)
# an input of 32 x 32 pixels has four cells of stride 16 and one of stride 32
FEATS = (torch.zeros(1, 4, 2, 2), torch.zeros(1, 4, 1, 1))
CHANNELS = dict(cls=1, obj=1, bbox=4, kpt=4, kpt_vis=2)


def make(**kwargs):
    args = dict(num_keypoints=2, head_module_cfg=MODULE, featmap_strides=[16, 32])
    return YOLOXPoseHead(**{**args, **kwargs})


class Cells(nn.Module):
    """Stands for the convolutions and returns what the cells (B, A, C) shall predict."""

    def __init__(self, outputs):
        super().__init__()
        self.outputs = nn.ParameterDict(outputs)

    def forward(self, feats):
        split = ((x[:, :4].mT.unflatten(-1, (2, 2)), x[:, 4:].mT[..., None])
                 for x in (self.outputs[name] for name in CHANNELS))  # fmt: skip
        return tuple(list(maps) for maps in split)


def predicting(batch_size=1, head=None, channels=CHANNELS, **cells):
    """A head whose cells predict 0, but for ``name={(picture, cell): values}``."""
    outputs = {name: torch.zeros(batch_size, 5, n) for name, n in channels.items()}
    for name in ('cls', 'obj'):
        if name in outputs:
            outputs[name].fill_(-10)
    for name, values in cells.items():
        for place, value in values.items():
            outputs[name][place] = torch.tensor(value, dtype=torch.float32)
    head = make() if head is None else head
    head.head_module = Cells(outputs)
    return head


def sample(boxes=((0, 0, 16, 16),), mask=None, **labels):
    """A sample whose instances have their keypoints at two corners of their boxes."""
    boxes = torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4)
    sample = PoseDataSample(metainfo=dict(input_size=(32, 32)))
    sample.gt_instance_labels = InstanceData(
        bboxes=boxes,
        keypoints=boxes.reshape(-1, 2, 2),
        keypoints_visible=torch.ones(len(boxes), 2),
        areas=(boxes[:, 2:] - boxes[:, :2]).prod(-1),
        labels=torch.zeros(len(boxes), dtype=torch.long),
        **labels,
    )
    if mask is not None:
        sample.gt_fields = PixelData(heatmap_mask=mask)
    return sample


def test_convolutions():
    head = make(num_classes=3, head_module_cfg=dict(MODULE, widen_factor=0.5, stacked_convs=1))
    assert head.in_channels == (2, 2)
    maps = head((torch.zeros(2, 2, 4, 6), torch.zeros(2, 2, 2, 3)))
    assert [[tuple(x.shape) for x in levels] for levels in maps] == [
        [(2, c, 4, 6), (2, c, 2, 3)] for c in (3, 1, 4, 4, 2)
    ]
    shapes = {name: tuple(x.shape) for name, x in head.state_dict().items()}
    assert shapes['head_module.conv_pose.1.1.conv.weight'] == (3, 3, 3, 3)
    assert 'head_module.conv_cls.0.1.conv.weight' not in shapes
    assert shapes['head_module.out_kpt.0.weight'] == (4, 3, 1, 1)


def test_scores_begin_low():
    head = make()
    head.init_weights()
    biases = [conv.bias for conv in (*head.head_module.out_cls, *head.head_module.out_obj)]
    torch.testing.assert_close(torch.cat(biases).sigmoid(), torch.full((4,), 0.01))
    assert (head.head_module.out_bbox[0].bias.sigmoid() > 0.1).all()


def test_decoding():
    head = make()
    priors = head.priors(FEATS)
    assert priors[:, :2].tolist() == [[0, 0], [16, 0], [0, 16], [16, 16], [0, 0]]
    assert priors[:, 2].tolist() == [16, 16, 16, 16, 32]
    raw = torch.tensor([0.5, 0.25, math.log(2), 0]).expand(1, 5, 4)
    boxes = head.decode_bbox(raw, priors[:, :2], priors[:, 2])
    # the centre lies (8, 4) from the point, and the box is (32, 16) large; twice that in the last
    expected = torch.tensor([[8.0, -4, 40, 12], [-16, -8, 48, 24]])
    torch.testing.assert_close(boxes[0, [1, 4]], expected)
    points = head.decode_kpt_reg(torch.tensor([1.0, 0, 0, -1]).expand(5, 4), priors[:, :2],
                                 priors[:, 2])  # fmt: skip
    assert points[3].tolist() == [[32, 16], [16, 0]]
    assert points[4].tolist() == [[32, 0], [0, -32]]


def test_predict():
    head = predicting(
        cls={(0, 1): [0.0], (0, 4): [10.0]},
        obj={(0, 1): [math.log(3)], (0, 4): [10.0]},
        bbox={(0, 4): [0.5, 0.5, math.log(2), 0]},
        kpt={(0, 1): [0.25, 0.5, 0, 0]},
        kpt_vis={(0, 1): [0, math.log(3)]},
    )
    (pred,) = head.predict(FEATS, [sample()])
    # sigmoid(0) * sigmoid(log 3) = 1/2 * 3/4
    np.testing.assert_allclose(pred.scores, [1, 3 / 8], rtol=1e-3)
    np.testing.assert_allclose(pred.bbox_scores, pred.scores)
    # the first reaches from -16 to 48 and is cut at the border of the input
    np.testing.assert_allclose(pred.bboxes, [[0, 0, 32, 32], [8, 0, 24, 8]])
    np.testing.assert_allclose(pred.keypoints[1], [[20, 8], [16, 0]])
    np.testing.assert_allclose(pred.keypoints_visible[1], [0.5, 0.75])
    np.testing.assert_allclose(pred.keypoint_scores[1], [0.5, 0.75])
    assert pred.labels.tolist() == [0, 0]
    assert all(x.dtype == np.float32 for name, x in pred.items() if name != 'labels')


@pytest.mark.parametrize('compiled', [True, False], ids=['torchvision', 'ours'])
@pytest.mark.parametrize(
    ('test_cfg', 'cells'),
    [
        (dict(), [0, 1, 2]),
        (dict(score_thr=0.5), [0, 1]),
        (dict(nms_pre=1), [0]),
        # cells 0 and 1 overlap by 24 of 40 columns, 0 and 2 by none
        (dict(nms_thr=0.5), [0, 2]),
        (dict(nms_thr=0.65), [0, 1, 2]),
    ],
)
def test_choice_of_detections(test_cfg, cells, compiled, monkeypatch):
    if not compiled:
        monkeypatch.setattr(detection_views, '_compiled_nms', lambda: None)
    elif detection_views._compiled_nms() is None:
        pytest.skip('torchvision is missing')
    scores = torch.tensor([[0.9], [0.6], [0.3], [0.01], [0.005]])
    boxes = torch.tensor([[0.0, 0, 32, 8], [8, 0, 40, 8], [0, 8, 32, 16]])
    boxes = torch.cat([boxes, torch.zeros(2, 4)])
    best, labels, chosen = detections.select_detections(scores, boxes, test_cfg)
    assert chosen.tolist() == cells
    torch.testing.assert_close(best, scores[cells, 0])
    assert not labels.any()


def test_a_batch_is_predicted_as_its_pictures():
    torch.manual_seed(0)
    head = make(num_classes=2).eval()
    feats = (torch.randn(3, 4, 6, 4), torch.randn(3, 4, 3, 2))
    feats = tuple(x * torch.tensor([1.0, 3, 0])[:, None, None, None] for x in feats)
    cfg = dict(score_thr=0.27, nms_thr=0.5)
    together = head.predict(feats, [sample()] * 3, cfg)
    alone = [head.predict([x[i : i + 1] for x in feats], [sample()], cfg)[0] for i in range(3)]
    assert len({len(pred) for pred in alone}) > 1
    for one, other in zip(together, alone, strict=True):
        for name, values in one.items():
            np.testing.assert_allclose(values, other[name], rtol=1e-4, atol=1e-4)


def test_pictures_without_detections():
    head = predicting(batch_size=2, cls={(1, 0): [10.0]}, obj={(1, 0): [10.0]})
    feats = [x.expand(2, -1, -1, -1) for x in FEATS]
    for test_cfg in (dict(), dict(nms_thr=0.5), dict(score_thr=1.0)):
        nothing, other = head.predict(feats, [sample(), sample()], test_cfg)
        shapes = {name: values.shape for name, values in nothing.items()}
        assert shapes == dict(
            scores=(0,), labels=(0,), bboxes=(0, 4), bbox_scores=(0,), keypoints=(0, 2, 2),
            keypoint_scores=(0, 2), keypoints_visible=(0, 2),
        )  # fmt: skip
        assert len(other) == (0 if 'score_thr' in test_cfg else 1)


# cell 3, at (16, 16), predicts the box (0, 0, 16, 16) and its corners
EXACT = dict(
    bbox={(0, 3): [-0.5, -0.5, 0, 0]},
    kpt={(0, 3): [-1, -1, 0, 0]},
    kpt_vis={(0, 3): [10, 10]},
    cls={(0, 3): [10]},
    obj={(0, 3): [10]},
)


def test_loss_of_exact_predictions():
    head = predicting(head=make(**TRAINING, use_aux_loss=True), **EXACT)
    losses = head.loss(FEATS, [sample()])
    zero = torch.tensor(0.0)
    assert set(losses) == {
        'loss_obj', 'loss_cls', 'loss_bbox', 'loss_kpt', 'loss_vis', 'loss_bbox_aux',
        'loss_kpt_aux', 'overlaps',
    }  # fmt: skip
    torch.testing.assert_close(losses['overlaps'], torch.ones(1, 1))
    for name in ('loss_bbox', 'loss_kpt', 'loss_vis', 'loss_bbox_aux', 'loss_kpt_aux', 'loss_cls'):
        torch.testing.assert_close(losses[name].sum(), zero, atol=1e-4, rtol=0)
    # the other cells see nothing, at logits of -10
    torch.testing.assert_close(losses['loss_obj'], zero, atol=3e-4, rtol=0)


def test_losses_of_wrong_predictions():
    cells = copy.deepcopy(EXACT)
    cells['bbox'][0, 3] = [0, -0.5, 0, 0]  # half a box to the right
    cells['kpt'][0, 3] = [-1, 0, 0, 0]  # the first keypoint 16 pixels down
    cells['cls'][0, 3] = cells['obj'][0, 0] = [0]
    cells['kpt_vis'][0, 3] = [0, 0]
    head = predicting(head=make(**TRAINING, use_aux_loss=True, overlaps_power=0.5), **cells)
    losses = {name: loss.sum().item() for name, loss in head.loss(FEATS, [sample()]).items()}
    log2 = math.log(2)
    assert losses['overlaps'] == pytest.approx(1 / 3)
    assert losses['loss_bbox'] == pytest.approx(1 - 1 / 9)
    # OKS is the mean of 1 and exp(-16^2 / (2 * 256))
    assert losses['loss_kpt'] == pytest.approx(1 - (1 + math.exp(-0.5)) / 2)
    assert losses['loss_vis'] == pytest.approx(log2)
    assert losses['loss_cls'] == pytest.approx(log2)  # whatever the target, at a logit of 0
    assert losses['loss_obj'] == pytest.approx(log2, abs=3e-4)
    assert losses['loss_bbox_aux'] == pytest.approx(0.5, abs=1e-6)
    assert losses['loss_kpt_aux'] == pytest.approx(1)
    head.use_aux_loss = False
    assert not {'loss_bbox_aux', 'loss_kpt_aux'} & set(head.loss(FEATS, [sample()]))


def test_targets_of_scores_are_overlaps():
    cells = copy.deepcopy(EXACT)
    cells['bbox'][0, 3] = [-0.25, -0.5, 0, 0]  # overlaps by 12 of 20 columns
    cells['cls'][0, 3] = [math.log(3)]
    for power, target in ((1.0, 0.6), (0.5, 0.6**0.5)):
        head = predicting(head=make(**TRAINING, overlaps_power=power), **cells)
        losses = head.loss(FEATS, [sample()])
        expected = -target * math.log(0.75) - (1 - target) * math.log(0.25)
        assert losses['loss_cls'].item() == pytest.approx(expected, rel=1e-5)
        assert losses['overlaps'].item() == pytest.approx(0.6)


def test_instances_belong_to_their_pictures():
    """The second picture has two instances, the first none, the third one."""
    boxes = [(), ((0, 0, 16, 16), (16, 16, 32, 32)), ((16, 0, 32, 16),)]
    head = predicting(
        batch_size=3,
        head=make(**TRAINING),
        bbox={(1, 0): [0.5, 0.5, 0, 0], (1, 3): [0.5, 0.5, 0, 0], (2, 1): [0.5, 0.5, 0, 0]},
        kpt={(1, 0): [0, 0, 1, 1], (1, 3): [0, 0, 1, 1], (2, 1): [0, 0, 1, 1]},
    )
    feats = [x.expand(3, -1, -1, -1) for x in FEATS]
    losses = head.loss(feats, [sample(b) for b in boxes])
    torch.testing.assert_close(losses['overlaps'], torch.ones(3, 1))
    torch.testing.assert_close(losses['loss_kpt'], torch.zeros(3))
    torch.testing.assert_close(losses['loss_bbox'], torch.tensor(0.0))
    # three cells miss an object at a logit of -10, and this is the mean over three
    assert losses['loss_obj'].item() == pytest.approx(10, abs=0.01)


def test_weights_of_the_visibility():
    head = predicting(head=make(**TRAINING), **{**EXACT, 'kpt_vis': {(0, 3): [0, -20]}})
    weights = torch.tensor([[1.0, 0.0]])
    losses = head.loss(FEATS, [sample(keypoints_visible_weights=weights)])
    assert losses['loss_vis'].item() == pytest.approx(math.log(2) / 2)


def test_cells_on_persons_without_labels_are_left_out():
    head = predicting(
        head=make(**TRAINING),
        # two cells see an object that is not there, each around the middle of its keypoints
        obj={(0, 0): [0], (0, 1): [0]},
        kpt={(0, 0): [0.25, 0.25, 0.25, 0.25], (0, 1): [0.25, 0.25, 0.25, 0.25]},
        kpt_vis={(0, 0): [0, -20], (0, 1): [0, 0]},
    )
    mask = torch.zeros(1, 16, 16, dtype=torch.bool)  # in half the resolution of the input
    plain = head.loss(FEATS, [sample((), mask)])['loss_obj']
    assert plain.item() == pytest.approx(2 * math.log(2), abs=1e-3)
    mask[:, :, 8:] = True  # the right half
    masked = head.loss(FEATS, [sample((), mask)])['loss_obj']
    assert masked.item() == pytest.approx(math.log(2), abs=1e-3)
    without = head.loss(FEATS, [sample(())])['loss_obj']
    torch.testing.assert_close(without, plain)


def test_training_without_any_instance():
    head = make(**TRAINING, use_aux_loss=True)
    bare = sample()
    bare.gt_instance_labels = InstanceData()
    losses = head.loss([x.expand(2, -1, -1, -1) for x in FEATS], [sample(()), bare])
    assert losses['loss_obj'] > 0
    for name in set(losses) - {'loss_obj'}:
        assert losses[name].shape == ()
        assert losses[name] == 0
    sum(loss for name, loss in losses.items() if 'loss' in name).backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in head.parameters())


@pytest.mark.parametrize('dtype', [torch.float32, torch.bfloat16])
def test_training_step(dtype):
    torch.manual_seed(0)
    head = make(**TRAINING, use_aux_loss=True)
    feats = [torch.randn(2, *x.shape[1:]) for x in FEATS]
    with torch.autocast('cpu', dtype, enabled=dtype == torch.bfloat16):
        losses = head.loss(feats, [sample(), sample(((0, 0, 32, 32), (8, 8, 24, 24)))])
    assert all(loss.dtype == torch.float32 for loss in losses.values())
    sum(loss.mean() for name, loss in losses.items() if 'loss' in name).backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in head.parameters())


def test_faults_of_the_config():
    with pytest.raises(ValueError, match='has no `head_module_cfg`; give the arguments of YOLOXPo'):
        make(head_module_cfg=None)
    with pytest.raises(ValueError, match='num_classes=1 and its head_module_cfg num_classes=2'):
        make(head_module_cfg=dict(MODULE, num_classes=2))
    with pytest.raises(ValueError, match='cannot be trained without assigner, loss_cls, loss_obj'):
        make().loss(FEATS, [sample()])


def test_faults_of_the_inputs():
    with pytest.raises(ValueError, match=r'gets 1 feature maps for featmap_strides=\[16, 32\]'):
        make()(FEATS[:1])
    with pytest.raises(ValueError, match=r'nms_thr is 1.0, which keeps all .* such as 0.65'):
        make().predict([FEATS, FEATS], [sample()], dict(multiscale_test=True))


def test_faults_of_the_annotations():
    head = predicting(head=make(**TRAINING))
    lacking = sample()
    del lacking.gt_instance_labels.areas
    with pytest.raises(KeyError, match='gt_instance_labels lacks areas; encode the targets with'):
        head.loss(FEATS, [lacking])
    other = sample()
    other.gt_instance_labels.keypoints = torch.zeros(1, 17, 2)
    with pytest.raises(ValueError, match='predicts 2 keypoints and the samples have 17; set `num_'):
        head.loss(FEATS, [other])

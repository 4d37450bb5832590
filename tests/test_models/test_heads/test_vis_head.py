import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData, PixelData

from mmpose.models.heads import VisPredictHead
from mmpose.structures import PoseDataSample

CODEC = dict(type='MSRAHeatmap', input_size=(32, 48), heatmap_size=(8, 12), sigma=1)
POSE = dict(
    type='HeatmapHead', in_channels=2, out_channels=2, deconv_out_channels=None, final_layer=None,
    decoder=CODEC)  # fmt: skip
PROBABILITY = dict(type='BCELoss', use_target_weight=True, use_sigmoid=True)
LOGIT = dict(type='BCELoss', use_target_weight=False, use_sigmoid=False)


def passing_head(loss=LOGIT):
    """A head for two keypoints: the heatmaps are its features, visibilities come from the means."""
    head = VisPredictHead(POSE, loss=loss)
    with torch.no_grad():
        head.vis_head[2].weight.copy_(torch.eye(2))
        head.vis_head[2].bias.zero_()
    return head


def features(*means):
    """(B, 2, 12, 8) whose means are given, a pair for each sample."""
    return (torch.tensor(means)[..., None, None].expand(-1, -1, 12, 8).clone(),)


def sample(visible=(1.0, 0.0), weights=None):
    sample = PoseDataSample(metainfo=dict(flip_indices=[1, 0]))
    sample.gt_fields = PixelData(heatmaps=torch.zeros(2, 12, 8))
    sample.gt_instance_labels = InstanceData(keypoint_weights=torch.tensor([visible]))
    if weights is not None:
        sample.gt_instance_labels.keypoints_visible_weights = torch.tensor([weights])
    return sample


def sigmoid(x):
    return 1 / (1 + np.exp(-np.float64(x)))


def test_forward():
    pose, vis = passing_head()(features((0.5, -2.0)))
    assert tuple(pose.shape) == (1, 2, 12, 8)
    torch.testing.assert_close(vis, torch.tensor([[0.5, -2.0]]))
    _, vis = passing_head(PROBABILITY)(features((0.5, -2.0)))
    np.testing.assert_allclose(vis.detach(), sigmoid([[0.5, -2]]), rtol=1e-5)
    assert set(VisPredictHead(POSE).state_dict()) == {'vis_head.2.weight', 'vis_head.2.bias'}


def test_pooled_features_are_taken_as_they_are():
    torch.testing.assert_close(
        passing_head().vis_forward((torch.tensor([[0.5, -2.0]]),)), torch.tensor([[0.5, -2.0]])
    )


@pytest.mark.parametrize('loss', [LOGIT, PROBABILITY], ids=['logit', 'probability'])
def test_predictions_tell_the_visibility(loss):
    head, feats = passing_head(loss), features((0.5, -2.0), (3.0, 1.0))
    preds, fields = head.predict(feats, [sample()] * 2)
    assert fields is None
    for pred, expected in zip(preds, [(0.5, -2), (3, 1)], strict=True):
        assert isinstance(pred.keypoints_visible, np.ndarray)
        np.testing.assert_allclose(pred.keypoints_visible, sigmoid([expected]), rtol=1e-5)
        assert pred.keypoint_scores.shape == (1, 2)
    _, fields = head.predict(feats, [sample()] * 2, dict(output_heatmaps=True))
    assert tuple(fields[0].heatmaps.shape) == (2, 12, 8)


def test_flip_test():
    feats = [features((1.0, 0.0)), features((3.0, 2.0))]
    (pred,), _ = passing_head().predict(feats, [sample()], dict(flip_test=True))
    # logits (1 + 2) / 2 and (0 + 3) / 2
    np.testing.assert_allclose(pred.keypoints_visible, sigmoid([[1.5, 1.5]]), rtol=1e-5)


def test_losses():
    feats = features((0.0, 0.0))
    losses = passing_head().loss(feats, [sample()])
    assert set(losses) == {'loss_vis', 'acc_vis', 'loss_kpt', 'acc_pose'}
    torch.testing.assert_close(losses['loss_vis'], torch.tensor(2.0).log())
    assert losses['acc_vis'] == 0.5  # 0 is a probability of a half, which counts as visible
    assert losses['loss_kpt'] == 0
    losses = passing_head().loss(feats, [sample()], dict(compute_acc=False))
    assert set(losses) == {'loss_vis', 'loss_kpt'}


def test_weights_leave_keypoints_out():
    head = passing_head(PROBABILITY)
    # the second sample has no weights, as those of a data set with all keypoints
    samples = [sample(weights=(1.0, 0.0)), sample()]
    losses = head.loss(features((0.0, 0.0), (0.0, 0.0)), samples)
    torch.testing.assert_close(losses['loss_vis'], 3 / 4 * torch.tensor(2.0).log())
    torch.testing.assert_close(losses['acc_vis'], torch.tensor(2 / 3))


def test_accuracy():
    outputs, labels = torch.tensor([[2.0, -2.0], [-1.0, 1.0]]), torch.tensor([[1.0, 0], [1, 1]])
    head = passing_head()
    assert head.vis_accuracy(outputs, labels) == 0.75
    assert head.vis_accuracy(outputs, labels, torch.tensor([[1.0, 0], [1, 0]])) == 0.5
    assert head.vis_accuracy(outputs, labels, torch.zeros(2, 2)) == 0


def test_heads_of_other_families():
    simcc = dict(
        type='SimCCHead', in_channels=2, out_channels=3, input_size=(16, 24),
        in_featuremap_size=(8, 12), simcc_split_ratio=2.0,
        deconv_out_channels=None,
        decoder=dict(type='SimCCLabel', input_size=(16, 24), sigma=2.0, simcc_split_ratio=2.0),
    )  # fmt: skip
    preds, _ = VisPredictHead(simcc).predict(features((0.0, 0.0)), [sample()])
    assert preds[0].keypoints_visible.shape == preds[0].keypoint_scores.shape == (1, 3)
    udp = dict(type='UDPHeatmap', input_size=(32, 48), heatmap_size=(8, 12))
    combined = dict(POSE, out_channels=6, decoder=dict(udp, heatmap_type='combined'))
    assert VisPredictHead(combined).out_channels == 2  # three maps per keypoint


def test_the_number_of_keypoints_must_be_known():
    message = r"has neither `num_joints` nor `out_channels`, only \['in_channels', 'type'\]; set"
    with pytest.raises(ValueError, match=message):
        VisPredictHead(dict(type='HeatmapHead', in_channels=2))

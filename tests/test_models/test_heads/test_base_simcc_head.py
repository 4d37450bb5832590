from math import log, pi, sqrt

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData

from mmpose.models import TopdownPoseEstimator
from mmpose.models.heads import BaseSimCCHead
from mmpose.structures import PoseDataSample

CODEC = dict(type='SimCCLabel', input_size=(8, 12), sigma=1.0, simcc_split_ratio=2.0)


class Passing(BaseSimCCHead):
    """A head for two keypoints whose logits are its features."""

    def __init__(self, decoder=CODEC, input_size=(8, 12), simcc_split_ratio=2.0):
        super().__init__(
            in_channels=(4, 8),
            out_channels=2,
            input_size=input_size,
            in_featuremap_size=(2, 3),
            simcc_split_ratio=simcc_split_ratio,
            loss=dict(type='KLDiscretLoss', use_target_weight=True),
            decoder=decoder,
            init_cfg=None,
        )

    def forward(self, feats):
        return feats


def logits(*bins, value=1.0):
    """(1, K, 16) and (1, K, 24) with a value at each bin (x, y)."""
    x, y = torch.zeros(1, len(bins), 16), torch.zeros(1, len(bins), 24)
    for k, (bin_x, bin_y) in enumerate(bins):
        x[0, k, bin_x] = y[0, k, bin_y] = value
    return x, y


def sample(labels=None, weights=(1.0, 1.0)):
    sample = PoseDataSample(metainfo=dict(flip_indices=[1, 0]))
    if labels is not None:
        sample.gt_instance_labels = InstanceData(
            keypoint_x_labels=labels[0],
            keypoint_y_labels=labels[1],
            keypoint_weights=torch.tensor([weights]),
        )
    return sample


def test_bins_and_channels():
    head = Passing()
    assert head.num_bins == (16, 24)
    assert (head.last_channels, head.cells) == (8, 6)


def test_predict_decodes_to_input_pixels():
    (pred,) = Passing().predict(logits((3, 5), (6, 20), value=0.25), [sample()])
    assert pred.keypoints.tolist() == [[[1.5, 2.5], [3, 10]]]
    assert pred.keypoint_scores.tolist() == [[0.25, 0.25]]
    assert 'keypoints_visible' not in pred


def test_predict_decodes_the_visibility():
    codec = dict(CODEC, decode_visibility=True, decode_beta=2.0)
    (pred,) = Passing(codec).predict(logits((3, 5), (6, 20)), [sample()])
    # a logit of 2 among 15 of 0 along x, among 23 along y
    expected = np.exp(2) / (np.exp(2) + 23)
    np.testing.assert_allclose(pred.keypoints_visible, [[expected] * 2], rtol=1e-6)
    assert pred.keypoint_scores.tolist() == [[1, 1]]


def test_a_batch_gives_what_each_sample_gives():
    codec = dict(CODEC, use_dark=True, decode_visibility=True)
    generator = torch.Generator().manual_seed(0)
    x, y = (torch.rand(3, 2, bins, generator=generator) for bins in (16, 24))
    together = Passing(codec).predict((x, y), [sample()] * 3)
    for i, pred in enumerate(together):
        (alone,) = Passing(codec).predict((x[i : i + 1], y[i : i + 1]), [sample()])
        for name, values in pred.all_items():
            np.testing.assert_array_equal(values, alone[name])


def test_flip_test_maps_the_mirror_image_back():
    nothing = logits((0, 0), (0, 0), value=0.0)
    mirrored = logits((0, 0), (11, 5))  # the right keypoint at bin 11 of 0..15 along x
    preds = Passing().predict([nothing, mirrored], [sample()], dict(flip_test=True))
    # is the left one at bin 4, and x 2
    assert preds[0].keypoints[0, 0].tolist() == [2, 2.5]
    assert preds[0].keypoint_scores[0, 0] == 0.5


def test_heatmaps_are_products_of_the_normalised_vectors():
    cfg = dict(output_heatmaps=True)
    outputs = logits((3, 5), (6, 20), value=10.0)
    outputs[0][0, 1, 6] = 1.0
    outputs[0][0, 1, 0] = -1.0
    (pred,), (field,) = Passing().predict(outputs, [sample()], cfg)
    assert field.heatmaps.shape == (2, 24, 16)
    # divided by sigma sqrt(2 pi), then at most 1 and at least 0
    assert field.heatmaps.nonzero().tolist() == [[0, 5, 3], [1, 20, 6]]
    assert field.heatmaps[0, 5, 3] == 1
    torch.testing.assert_close(field.heatmaps[1, 20, 6].item(), 1 / sqrt(2 * pi))
    assert pred.keypoint_x_labels.shape == (1, 2, 16)
    assert pred.keypoint_y_labels.shape == (1, 2, 24)
    assert pred.keypoint_y_labels.argmax(-1).tolist() == [[5, 20]]
    np.testing.assert_allclose(pred.keypoint_x_labels[0, :, 6], [0, 1 / sqrt(2 * pi)])
    assert pred.keypoint_scores.tolist() == [[10, 1]]  # of the logits as they are


def test_chosen_keypoints_keep_their_labels():
    (pred,), (field,) = Passing().predict(
        logits((3, 5), (6, 20)), [sample()], dict(output_heatmaps=True)
    )
    model = TopdownPoseEstimator(
        backbone=dict(type='ResNet', depth=18),
        test_cfg=dict(output_keypoint_indices=[1]),
    )
    data = sample()
    data.set_metainfo(
        dict(input_size=(8, 12), input_scale=np.array([8, 12]), input_center=np.array([4, 6]))
    )
    data.gt_instances = InstanceData(bboxes=np.zeros((1, 4)), bbox_scores=np.ones(1))
    (data,) = model.add_pred_to_datasample([pred], [field], [data])
    assert data.pred_instances.keypoints.tolist() == [[[3, 10]]]
    assert data.pred_instances.keypoint_x_labels.shape == (1, 1, 16)
    assert data.pred_instances.keypoint_y_labels.argmax(-1).tolist() == [[20]]
    assert data.pred_fields.heatmaps.shape == (1, 24, 16)


def test_half_precision_is_read():
    outputs = tuple(v.to(torch.bfloat16) for v in logits((3, 5), (6, 20)))
    (pred,), (field,) = Passing().predict(outputs, [sample()], dict(output_heatmaps=True))
    assert pred.keypoints.tolist() == [[[1.5, 2.5], [3, 10]]]
    assert field.heatmaps.dtype is torch.float32


def test_loss_and_accuracy():
    target = logits((3, 5), (6, 20))
    uniform = logits((3, 5), (6, 20), value=0.0)
    # the divergence of a uniform distribution from a certain one is the logarithm of the bins
    each = log(16) / 16 + log(24) / 24
    losses = Passing().loss(uniform, [sample(target)])
    torch.testing.assert_close(losses['loss_kpt'].item(), each, rtol=1e-6, atol=0)
    losses = Passing().loss(uniform, [sample(target, weights=(0.0, 1.0))])
    torch.testing.assert_close(losses['loss_kpt'].item(), each / 2, rtol=1e-6, atol=0)

    wrong = logits((3, 5), (8, 20))  # the second is one pixel off, more than 5 % of 12
    assert Passing().loss(wrong, [sample(target)])['acc_pose'] == 0.5
    assert Passing().loss(wrong, [sample(target, weights=(1.0, 0.0))])['acc_pose'] == 1
    losses = Passing().loss(wrong, [sample(target)], dict(compute_acc=False))
    assert set(losses) == {'loss_kpt'}


def test_the_loss_without_labelled_keypoints_is_0_with_a_gradient():
    outputs = tuple(v.requires_grad_() for v in logits((3, 5), (6, 20)))
    losses = Passing().loss(outputs, [sample(logits((0, 0), (0, 0)), weights=(0.0, 0.0))])
    assert (losses['loss_kpt'], losses['acc_pose']) == (0, 0)
    losses['loss_kpt'].backward()
    assert all(not v.grad.any() for v in outputs)


def test_errors():
    with pytest.raises(
        ValueError, match=r'Passing has input_size=\(16, 12\) and its decoder input'
    ):
        Passing(input_size=(16, 12))
    with pytest.raises(
        ValueError, match=r'Passing has simcc_split_ratio=3.0 and its decoder simcc'
    ):
        Passing(simcc_split_ratio=3.0)
    assert Passing(decoder=dict(CODEC, input_size=[8, 12])).decoder is not None
    message = r'a feature map of 4x3 \(w x h\) cells for in_featuremap_size=\(2, 3\); give pictur'
    with pytest.raises(ValueError, match=message):
        Passing().check_last_map(torch.zeros(1, 8, 3, 4))
    with pytest.raises(ValueError, match='the model predicts 2 channels for 3 in the target'):
        Passing().loss(logits((3, 5), (6, 20)), [sample(logits((3, 5), (6, 20), (0, 0)))])
    data = PoseDataSample(metainfo=dict(flip_indices=[0, 2, 1]))
    with pytest.raises(ValueError, match='flip_indices has 3 entries for 2 keypoints'):
        Passing().predict([logits((3, 5), (6, 20))] * 2, [data], dict(flip_test=True))

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData

from mmpose.models.heads import RegressionHead
from mmpose.structures import PoseDataSample

CODEC = dict(type='RegressionLabel', input_size=(40, 80))


def passing_head(num_joints=2, **kwargs):
    """A head whose coordinates are its features."""
    head = RegressionHead(2 * num_joints, num_joints, decoder=CODEC, **kwargs)
    with torch.no_grad():
        head.fc.weight.copy_(torch.eye(2 * num_joints))
        head.fc.bias.zero_()
    return head


def features(*points):
    return (torch.tensor([points]).flatten(1),)


def sample(*labels, weights=(1.0, 1.0)):
    sample = PoseDataSample(metainfo=dict(flip_indices=[1, 0], input_size=(40, 80)))
    if labels:
        sample.gt_instance_labels = InstanceData(
            keypoint_labels=torch.tensor([labels]), keypoint_weights=torch.tensor([weights])
        )
    return sample


def test_outputs_come_from_the_last_pooled_features():
    head = RegressionHead((3, 6), 5)
    assert head.num_joints == 5
    assert {n: tuple(v.shape) for n, v in head.state_dict().items()} == {
        'fc.weight': (10, 6),
        'fc.bias': (10,),
    }
    assert tuple(head((torch.zeros(2, 3, 4, 4), torch.zeros(2, 6, 1, 1))).shape) == (2, 5, 2)
    assert tuple(head((torch.zeros(2, 6),)).shape) == (2, 5, 2)


def test_features_that_are_not_pooled_are_refused():
    message = (
        r'RegressionHead gets features \(1, 6, 2, 2\), 24 values of each sample, for in_channels=6;'
        ' pool them by the neck `GlobalAveragePooling`'
    )
    with pytest.raises(ValueError, match=message):
        RegressionHead(6, 5)((torch.zeros(1, 6, 2, 2),))


def test_default_initialisation():
    head = RegressionHead(64, 50)
    head.init_weights()
    assert head.fc.weight.std().item() == pytest.approx(0.01, rel=0.1)
    assert not head.fc.bias.any()


def test_predict_scales_fractions_to_input_pixels():
    (pred,) = passing_head().predict(features((0.25, 0.5), (1.0, -0.1)), [sample()])
    np.testing.assert_allclose(pred.keypoints, [[[10, 40], [40, -8]]], rtol=1e-6)
    assert pred.keypoint_scores.tolist() == [[1, 1]]


@pytest.mark.parametrize(
    ('cfg', 'x'),
    # mirrored, 0.5 of a right keypoint is 0.5 of a left one, less one pixel of 40
    [
        (dict(shift_coords=False), (0.25 + 0.5) / 2),
        (dict(shift_coords=True), (0.25 + 0.475) / 2),
        (dict(), (0.25 + 0.475) / 2),
    ],
    ids=['plain', 'shifted', 'default'],
)
def test_flip_test_averages_with_the_mirror_image(cfg, x):
    plain, flipped = features((0.25, 0.5), (1.0, 0.0)), features((0.0, 0.0), (0.5, 0.25))
    (pred,) = passing_head().predict([plain, flipped], [sample()], dict(flip_test=True, **cfg))
    np.testing.assert_allclose(pred.keypoints[0, 0], [40 * x, 80 * 0.375], rtol=1e-6)


def test_predict_takes_half_precision():
    feats = (features((0.25, 0.5), (1.0, 0.0))[0].bfloat16(),)
    (pred,) = passing_head().bfloat16().predict(feats, [sample()])
    assert pred.keypoints.tolist() == [[[10, 40], [40, 0]]]


def test_a_batch_is_predicted_as_its_samples():
    head = RegressionHead(6, 2, decoder=CODEC)
    feats = torch.randn(3, 6)
    together = head.predict((feats,), [sample() for _ in feats])
    for x, pred in zip(feats, together, strict=True):
        (alone,) = head.predict((x[None],), [sample()])
        np.testing.assert_allclose(pred.keypoints, alone.keypoints, rtol=1e-5)


def test_loss_and_accuracy():
    head = passing_head()
    feats = features((0.25, 0.5), (1.0, 0.0))
    losses = head.loss(feats, [sample((0.25, 0.54), (0.9, 0.0))])
    # smooth L1: the errors 0.04 and 0.1, squared, halved and averaged over four numbers
    torch.testing.assert_close(losses['loss_kpt'], torch.tensor((0.04**2 + 0.1**2) / 8))
    assert losses['acc_pose'] == 0.5  # 0.04 is within 5 % of the input's side, 0.1 is not
    losses = head.loss(feats, [sample((0.25, 0.5), (0.9, 0.0), weights=(1.0, 0.0))])
    assert (losses['loss_kpt'], losses['acc_pose']) == (0, 1)
    targets = [sample((0.25, 0.5), (0.9, 0.0))]
    assert set(head.loss(feats, targets, dict(compute_acc=False))) == {'loss_kpt'}


def test_a_batch_without_labels_teaches_nothing():
    head = RegressionHead(4, 2)
    losses = head.loss((torch.randn(1, 4),), [sample((0.0, 0.0), (0.0, 0.0), weights=(0.0, 0.0))])
    losses['loss_kpt'].backward()
    assert (losses['loss_kpt'], losses['acc_pose']) == (0, 0)
    assert not head.fc.weight.grad.any()


def test_training_under_autocast():
    head = RegressionHead(4, 2)
    with torch.autocast('cpu', dtype=torch.bfloat16):
        losses = head.loss((torch.randn(1, 4),), [sample((0.1, 0.2), (0.3, 0.4))])
    losses['loss_kpt'].backward()
    assert losses['loss_kpt'].dtype is losses['acc_pose'].dtype is torch.float32
    assert all(p.grad.isfinite().all() for p in head.parameters())


def test_sizes_of_sample_and_decoder_must_agree():
    other = sample()
    other.set_metainfo(dict(input_size=(192, 256)))
    message = (
        r'A sample has the input size \(192, 256\) and the decoder of RegressionHead \(40, 80\) '
        r'\(w, h\); set the input size'
    )
    with pytest.raises(ValueError, match=message):
        passing_head().predict(features((0.25, 0.5), (1.0, 0.0)), [other])


def test_flip_indices_must_fit():
    feats = features((0.25, 0.5), (1.0, 0.0))
    other = sample()
    other.set_metainfo(dict(flip_indices=[0]))
    with pytest.raises(ValueError, match='flip_indices has 1 entries for 2 keypoints; set `metai'):
        passing_head().predict([feats, feats], [other], dict(flip_test=True))


def test_there_are_no_heatmaps():
    feats = features((0.25, 0.5), (1.0, 0.0))
    with pytest.raises(NotImplementedError, match='RegressionHead predicts no heatmaps; set `outp'):
        passing_head().predict(feats, [sample()], dict(output_heatmaps=True))

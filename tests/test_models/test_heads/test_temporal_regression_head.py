import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData

from mmpose.models.heads import TemporalRegressionHead
from mmpose.structures import PoseDataSample

CODEC = dict(type='VideoPoseLifting', num_keypoints=3)


def passing_head(num_joints=3, codec=CODEC, **kwargs):
    """A head whose poses are its features."""
    C = 3 * num_joints
    head = TemporalRegressionHead(C, num_joints, decoder=codec, **kwargs)
    with torch.no_grad():
        head.conv.weight.copy_(torch.eye(C)[..., None])
        head.conv.bias.zero_()
    return head


def features(*frames):
    """(1, K * 3, T) of poses (K, 3)."""
    return (torch.tensor(frames).flatten(1).T[None],)


POSE = [[0.0, 0.0, 0.0], [1.0, 2.0, 3.0], [-1.0, 0.0, 1.0]]
OTHER = [[0.0, 0.0, 0.0], [2.0, 2.0, 2.0], [3.0, 3.0, 3.0]]


def sample(label=None, weights=(1.0, 1.0, 1.0), **metainfo):
    sample = PoseDataSample(metainfo=dict(flip_indices=[0, 2, 1]) | metainfo)
    if label is not None:
        sample.gt_instance_labels = InstanceData(
            lifting_target_label=torch.tensor([label]),
            lifting_target_weight=torch.tensor([weights]),
        )
    return sample


def test_outputs_are_the_poses_of_the_last_features():
    head = TemporalRegressionHead((4, 8), 5)
    assert {n: tuple(v.shape) for n, v in head.state_dict().items()} == {
        'conv.weight': (15, 8, 1),
        'conv.bias': (15,),
    }
    assert tuple(head((torch.zeros(2, 4, 3), torch.zeros(2, 8, 1))).shape) == (2, 5, 3)


def test_frames_of_a_sample_stay_together():
    poses = passing_head()((torch.cat([features(POSE, OTHER)[0], features(OTHER, POSE)[0]]),))
    assert poses.tolist() == [POSE, OTHER, OTHER, POSE]


def test_predict_moves_poses_to_the_root():
    root = np.array([[10.0, 20.0, 30.0]])
    (pred,) = passing_head().predict(features(POSE), [sample(target_root=root)])
    assert pred.keypoints.tolist() == [[[10, 20, 30], [11, 22, 33], [9, 20, 31]]]
    assert pred.keypoint_scores.tolist() == [[1, 1, 1]]
    (pred,) = passing_head().predict(features(POSE), [sample()])
    assert pred.keypoints.tolist() == [POSE]


def test_a_batch_is_predicted_as_its_samples():
    feats = torch.cat([features(POSE, OTHER)[0], features(OTHER, OTHER)[0]])
    samples = [sample(target_root=np.full((2, 3), i)) for i in (1.0, 2.0)]
    together = passing_head().predict((feats,), samples)
    for x, each, pred in zip(feats, samples, together, strict=True):
        (alone,) = passing_head().predict((x[None],), [each])
        assert pred.keypoints.shape == (2, 3, 3)
        np.testing.assert_array_equal(pred.keypoints, alone.keypoints)


def test_half_precision_is_decoded():
    (pred,) = passing_head().bfloat16().predict((features(POSE)[0].bfloat16(),), [sample()])
    assert pred.keypoints.tolist() == [POSE]


def test_flip_test_averages_with_the_mirror_image():
    mirrored = [[0.0, 0.0, 0.0], [1.0, 0.0, 1.0], [-1.0, 2.0, 3.0]]
    feats = [features(POSE), features(mirrored)]
    (pred,) = passing_head().predict(feats, [sample()], dict(flip_test=True))
    assert pred.keypoints.tolist() == [POSE]
    (pred,) = passing_head().predict([features(POSE)] * 2, [sample()], dict(flip_test=True))
    assert pred.keypoints.tolist() == [[[0, 0, 0], [1, 1, 2], [-1, 1, 2]]]


def test_flip_test_without_the_root():
    codec = dict(CODEC, remove_root=True)
    feats = [features(POSE[1:]), features([[1.0, 0.0, 1.0], [-1.0, 2.0, 3.0]])]
    (pred,) = passing_head(2, codec).predict(feats, [sample()], dict(flip_test=True))
    assert pred.keypoints.tolist() == [POSE]


def test_keypoints_with_their_own_statistics_have_no_mirror_image():
    codec = dict(
        type='ImagePoseLifting',
        num_keypoints=3,
        keypoints_mean=np.zeros((3, 2)),
        keypoints_std=np.ones((3, 2)),
    )
    message = 'ImagePoseLifting normalises each keypoint by its own mean, so inputs cannot be mirr'
    with pytest.raises(NotImplementedError, match=message):
        passing_head(codec=codec).predict([features(POSE)] * 2, [sample()], dict(flip_test=True))


def test_loss_and_error():
    label = [[0.0, 0.0, 0.0], [1.0, 2.0, 5.0], [-1.0, 4.0, 4.0]]  # 0, 2 and 5 away
    head = passing_head(loss=dict(type='MPJPELoss', use_target_weight=True))
    losses = head.loss(features(POSE), [sample(label)])
    assert set(losses) == {'loss_pose3d', 'mpjpe'}
    torch.testing.assert_close(losses['loss_pose3d'], torch.tensor(7 / 3))
    torch.testing.assert_close(losses['mpjpe'], torch.tensor(7 / 3))
    losses = head.loss(features(POSE), [sample(label, weights=(1.0, 1.0, 0.0))])
    torch.testing.assert_close(losses['loss_pose3d'], torch.tensor(2 / 3))
    torch.testing.assert_close(losses['mpjpe'], torch.tensor(2 / 2))
    assert set(head.loss(features(POSE), [sample(label)], dict(compute_acc=False))) == {
        'loss_pose3d'
    }


def test_a_batch_without_weights_teaches_nothing():
    head = TemporalRegressionHead(4, 3)
    losses = head.loss((torch.randn(1, 4, 1),), [sample(POSE, weights=(0.0, 0.0, 0.0))])
    losses['loss_pose3d'].backward()
    assert (losses['loss_pose3d'], losses['mpjpe']) == (0, 0)
    assert not head.conv.weight.grad.any()


def test_the_numbers_of_keypoints_must_agree():
    with pytest.raises(ValueError, match='the model predicts 2 channels for 3 in the target'):
        passing_head(2).loss(features(POSE[1:]), [sample(POSE)])


def test_prediction_needs_a_decoder():
    with pytest.raises(RuntimeError, match='TemporalRegressionHead has no decoder to turn its out'):
        passing_head(codec=None).predict(features(POSE), [sample()])

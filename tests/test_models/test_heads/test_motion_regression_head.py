import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData

from mmpose.models.heads import MotionRegressionHead
from mmpose.structures import PoseDataSample

CODEC = dict(type='MotionBERTLabel', num_keypoints=3, rootrel=True)
POSES = torch.tensor(
    [
        [[0.5, 0.5, 0.5], [1.0, 2.0, 3.0], [-1.0, 0.0, 1.0]],
        [[0.0, 0.0, 0.0], [2.0, 2.0, 2.0], [3.0, 3.0, 3.0]],
    ]
)  # (T, K, 3), with a root that the decoder sets to 0


def passing_head(**kwargs):
    """A head whose poses are its features."""
    head = MotionRegressionHead(3, 3, embedding_size=0, decoder=CODEC, **kwargs)
    with torch.no_grad():
        head.fc.weight.copy_(torch.eye(3))
        head.fc.bias.zero_()
    return head


def sample(label=None, **metainfo):
    sample = PoseDataSample(metainfo=dict(flip_indices=[0, 2, 1]) | metainfo)
    if label is not None:
        sample.gt_instance_labels = InstanceData(
            lifting_target_label=label, lifting_target_weight=torch.ones(label.shape[:-1])
        )
    return sample


def test_layers():
    head = MotionRegressionHead(4, 3, embedding_size=6)
    assert {n: tuple(v.shape) for n, v in head.state_dict().items()} == {
        'pre_logits.fc.weight': (6, 4),
        'pre_logits.fc.bias': (6,),
        'fc.weight': (3, 6),
        'fc.bias': (3,),
    }
    assert tuple(head(torch.zeros(2, 5, 3, 4)).shape) == (2, 5, 3, 3)
    with torch.no_grad():
        hidden = torch.tanh(torch.ones(4) @ head.pre_logits.fc.weight.T + head.pre_logits.fc.bias)
        torch.testing.assert_close(head(torch.ones(1, 1, 1, 4))[0, 0, 0], head.fc(hidden))


def test_default_initialisation():
    head = MotionRegressionHead(64, embedding_size=64)
    head.init_weights()
    assert head.pre_logits.fc.weight.std().item() == pytest.approx(0.02, rel=0.1)
    assert not head.fc.bias.any()


def test_predict_gives_all_frames_of_an_instance():
    (pred,) = passing_head().predict(POSES[None], [sample()])
    expected = POSES.clone()
    expected[:, 0] = 0
    assert pred.keypoints.tolist() == [expected.tolist()]
    assert pred.keypoint_scores.shape == (1, 2, 3)


def test_predict_takes_the_scale_from_camera_and_factor():
    # half of 4000 pixels are 2 thousands, and frames have 1 and 3 metres per thousand pixels
    meta = dict(camera_param=dict(w=4000, h=1000), factor=np.array([[1.0], [3.0]]))
    (pred,) = passing_head().predict(POSES[None], [sample(**meta)])
    assert pred.keypoints[0, :, 1].tolist() == [[2, 4, 6], [12, 12, 12]]


def test_a_batch_is_predicted_as_its_samples():
    feats = torch.stack([POSES, POSES.flip(0)])
    samples = [
        sample(camera_param=dict(w=w, h=1000), factor=np.full(2, f, dtype=np.float32))
        for w, f in ((1000, 2.0), (500, 3.0))
    ]
    together = passing_head().predict(feats, samples)
    for x, each, pred in zip(feats, samples, together, strict=True):
        (alone,) = passing_head().predict(x[None], [each])
        np.testing.assert_array_equal(pred.keypoints, alone.keypoints)


def test_flip_test_averages_with_the_mirror_image():
    mirrored = POSES[:, [0, 2, 1]] * torch.tensor([-1.0, 1, 1])
    for shift in (True, False):  # coordinates around 0 have no pixel to be shifted by
        cfg = dict(flip_test=True, shift_coords=shift)
        (pred,) = passing_head().predict([POSES[None], mirrored[None]], [sample()], cfg)
        assert pred.keypoints[0, :, 1:].tolist() == POSES[:, 1:].tolist()


def test_loss_and_error():
    head = passing_head(loss=dict(type='MSELoss', use_target_weight=True))
    label = POSES.clone()
    label[1, 2] += torch.tensor([0.0, 3.0, 4.0])
    losses = head.loss(torch.stack([POSES, POSES]), [sample(POSES), sample(label)])
    assert set(losses) == {'loss_pose3d', 'mpjpe'}
    torch.testing.assert_close(losses['loss_pose3d'], torch.tensor(25 / 36))
    torch.testing.assert_close(losses['mpjpe'], torch.tensor(5 / 12))


def test_velocities_are_those_of_each_sample():
    head = passing_head(loss=dict(type='MPJPEVelocityJointLoss'))
    moved = POSES + 1  # the same velocities, at another place
    losses = head.loss(torch.stack([POSES, POSES]), [sample(POSES), sample(moved)])
    separate = [head.loss(POSES[None], [sample(label)])['loss_pose3d'] for label in (POSES, moved)]
    torch.testing.assert_close(losses['loss_pose3d'], sum(separate) / 2)

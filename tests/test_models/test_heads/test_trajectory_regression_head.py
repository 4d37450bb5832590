import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData

from mmpose.models.heads import TrajectoryRegressionHead
from mmpose.structures import PoseDataSample

CODEC = dict(type='VideoPoseLifting', num_keypoints=2, root_index=1)


def head_of(*positions, **kwargs):
    """A head that predicts ``positions`` for features of 1."""
    head = TrajectoryRegressionHead(1, len(positions), **kwargs)
    with torch.no_grad():
        head.conv.weight.copy_(torch.tensor(positions).reshape(-1, 1, 1))
        head.conv.bias.zero_()
    return head


def sample(**metainfo):
    sample = PoseDataSample(metainfo=dict(flip_indices=[0, 1]) | metainfo)
    sample.gt_instance_labels = InstanceData(
        lifting_target_label=torch.tensor([[[0.0, 0.0, 2.0], [0.0, 4.0, 3.0]]]),
        trajectory_weights=torch.tensor([[1.0, 0.5]]),
    )
    return sample


FEATS = (torch.ones(1, 1, 1),)


def test_the_root_is_compared_with_that_of_the_metainfo():
    head = head_of((0.0, 0.0, 1.0), decoder=CODEC)
    losses = head.loss(FEATS, [sample(target_root=np.array([[3.0, 0.0, 5.0]]))])
    assert set(losses) == {'loss_traj', 'mpjpe_traj'}
    # 5 away, with the weight of keypoint 1, the root
    torch.testing.assert_close(losses['loss_traj'], torch.tensor(2.5))
    torch.testing.assert_close(losses['mpjpe_traj'], torch.tensor(5.0))


def test_all_keypoints_are_compared_with_the_poses():
    head = head_of((0.0, 0.0, 1.0), (0.0, 0.0, 0.0))
    losses = head.loss(FEATS, [sample()])
    torch.testing.assert_close(losses['loss_traj'], torch.tensor((1 + 0.5 * 5) / 2))
    torch.testing.assert_close(losses['mpjpe_traj'], torch.tensor(3.0))


def test_predicted_positions_are_not_moved_to_the_root():
    head = head_of((1.0, 2.0, 3.0), decoder=dict(CODEC, remove_root=True))
    (pred,) = head.predict(FEATS, [sample(target_root=np.ones((1, 3)))])
    assert pred.keypoints.tolist() == [[[1, 2, 3]]]
    assert pred.keypoint_scores.tolist() == [[1]]


def test_the_root_stays_the_root_in_a_mirror():
    head = head_of((1.0, 2.0, 3.0))
    (pred,) = head.predict([FEATS, FEATS], [sample()], dict(flip_test=True))
    assert pred.keypoints.tolist() == [[[0, 2, 3]]]


def test_the_root_must_be_known():
    with pytest.raises(KeyError, match='TrajectoryRegressionHead needs `target_root` in the sampl'):
        head_of((0.0, 0.0, 1.0)).loss(FEATS, [sample()])

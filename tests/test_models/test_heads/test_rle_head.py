import math

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData

from mmpose.models.heads import RLEHead
from mmpose.structures import PoseDataSample

CODEC = dict(type='RegressionLabel', input_size=(40, 80))


def sample():
    sample = PoseDataSample(metainfo=dict(flip_indices=[0], input_size=(40, 80)))
    sample.gt_instance_labels = InstanceData(
        keypoint_labels=torch.tensor([[[0.25, 0.5]]]), keypoint_weights=torch.ones(1, 1)
    )
    return sample


def head_of(values, **kwargs):
    """A head for one keypoint that predicts ``values`` for features of 1."""
    head = RLEHead(1, 1, decoder=CODEC, **kwargs)
    with torch.no_grad():
        head.fc.weight.copy_(torch.tensor(values)[:, None])
        head.fc.bias.zero_()
    return head


def test_outputs_are_coordinates_and_logits():
    head = head_of([0.25, 0.5, 0.0, math.log(3)])
    assert [tuple(p.shape) for p in head.fc.parameters()] == [(4, 1), (4,)]
    torch.testing.assert_close(head((torch.ones(2, 1),))[0, 0, 3], torch.tensor(math.log(3)))


def test_scores_are_one_minus_the_mean_deviation():
    head = head_of([0.25, 0.5, 0.0, math.log(3)])
    (pred,) = head.predict((torch.ones(1, 1),), [sample()])
    assert pred.keypoints.tolist() == [[[10, 40]]]
    # the deviations are 1/2 and 3/4
    np.testing.assert_allclose(pred.keypoint_scores, [[1 - 0.625]], rtol=1e-6)


def test_flip_test_averages_deviations_not_logits():
    head = head_of([0.5, 0.5, math.log(3), math.log(3)])
    feats = [(torch.ones(1, 1),), (torch.zeros(1, 1),)]
    (pred,) = head.predict(feats, [sample()], dict(flip_test=True, shift_coords=False))
    np.testing.assert_allclose(pred.keypoint_scores, [[1 - (0.75 + 0.5) / 2]], rtol=1e-6)
    np.testing.assert_allclose(pred.keypoints, [[[(0.5 + 1) / 2 * 40, 0.25 * 80]]], rtol=1e-6)


def test_loss_is_that_of_the_module_on_both_parts():
    head = head_of([0.25, 0.45, 0.2, -0.3])
    losses = head.loss((torch.ones(1, 1),), [sample()])
    expected = head.loss_module(
        torch.tensor([[[0.25, 0.45]]]),
        torch.tensor([[[0.2, -0.3]]]),
        torch.tensor([[[0.25, 0.5]]]),
        torch.ones(1, 1),
    )
    torch.testing.assert_close(losses['loss_kpt'], expected)
    assert losses['acc_pose'] == 0  # the error, 0.05, is not less than 0.05
    losses['loss_kpt'].backward()
    assert all(p.grad is not None for p in head.parameters() if p.requires_grad)


def test_training_under_autocast():
    head = RLEHead(4, 1)
    with torch.autocast('cpu', dtype=torch.bfloat16):
        loss = head.loss((torch.randn(1, 4),), [sample()])['loss_kpt']
    loss.backward()
    assert loss.isfinite()
    assert head.fc.weight.grad.isfinite().all()


def test_weights_of_releases_0x_are_renamed():
    head, other = RLEHead(4, 2), RLEHead(4, 2)
    old = {k.replace('loss_module.', 'loss.'): v for k, v in head.state_dict().items()}
    assert any(key.startswith('loss.flow_model') for key in old)
    other.load_state_dict(old)
    for a, b in zip(head.parameters(), other.parameters(), strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize('name', ['loss_module.flow_model.s.0.0.weight', 'fc.weight'])
def test_the_density_is_saved_with_the_head(name):
    assert name in RLEHead(4, 2).state_dict()

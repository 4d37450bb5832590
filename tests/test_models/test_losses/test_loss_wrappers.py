import pytest
import torch

from mmpose.models.losses import CombinedLoss, L1Loss, MultipleLossWrapper, RLELoss

LOSSES = [dict(type='L1Loss', use_target_weight=True), dict(type='KeypointMSELoss')]


def test_a_loss_for_each_output():
    loss = MultipleLossWrapper(LOSSES)
    outputs = torch.ones(1, 2, 2), 3 * torch.ones(1, 2, 4, 4)
    targets = torch.zeros(1, 2, 2), torch.zeros(1, 2, 4, 4)
    assert loss(outputs, targets, torch.tensor([[1.0, 0.0]])) == [0.5, 4.5]
    with pytest.raises(ValueError, match='There are 2 losses for 1 outputs and 2 targets; list in'):
        loss(outputs[:1], targets)


def test_losses_by_name():
    loss = CombinedLoss(dict(near=dict(type='L1Loss', loss_weight=2), flow=dict(type='RLELoss')))
    assert isinstance(loss['near'], L1Loss)
    assert isinstance(loss.flow, RLELoss)
    assert 'flow.flow_model.mask' in loss.state_dict()
    assert loss['near'](torch.ones(1, 2, 2), torch.zeros(1, 2, 2)) == 2

from math import log

import pytest
import torch
from torch.testing import assert_close

from mmpose.models.losses import (
    L1Loss,
    MSELoss,
    SmoothL1Loss,
    SoftWeightSmoothL1Loss,
    SoftWingLoss,
    WingLoss,
)

# one sample, two keypoints; errors 0.5, 2, 0 and 4
OUTPUT = torch.tensor([[[0.5, -2.0], [0.0, 4.0]]])
TARGET = torch.zeros(1, 2, 2)
WEIGHTS = torch.tensor([[2.0, 0.0]])


def test_mean_squared_error():
    assert MSELoss()(OUTPUT, TARGET) == 20.25 / 4
    # weights scale the coordinates, so they are squared here
    assert MSELoss(use_target_weight=True)(OUTPUT, TARGET, WEIGHTS) == 4 * 4.25 / 4


def test_absolute_error():
    assert L1Loss()(OUTPUT, TARGET) == 6.5 / 4
    assert L1Loss(reduction='sum', loss_weight=2)(OUTPUT, TARGET) == 13
    assert L1Loss(reduction='none')(OUTPUT, TARGET).tolist() == [[[0.5, 2], [0, 4]]]
    assert L1Loss(use_target_weight=True)(OUTPUT, TARGET, WEIGHTS) == 2 * 2.5 / 4
    with pytest.raises(
        ValueError, match="reduction is 'max', but must be one of 'mean', 'sum', 'none'"
    ):
        L1Loss(reduction='max')


def test_smooth_absolute_error():
    assert SmoothL1Loss()(OUTPUT, TARGET) == (0.125 + 1.5 + 0 + 3.5) / 4
    # of scaled errors 1 and 4
    assert SmoothL1Loss(use_target_weight=True)(OUTPUT, TARGET, WEIGHTS) == (0.5 + 3.5) / 4


def test_weights_may_differ_by_coordinate_or_have_an_axis_of_one():
    loss = L1Loss(use_target_weight=True)
    assert loss(OUTPUT, TARGET, torch.tensor([[[1.0, 0], [0, 1]]])) == 4.5 / 4
    assert loss(OUTPUT, TARGET, WEIGHTS[..., None]) == loss(OUTPUT, TARGET, WEIGHTS)


def test_soft_weights_scale_the_loss():
    loss = SoftWeightSmoothL1Loss(use_target_weight=True)
    assert loss(OUTPUT, TARGET, WEIGHTS) == 2 * 1.625 / 4
    assert SoftWeightSmoothL1Loss()(OUTPUT, TARGET) == 5.125 / 4


def test_soft_weights_averaged_over_positive_ones():
    loss = SoftWeightSmoothL1Loss(use_target_weight=True, supervise_empty=False, loss_weight=3)
    assert loss(OUTPUT, TARGET, WEIGHTS) == 3 * 2 * 1.625  # one keypoint has a weight
    per_coordinate = WEIGHTS[..., None].expand_as(OUTPUT)
    assert loss(OUTPUT, TARGET, per_coordinate) == 3 * 2 * 1.625 / 2
    assert loss(OUTPUT, TARGET, torch.zeros(1, 2)) == 0


def test_soft_weight_beta():
    smooth = SoftWeightSmoothL1Loss.smooth_l1_loss
    assert smooth(OUTPUT, TARGET, beta=4).tolist() == [[[0.25 / 8, 0.5], [0, 2]]]
    assert smooth(OUTPUT, TARGET, 'sum', beta=0) == 6.5
    assert smooth(OUTPUT, TARGET, 'mean') == 5.125 / 4
    with pytest.raises(ValueError, match="reduction is 'max', but must be one of"):
        smooth(OUTPUT, TARGET, 'max')
    with pytest.raises(ValueError, match='beta is -1; set it to 0, for the absolute error, or'):
        SoftWeightSmoothL1Loss(beta=-1)


def at(loss, error):
    return loss(torch.tensor([[[error]]]), torch.zeros(1, 1, 1)).item()


def test_wing():
    assert at(WingLoss(), 2.0) == pytest.approx(10 * log(2))
    assert at(WingLoss(), -12.0) == pytest.approx(2 + 10 * log(6))
    assert at(WingLoss(omega=4, epsilon=1), 1.0) == pytest.approx(4 * log(2))
    twice = WingLoss(omega=4, epsilon=1, loss_weight=2)
    assert at(twice, 5.0) == pytest.approx(2 * (1 + 4 * log(5)))
    assert at(WingLoss(), 0.0) == 0


def test_wing_is_continuous_with_a_bend_at_the_seam():
    assert at(WingLoss(), 10 - 1e-4) == pytest.approx(10 * log(6), abs=2e-4)
    assert at(WingLoss(), 10 + 1e-4) == pytest.approx(10 * log(6), abs=2e-4)
    error = torch.tensor([[[10 - 1e-4], [10 + 1e-4]]], requires_grad=True)
    WingLoss()(error, torch.zeros(1, 2, 1)).backward()
    assert error.grad.flatten().tolist() == pytest.approx([10 / 12, 1], rel=1e-4)


def test_soft_wing():
    assert at(SoftWingLoss(), -1.5) == 1.5
    assert at(SoftWingLoss(), 2.0) == pytest.approx(2)  # the seam
    assert at(SoftWingLoss(), 4.0) == pytest.approx(2 + 20 * log(9 / 5))
    steep = SoftWingLoss(omega1=1, omega2=3, epsilon=2)
    assert at(steep, 4.0) == pytest.approx(1 + 3 * log(3 / 1.5))


@pytest.mark.parametrize('loss', [WingLoss, SoftWingLoss])
def test_wings_sum_over_a_sample_and_average_over_samples(loss):
    one = loss()(OUTPUT, TARGET)
    assert one.item() == pytest.approx(sum(at(loss(), error) for error in (0.5, 2.0, 0.0, 4.0)))
    assert_close(loss()(OUTPUT.repeat(3, 1, 1), TARGET.repeat(3, 1, 1)), one)
    # weights scale the coordinates
    weighted = loss(use_target_weight=True)(OUTPUT, TARGET, WEIGHTS)
    assert weighted.item() == pytest.approx(sum(at(loss(), error) for error in (1.0, 4.0)))


@pytest.mark.parametrize(
    ('loss', 'setting'),
    [(WingLoss, 'omega'), (WingLoss, 'epsilon'), (SoftWingLoss, 'omega2')],
)
def test_wing_settings(loss, setting):
    with pytest.raises(ValueError, match=f'{setting} is 0, but must be positive'):
        loss(**{setting: 0})

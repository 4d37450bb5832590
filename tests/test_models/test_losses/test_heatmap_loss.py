from math import log

import pytest
import torch
from torch.testing import assert_close

from mmpose.models.losses import (
    AdaptiveWingLoss,
    CombinedTargetMSELoss,
    FocalHeatmapLoss,
    KeypointMSELoss,
    KeypointOHKMMSELoss,
)

# squared errors: 1 in all 4 cells of keypoint 0, 9 in those of keypoint 1
OUTPUT = torch.stack([torch.ones(2, 2), 3 * torch.ones(2, 2)])[None]
TARGET = torch.zeros(1, 2, 2, 2)


def test_mean_squared_error():
    assert KeypointMSELoss()(OUTPUT, TARGET) == 5
    assert KeypointMSELoss(loss_weight=2.0)(OUTPUT, TARGET) == 10


def test_weights_scale_keypoints_and_the_mean_counts_all():
    loss = KeypointMSELoss(use_target_weight=True)
    assert loss(OUTPUT, TARGET, torch.tensor([[2.0, 0.0]])) == 1  # 2 * 4 / 8
    per_cell = torch.zeros(1, 2, 2, 2)
    per_cell[0, 1, 0, 0] = 1
    assert loss(OUTPUT, TARGET, per_cell) == 9 / 8


def test_mask_and_empty_channels():
    mask = torch.tensor([[[[1.0, 0.0], [0.0, 0.0]]]])  # one cell of all keypoints
    assert KeypointMSELoss()(OUTPUT, TARGET, mask=mask) == 10 / 8
    target = TARGET.clone()
    target[0, 1, 0, 0] = 1  # keypoint 0 stays empty; squared errors 4, 9, 9, 9 remain
    assert KeypointMSELoss(skip_empty_channel=True)(OUTPUT, target) == 31 / 8
    assert KeypointMSELoss(skip_empty_channel=True)(OUTPUT, target, mask=mask) == 4 / 8


def test_gradient():
    output = OUTPUT.clone().requires_grad_()
    KeypointMSELoss()(output, TARGET).backward()
    assert_close(output.grad, 2 * OUTPUT / 8)


def test_half_precision_does_not_overflow():
    output = torch.full((1, 1, 2, 2), 300.0, dtype=torch.float16)
    loss = KeypointMSELoss()(output, torch.zeros(1, 1, 2, 2))
    assert (loss.dtype, loss.item()) == (torch.float32, 90000)  # the largest half is 65504


@pytest.mark.parametrize(
    ('shape', 'message'),
    [
        ((1, 3, 2, 2), "2 channels for 3 in the target: set the head's number of keypoints to"),
        ((1, 2, 2, 4), r"set the codec's `heatmap_size` \(w, h\) to \(2, 2\), or change the input"),
        ((2, 2, 2, 2), 'let the codec encode what the head predicts'),
    ],
)
def test_shape_mismatch_names_both_sides(shape, message):
    with pytest.raises(ValueError, match=message) as error:
        KeypointMSELoss()(OUTPUT, torch.zeros(shape))
    assert f'The output is (1, 2, 2, 2) and the target {shape};' in str(error.value)


def test_missing_weights_are_ones():
    assert KeypointMSELoss(use_target_weight=True)(OUTPUT, TARGET) == 5


def test_focal_loss_of_peaks_and_their_surroundings():
    output = torch.full((1, 1, 1, 3), 0.5)
    target = torch.tensor([[[[1.0, 0.5, 0.0]]]])
    cell = 0.25 * log(2)  # (1 - p)^2 or p^2, times -log 0.5
    expected = cell + 0.5**4 * cell + cell
    assert FocalHeatmapLoss()(output, target).item() == pytest.approx(expected)

    double = torch.cat([target, target])  # twice the peaks, twice the cells
    assert FocalHeatmapLoss()(output.expand_as(double), double).item() == pytest.approx(expected)
    sharp = FocalHeatmapLoss(alpha=1, beta=2)(output, target)
    assert sharp.item() == pytest.approx((1 + 0.25 + 1) * 0.5 * log(2))


def test_focal_loss_without_a_peak_is_a_sum():
    output, target = torch.full((2, 1, 1, 1), 0.5), torch.zeros(2, 1, 1, 1)
    assert FocalHeatmapLoss()(output, target).item() == pytest.approx(2 * 0.25 * log(2))
    assert FocalHeatmapLoss(skip_empty_channel=True)(output, target) == 0


def test_focal_loss_weights_peaks_and_their_number():
    output, target = torch.full((1, 2, 1, 1), 0.5), torch.ones(1, 2, 1, 1)
    output[0, 1] = 0.25
    loss = FocalHeatmapLoss(alpha=0)(output, target, torch.tensor([[2.0, 0.5]]))
    assert loss.item() == pytest.approx((2 * log(2) + 0.5 * log(4)) / 2.5)


@pytest.mark.parametrize('peak', [0.0, 1.0])
def test_focal_loss_of_a_saturated_sigmoid(peak):
    output = torch.tensor([[[[peak, 1 - peak]]]], requires_grad=True)
    loss = FocalHeatmapLoss()(output, torch.tensor([[[[1.0, 0.0]]]]))
    loss.backward()
    assert loss.item() == pytest.approx(0.0 if peak else -2 * log(1e-12))
    assert output.grad.isfinite().all()


def test_combined_target():
    output = torch.tensor([[1.0, 3, 4, 2, 0, 1]]).reshape(1, 6, 1, 1)
    target = torch.tensor([[0.5, 1, 2, 1, 5, 1]]).reshape(1, 6, 1, 1)
    first = 0.5**2 + (0.5 * 2) ** 2 + (0.5 * 2) ** 2  # offsets count with the true heatmap
    second = 1 + 25 + 0
    assert CombinedTargetMSELoss()(output, target) == 0.5 * (first + second) / 2
    weighted = CombinedTargetMSELoss(use_target_weight=True, loss_weight=4)
    weights = torch.tensor([[2.0, 0.0]])  # squared
    assert weighted(output, target, weights) == 4 * 0.5 * 4 * first / 2
    with pytest.raises(ValueError, match='The output has 4 channels, which are no triples of'):
        weighted(output[:, :4], target[:, :4], weights)


def test_hard_keypoints():
    output = torch.tensor([[1.0, 2, 3], [4, 0, 0]])[..., None, None].expand(2, 3, 2, 2)
    loss = KeypointOHKMMSELoss(topk=2)
    assert loss(output, torch.zeros(2, 3, 2, 2)) == ((9 + 4) / 2 + 16 / 2) / 2
    weights = torch.tensor([[1.0, 1, 0], [0.5, 1, 1]])
    loss = KeypointOHKMMSELoss(use_target_weight=True, topk=2, loss_weight=3)
    assert loss(output, torch.zeros(2, 3, 2, 2), weights) == 3 * ((4 + 1) / 2 + 4 / 2) / 2


def test_hard_keypoints_need_enough_keypoints():
    with pytest.raises(ValueError, match='topk is 8 but there are 2 keypoints; set `topk` to 2'):
        KeypointOHKMMSELoss()(OUTPUT, TARGET)
    with pytest.raises(ValueError, match='topk is 0, but must be positive'):
        KeypointOHKMMSELoss(topk=0)


def adaptive_wing(error, target=0.0, **settings):
    target = torch.full((1, 1, 1, 1), target, dtype=torch.float64)
    return AdaptiveWingLoss(**settings)(target + error, target).item()


def test_adaptive_wing_near_zero():
    assert adaptive_wing(0.25) == pytest.approx(14 * log(1 + 0.25**2.1))
    assert adaptive_wing(-0.25, target=1.0) == pytest.approx(14 * log(1 + 0.25**1.1))
    assert adaptive_wing(0.0) == 0
    settings = dict(alpha=3, omega=2, epsilon=0.5, theta=1)
    assert adaptive_wing(0.25, **settings) == pytest.approx(2 * log(1 + 0.5**3))


@pytest.mark.parametrize('target', [0.0, 0.4, 1.0])
@pytest.mark.parametrize('settings', [{}, dict(alpha=2.3, omega=10, epsilon=2, theta=0.4)])
def test_adaptive_wing_is_smooth_at_the_seam(target, settings):
    theta, step = settings.get('theta', 0.5), 1e-6
    below, seam, above = (
        adaptive_wing(theta + i * step, target=target, **settings) for i in (-1, 0, 1)
    )
    assert seam - below == pytest.approx(above - seam, rel=1e-4)
    # and straight beyond
    two = adaptive_wing(theta + 2, target=target, **settings)
    assert (two - seam) / 2 == pytest.approx((above - seam) / step, rel=1e-4)


def test_adaptive_wing_settings():
    with pytest.raises(ValueError, match='epsilon is 0, but must be positive'):
        AdaptiveWingLoss(epsilon=0)

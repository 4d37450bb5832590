import pytest
import torch

from mmpose.models.losses import KeypointMSELoss
from mmpose.models.losses.reduction import expand_weights, weighted_mean

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
    torch.testing.assert_close(output.grad, 2 * OUTPUT / 8)


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


def test_expand_weights():
    values = torch.zeros(3, 2, 4, 5)
    assert expand_weights(torch.zeros(3, 2), values).shape == (3, 2, 1, 1)
    assert expand_weights(torch.zeros(3, 2, 4, 5), values).shape == (3, 2, 4, 5)
    with pytest.raises(ValueError, match=r'The weights are \(3, 3\); for values of \(3, 2, 4, 5\)'):
        expand_weights(torch.zeros(3, 3), values)


def test_weighted_mean_counts_weight_zero():
    values = torch.tensor([2.0, 4.0])
    assert weighted_mean(values, None, torch.tensor([1.0, 0.0])) == 1

from math import exp, log

import pytest
import torch
from torch.testing import assert_close

from mmpose.models.losses import OKSLoss
from mmpose.structures.metainfo import parse_pose_metainfo

COCO = 'configs/_base_/datasets/coco.py'
# squared distances 2 and 0 of one instance, 4 and 8 of another
OUTPUT = torch.tensor([[[1.0, 1], [5, 5]], [[2, 0], [2, 2]]])
TARGET = torch.tensor([[[0.0, 0], [5, 5]], [[0, 0], [0, 0]]])
OKS = [(exp(-1) + 1) / 2, (exp(-2) + exp(-4)) / 2]


@pytest.mark.parametrize(
    ('mode', 'losses'),
    [
        ('linear', [1 - s for s in OKS]),
        ('square', [1 - s**2 for s in OKS]),
        ('log', [-log(s) for s in OKS]),
    ],
)
def test_modes_and_reductions(mode, losses):
    assert OKSLoss(mode=mode, reduction='none')(OUTPUT, TARGET).tolist() == pytest.approx(losses)
    assert OKSLoss(mode=mode)(OUTPUT, TARGET).item() == pytest.approx(sum(losses) / 2)
    total = OKSLoss(mode=mode, reduction='sum', loss_weight=30)(OUTPUT, TARGET)
    assert total.item() == pytest.approx(30 * sum(losses))


def test_area():
    loss = OKSLoss(reduction='none')(OUTPUT, TARGET, areas=torch.tensor([1.0, 4.0]))
    assert loss.tolist() == pytest.approx([1 - OKS[0], 1 - (exp(-0.5) + exp(-1)) / 2])


def test_weights():
    weights = torch.tensor([[1.0, 0.0], [0.0, 0.0]])
    # divided by the number of keypoints, or by the sum of the weights
    by_number = OKSLoss(reduction='none')(OUTPUT, TARGET, weights)
    assert by_number.tolist() == pytest.approx([1 - exp(-1) / 2, 1.0])
    by_sum = OKSLoss(reduction='none', norm_target_weight=True)(OUTPUT, TARGET, weights)
    assert by_sum.tolist() == pytest.approx([1 - exp(-1), 1.0])
    assert_close(OKSLoss()(OUTPUT, TARGET, torch.ones(2, 2)), OKSLoss()(OUTPUT, TARGET))
    assert_close(OKSLoss()(OUTPUT, TARGET, torch.ones(2, 1)), OKSLoss()(OUTPUT, TARGET))


def test_sigmas_of_a_keypoint_definition():
    loss = OKSLoss(COCO, reduction='none')
    sigmas = parse_pose_metainfo(dict(from_file=COCO))['sigmas']
    assert list(loss.state_dict()) == ['sigmas']  # as in published checkpoints
    assert_close(loss.sigmas, torch.as_tensor(sigmas))
    output, target = torch.zeros(1, 17, 2), torch.zeros(1, 17, 2)
    output[0, 0] = torch.tensor([3.0, 4.0])
    expected = 1 - (16 + exp(-25 / (2 * 900 * (2 * 0.026) ** 2))) / 17
    assert loss(output, target, areas=torch.tensor([900.0])).tolist() == pytest.approx([expected])
    assert list(OKSLoss().state_dict()) == []


@pytest.mark.parametrize('mode', ['linear', 'square', 'log'])
@pytest.mark.parametrize('area', [0.0, -1.0, 1.0])
def test_edges_stay_finite(mode, area):
    output = torch.tensor([[[0.0, 0]], [[1, 1]], [[1000, 0]]], requires_grad=True)
    loss = OKSLoss(mode=mode, reduction='none')(
        output, torch.zeros(3, 1, 2), torch.tensor([[1.0], [0.0], [1.0]]), torch.full((3,), area)
    )
    loss.sum().backward()
    assert loss.isfinite().all()
    assert loss[0] == 0  # a perfect instance, even of no area
    assert output.grad.isfinite().all()


def test_half_precision_of_far_points():
    # in half precision 300^2 overflows
    output = torch.full((1, 1, 2), 300.0, dtype=torch.float16)
    loss = OKSLoss()(output, torch.zeros(1, 1, 2).half(), areas=torch.tensor([90000.0]))
    assert loss.item() == pytest.approx(1 - exp(-1))


def test_errors():
    with pytest.raises(ValueError, match=r'The areas are \(2, 1\); for keypoints of \(2, 2\)'):
        OKSLoss()(OUTPUT, TARGET, areas=torch.ones(2, 1))
    with pytest.raises(ValueError, match='The output has 2 keypoints and the metainfo 17 sigmas;'):
        OKSLoss(COCO)(OUTPUT, TARGET)
    with pytest.raises(ValueError, match="mode is 'exp', but must be one of"):
        OKSLoss(mode='exp')
    with pytest.raises(FileNotFoundError, match=r'nowhere\.py'):
        OKSLoss('nowhere.py')

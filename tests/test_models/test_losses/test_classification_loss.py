from math import exp, log

import pytest
import torch
from torch.testing import assert_close

from mmpose.models.losses import BCELoss, InfoNCELoss, VariFocalLoss

LOGITS = torch.tensor([[0.0, log(3)]])  # probabilities 1/2 and 3/4
LABELS = torch.tensor([[1.0, 0.0]])


@pytest.mark.parametrize('use_sigmoid', [False, True], ids=['logits', 'probabilities'])
def test_binary_cross_entropy(use_sigmoid):
    output = LOGITS.sigmoid() if use_sigmoid else LOGITS
    loss = BCELoss(use_sigmoid=use_sigmoid, reduction='none')
    assert_close(loss(output, LABELS), torch.tensor([[log(2), log(4)]]))
    total = BCELoss(use_sigmoid=use_sigmoid, reduction='sum', loss_weight=2)
    assert total(output, LABELS).item() == pytest.approx(2 * log(8))
    weighted = BCELoss(use_target_weight=True, use_sigmoid=use_sigmoid)
    assert weighted(output, LABELS, torch.tensor([[3.0, 0.0]])).item() == pytest.approx(
        3 * log(2) / 2
    )
    assert weighted(output, LABELS, torch.tensor([3.0])).item() == pytest.approx(3 * log(8) / 2)


def test_binary_cross_entropy_of_certain_errors_is_finite():
    output = torch.tensor([[0.0, 1.0]], requires_grad=True)
    loss = BCELoss(use_sigmoid=True)(output, LABELS)
    loss.backward()
    assert loss == 100  # where PyTorch cuts the logarithm
    assert output.grad.isfinite().all()


def test_varifocal():
    target = torch.tensor([[0.8, 0.0]])
    positive = 0.8 * log(2)  # the cross entropy of 1/2 is log 2 for any target
    negative = 0.75 * 0.75**2 * log(4)
    loss = VariFocalLoss(reduction='none')(LOGITS, target)
    assert loss.flatten().tolist() == pytest.approx([positive, negative])
    loss = VariFocalLoss(reduction='sum', alpha=0.5, gamma=1, loss_weight=2)(LOGITS, target)
    assert loss.item() == pytest.approx(2 * (positive + 0.5 * 0.75 * log(4)))
    loss = VariFocalLoss(use_target_weight=True)(LOGITS, target, torch.tensor([2.0]))
    assert loss.item() == pytest.approx(positive + negative)


def test_varifocal_limits_the_logits():
    logits = torch.tensor([[-50.0], [50.0]], requires_grad=True)
    loss = VariFocalLoss(reduction='none')(logits, torch.tensor([[1.0], [0.0]]))
    assert loss.flatten().tolist() == pytest.approx([10, 7.5], rel=1e-4)
    loss.sum().backward()
    assert logits.grad.isfinite().all()


def test_info_nce():
    same = torch.tensor([[1.0, 1.0], [2.0, 2.0]])
    assert InfoNCELoss()(same).item() == pytest.approx(2 * log(2))
    apart = torch.tensor([[5.0, 0.0], [0.0, 0.1]])  # of whatever length
    assert InfoNCELoss()(apart).item() == pytest.approx(2 * log(1 + exp(-1)))
    cold = InfoNCELoss(temperature=0.5, loss_weight=3)
    assert cold(apart).item() == pytest.approx(6 * log(1 + exp(-2)))
    with pytest.raises(ValueError, match='temperature is 0, but must be positive'):
        InfoNCELoss(temperature=0)

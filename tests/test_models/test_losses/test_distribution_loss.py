from math import log

import pytest
import torch
from torch.testing import assert_close

from mmpose.models.losses import JSDiscretLoss, KLDiscretLoss, MLECCLoss


def simcc(logits, labels):
    """Two axes alike, of one sample."""
    return (logits[None],) * 2, (labels[None],) * 2


def test_kl_divergence():
    logits, labels = torch.zeros(2, 2), torch.tensor([[1.0, 0], [0.5, 0.5]])
    args = simcc(logits, labels)
    loss = KLDiscretLoss(use_target_weight=False)
    # log 2 and 0, over 2 bins and 2 keypoints, on 2 axes
    assert loss(*args).item() == pytest.approx(2 * log(2) / 4)
    batch = [tuple(torch.cat([x, x]) for x in axes) for axes in args]
    assert loss(*batch).item() == pytest.approx(4 * log(2) / 4)  # summed over samples
    weighted = KLDiscretLoss()
    assert weighted(*args, torch.tensor([[3.0, 1.0]])).item() == pytest.approx(6 * log(2) / 4)
    assert weighted(*args, torch.tensor([[[3.0], [1.0]]])).item() == pytest.approx(6 * log(2) / 4)


def test_kl_divergence_sharpens():
    logits, labels = torch.tensor([[0.0, log(3) / 2]]), torch.tensor([[0.0, 0.1 * log(3)]])
    args = simcc(logits, labels)
    # with beta the prediction is (1/4, 3/4), which a softmax makes of the labels too
    settings = dict(use_target_weight=False, beta=2, label_softmax=True)
    assert KLDiscretLoss(**settings)(*args).item() == pytest.approx(0, abs=1e-6)
    flat = KLDiscretLoss(**settings, label_beta=0)(*args)
    divergence = 0.5 * log(0.5 / 0.25) + 0.5 * log(0.5 / 0.75)
    assert flat.item() == pytest.approx(2 * divergence / 2)


def test_kl_divergence_masks_keypoints():
    args = simcc(torch.zeros(3, 2), torch.tensor([[1.0, 0]] * 3))
    loss = KLDiscretLoss(use_target_weight=False, mask=[0, 2], mask_weight=0.25)
    assert loss(*args).item() == pytest.approx(2 * log(2) / 2 * 1.5 / 3)
    assert loss.mask == [0, 2]
    weighted = KLDiscretLoss(mask=[0, 2], mask_weight=0.25)
    weights = torch.tensor([[0.0, 1.0, 1.0]])
    assert weighted(*args, weights).item() == pytest.approx(2 * log(2) / 2 * 1.25 / 3)


def test_kl_divergence_in_half_precision():
    # logits times beta overflow in half precision
    logits = torch.tensor([[9000.0, 0.0]]).half()
    args = simcc(logits, torch.tensor([[1.0, 0.0]]).half())
    assert KLDiscretLoss(use_target_weight=False, beta=10.0)(*args) == 0


def test_js_divergence():
    pred, target = torch.tensor([[[1.0, 0.0]]]), torch.tensor([[[0.0, 1.0]]])
    loss = JSDiscretLoss(use_target_weight=False)
    assert loss(pred, target).item() == pytest.approx(log(2))  # the largest there is
    assert loss(pred, pred) == 0
    batch = torch.cat([pred, pred]), torch.cat([target, target])
    assert loss(*batch).item() == pytest.approx(log(2))
    total = JSDiscretLoss(use_target_weight=False, size_average=False)
    assert total(*batch).item() == pytest.approx(2 * log(2))
    weights = torch.tensor([[3.0], [0.0]])
    assert JSDiscretLoss()(*batch, weights).item() == pytest.approx(3 * log(2) / 2)


def test_js_divergence_of_an_underflown_softmax_has_a_gradient():
    logits = torch.tensor([[[0.0, -200.0]]], requires_grad=True)
    loss = JSDiscretLoss(use_target_weight=False)(logits.softmax(-1), torch.tensor([[[1.0, 0.0]]]))
    loss.backward()
    assert loss == 0
    assert logits.grad.isfinite().all()


def mlecc(**settings):
    # the shares are 0.5 and 1 for keypoint 0, 0.25 and 0.5 for keypoint 1
    outputs = torch.tensor([[[0.5, 0.5], [0.75, 0.25]]]), torch.tensor([[[1.0, 0], [0.5, 0.5]]])
    targets = torch.tensor([[[1.0, 0], [0, 1]]]), torch.tensor([[[1.0, 0], [1, 0]]])
    return MLECCLoss(**settings), outputs, targets


@pytest.mark.parametrize(
    ('mode', 'losses'),
    [
        ('linear', [0.5, 0.875]),
        ('square', [0.75, 1 - 0.125**2]),
        ('log', [-log(0.5001), -log(0.1251)]),
    ],
)
def test_mlecc(mode, losses):
    loss, *args = mlecc(mode=mode, reduction='none')
    assert_close(loss(*args), torch.tensor([losses]))
    loss, *args = mlecc(mode=mode, reduction='sum', loss_weight=2)
    assert_close(loss(*args), torch.tensor([2 * sum(losses)]))
    loss, *args = mlecc(mode=mode, use_target_weight=True)
    weights = torch.tensor([[1.0, 3.0]])
    assert_close(loss(*args, weights), torch.tensor([(losses[0] + 3 * losses[1]) / 2]))


def test_mlecc_leaves_out_what_is_no_distribution():
    loss, outputs, targets = mlecc(reduction='none', mode='linear')
    outputs[0].requires_grad_()
    targets[1][0, 1] = torch.nan
    losses = loss(outputs, targets)
    assert losses.tolist() == [[0.5, 0]]
    losses.sum().backward()
    assert_close(outputs[0].grad, torch.tensor([[[-1.0, 0], [0, 0]]]))


def test_mlecc_settings():
    with pytest.raises(
        ValueError, match="mode is 'exp', but must be one of 'linear', 'square', 'log'"
    ):
        MLECCLoss(mode='exp')
    with pytest.raises(
        ValueError, match="reduction is 'max', but must be one of 'mean', 'sum', 'none'"
    ):
        MLECCLoss(reduction='max')
    loss, outputs, targets = mlecc()
    with pytest.raises(ValueError, match='There are 2 outputs for 1 targets; give one of each'):
        loss(outputs, targets[:1])

from math import log, pi, sqrt

import pytest
import torch
from torch.testing import assert_close

from mmpose.models.losses import RLELoss

# the error over sigma, which is sigmoid(0), is (1, 0)
PRED = torch.tensor([[[1.0, 2.0]]])
SIGMA = torch.zeros(1, 1, 2)
TARGET = torch.tensor([[[0.5, 2.0]]])
LOG_NORMAL = -0.5 - log(2 * pi)


def rle(**settings):
    """A loss whose flow moves nothing, so that its density is normal."""
    loss = RLELoss(**settings)
    for parameter in loss.parameters():
        torch.nn.init.zeros_(parameter)
    return loss


@pytest.mark.parametrize(
    ('settings', 'expected'),
    [
        (dict(residual=False), 2 * (log(0.5) - LOG_NORMAL)),
        ({}, 2 * (log(0.5) - LOG_NORMAL) + 2 * log(2 * 0.5) + 1),
        (
            dict(q_distribution='gaussian'),
            2 * (log(0.5) - LOG_NORMAL) + 2 * log(0.5 * sqrt(2 * pi)) + 0.5,
        ),
    ],
    ids=['flow', 'laplace', 'gaussian'],
)
def test_likelihood(settings, expected):
    assert rle(**settings)(PRED, SIGMA, TARGET).item() == pytest.approx(expected)


def test_average_and_weights():
    batch = [torch.cat([x, x]) for x in (PRED, SIGMA, TARGET)]
    one = rle()(PRED, SIGMA, TARGET)
    assert_close(rle()(*batch), one)
    assert_close(rle(size_average=False)(*batch), 2 * one)
    weighted = rle(use_target_weight=True)
    assert_close(weighted(*batch, torch.tensor([[1.0], [0.0]])), one / 2)
    assert_close(weighted(*batch, torch.tensor([[[1.0, 1]], [[0, 0]]])), one / 2)


@pytest.mark.parametrize('sigma', [-200.0, 200.0])
def test_extreme_scales_stay_finite(sigma):
    sigma = torch.full((1, 1, 2), sigma, requires_grad=True)
    loss = rle()(TARGET, sigma, TARGET)
    loss.backward()
    assert loss.isfinite()
    assert sigma.grad.isfinite().all()


def test_names_of_published_checkpoints():
    flow = [
        f'flow_model.{net}.{step}.{layer}.{kind}'
        for net in 'st'
        for step in range(6)
        for layer in (0, 2, 4)
        for kind in ('weight', 'bias')
    ]
    buffers = [f'flow_model.{name}' for name in ('loc', 'cov', 'mask')]
    assert list(RLELoss().state_dict()) == buffers + flow


def test_errors():
    with pytest.raises(
        ValueError, match="q_distribution is 'normal', but must be one of 'laplace', 'gau"
    ):
        RLELoss(q_distribution='normal')
    with pytest.raises(ValueError, match=r'The output is \(1, 1, 2\) and the sigma \(1, 1, 1\)'):
        RLELoss()(PRED, SIGMA[..., :1], TARGET)

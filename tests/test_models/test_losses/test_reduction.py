import inspect
from math import log

import pytest
import torch

from mmpose.models.losses import MPJPELoss
from mmpose.models.losses.reduction import (
    dissimilarity,
    expand_weights,
    full_precision,
    reduced,
    weighted,
    weighted_mean,
)


class Echo:
    """A method that hands back what it was given, and whether autocast was on."""

    @full_precision
    def __call__(self, *args, **kwargs):
        return args, kwargs, torch.is_autocast_enabled('cpu')


def test_full_precision_converts_half_precision_at_any_depth():
    half, double, index = torch.ones(2).half(), torch.ones(2).double(), torch.ones(2).long()
    args, kwargs, _ = Echo()(dict(a=[half]), (double, index), 'mean', weights=half.bfloat16())
    assert args[0]['a'][0].dtype == torch.float32
    assert args[1][0] is double
    assert args[1][1] is index
    assert args[2] == 'mean'
    assert kwargs['weights'].dtype == torch.float32


def test_full_precision_turns_autocast_off_inside():
    with torch.autocast('cpu', torch.bfloat16):
        assert Echo()(torch.ones(1))[-1] is False
        assert torch.is_autocast_enabled('cpu')


def test_full_precision_on_a_device_without_autocast():
    assert Echo()(torch.ones(2, device='meta'))[0][0].shape == (2,)


def test_full_precision_keeps_the_signature():
    assert list(inspect.signature(MPJPELoss.forward).parameters) == [
        *('self', 'output', 'target', 'target_weight')
    ]


@pytest.mark.parametrize(
    ('shape', 'expanded'),
    [
        ((3,), (3, 1, 1)),
        ((3, 2), (3, 2, 1)),
        ((3, 1), (3, 1, 1)),
        ((3, 2, 4), (3, 2, 4)),
        ((1, 1, 4), (1, 1, 4)),
        ((3, 2, 1, 1), (3, 2, 1)),
    ],
)
def test_expand_weights(shape, expanded):
    assert expand_weights(torch.zeros(shape), torch.zeros(3, 2, 4)).shape == expanded


@pytest.mark.parametrize('shape', [(2,), (3, 3), (2, 4), (3, 2, 4, 5)])
def test_weights_that_do_not_fit(shape):
    with pytest.raises(ValueError, match='for values of ') as error:
        expand_weights(torch.zeros(shape), torch.zeros(3, 2, 4))
    assert str(error.value) == (
        f'The weights are {shape}; for values of (3, 2, 4) give (3, 2) or the full shape.'
    )


def test_weighted():
    values = torch.tensor([[1.0, 2], [3, 4]])
    assert weighted(values) is values
    product = weighted(values, torch.tensor([1, 10]), None, torch.tensor([[1, 0]]))
    assert product.tolist() == [[1, 0], [30, 0]]


def test_reduced():
    values = torch.tensor([[1.0, 2], [3, 6]])
    assert reduced(values) == 3
    assert reduced(values, 'sum') == 12
    assert reduced(values, 'none') is values
    assert reduced(values[:0]) == 0


def test_weighted_mean_counts_weight_zero():
    values = torch.tensor([2.0, 4.0])
    assert weighted_mean(values, None, torch.tensor([1.0, 0.0])) == 1


def test_dissimilarity():
    similarity = torch.tensor(0.5)
    assert dissimilarity(similarity, 'linear') == 0.5
    assert dissimilarity(similarity, 'square') == 0.75
    assert dissimilarity(similarity, 'log').item() == pytest.approx(log(2))
    assert dissimilarity(similarity, 'log', shift=0.5) == 0

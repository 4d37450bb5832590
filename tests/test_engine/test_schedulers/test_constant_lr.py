import pytest
from mmengine.optim import ConstantLR as MMEngineConstantLR
from torch import nn, optim

from mmpose.engine.schedulers import ConstantLR
from mmpose.registry import PARAM_SCHEDULERS


def curve(steps, scheduler=ConstantLR, **kwargs):
    """The learning rate at each step."""
    optimizer = optim.SGD(nn.Linear(1, 1).parameters(), lr=0.1)
    scheduler = scheduler(optimizer, **kwargs)
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]['lr'])
        optimizer.step()
        scheduler.step()
    return rates


def test_a_factor_above_one_holds_until_the_last_step():
    rates = curve(7, factor=2.5, begin=2, end=5)
    assert rates == pytest.approx([0.1, 0.1, 0.25, 0.25, 0.1, 0.1, 0.1])


def test_a_single_step_is_for_good():
    assert curve(4, factor=2.5, begin=1, end=2) == pytest.approx([0.1, 0.25, 0.25, 0.25])


def test_up_to_one_it_is_that_of_mmengine():
    settings = dict(factor=0.3, begin=1, end=4)
    assert curve(6, **settings) == curve(6, MMEngineConstantLR, **settings)
    assert curve(6) == curve(6, MMEngineConstantLR)


def test_epochs_in_iterations():
    optimizer = optim.SGD(nn.Linear(1, 1).parameters(), lr=0.1)
    cfg = dict(type='ConstantLR', factor=3, begin=2, end=4, convert_to_iter_based=True)
    scheduler = PARAM_SCHEDULERS.build(cfg, default_args=dict(optimizer=optimizer, epoch_length=5))
    assert type(scheduler) is ConstantLR
    assert (scheduler.begin, scheduler.end, scheduler.by_epoch) == (10, 20, False)
    assert scheduler.total_iters == 9


@pytest.mark.parametrize('factor', [0, -1, float('nan'), float('inf')])
def test_bad_factors(factor):
    with pytest.raises(ValueError, match=rf'^factor is {factor}; expected a number above 0\.$'):
        curve(1, factor=factor)

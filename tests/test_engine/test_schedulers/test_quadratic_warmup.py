import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mmengine.optim import OptimWrapper
from torch import nn, optim

from mmpose.engine.schedulers import (
    QuadraticWarmupLR,
    QuadraticWarmupMomentum,
    QuadraticWarmupParamScheduler,
)
from mmpose.registry import PARAM_SCHEDULERS


def sgd(**kwargs):
    return optim.SGD(nn.Linear(1, 1).parameters(), **{'lr': 0.1, **kwargs})


def curve(scheduler, steps, name='lr'):
    """The value at each step."""
    values = []
    for _ in range(steps):
        values.append(scheduler.optimizer.param_groups[0][name])
        scheduler.optimizer.step()
        scheduler.step()
    return values


def test_squares():
    rates = curve(QuadraticWarmupLR(sgd(lr=1.6), end=4), 6)
    assert rates == pytest.approx([0.1, 0.4, 0.9, 1.6, 1.6, 1.6])


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 5), st.integers(1, 60), st.floats(1e-6, 1e3))
def test_any_length(begin, total, base):
    optimizer = sgd(lr=base)
    values = curve(QuadraticWarmupLR(optimizer, begin=begin, end=begin + total), begin + total + 2)
    grown = [base * ((n + 1) / total) ** 2 for n in range(total)]
    assert values == pytest.approx([base] * begin + grown + [base] * 2, rel=1e-9)


def test_each_group_grows_to_its_own():
    groups = [dict(params=nn.Linear(1, 1).parameters(), lr=lr) for lr in (0.4, 4.0)]
    optimizer = OptimWrapper(optim.SGD(groups))
    scheduler = QuadraticWarmupLR(optimizer, end=2)
    assert optimizer.get_lr()['lr'] == pytest.approx([0.1, 1.0])
    optimizer.step()
    scheduler.step()
    assert optimizer.get_lr()['lr'] == pytest.approx([0.4, 4.0])


def test_momentum():
    momenta = curve(QuadraticWarmupMomentum(sgd(momentum=0.8), end=2), 3, 'momentum')
    assert momenta == pytest.approx([0.2, 0.8, 0.8])
    adam = optim.Adam(nn.Linear(1, 1).parameters(), betas=(0.8, 0.9))
    QuadraticWarmupMomentum(adam, end=2)
    assert adam.param_groups[0]['betas'] == pytest.approx((0.2, 0.9))


def test_any_value():
    scheduler = QuadraticWarmupParamScheduler(sgd(weight_decay=0.4), 'weight_decay', end=2)
    assert curve(scheduler, 3, 'weight_decay') == pytest.approx([0.1, 0.4, 0.4])


def test_epochs_in_iterations():
    cfg = dict(type='QuadraticWarmupLR', begin=1, end=3, convert_to_iter_based=True)
    default_args = dict(optimizer=sgd(), epoch_length=4)
    scheduler = PARAM_SCHEDULERS.build(cfg, default_args=default_args)
    assert (scheduler.begin, scheduler.end, scheduler.by_epoch) == (4, 12, False)
    rates = curve(scheduler, 13)
    assert rates[:5] == pytest.approx([0.1] * 4 + [0.1 / 64])
    assert rates[11:] == pytest.approx([0.1, 0.1])


def test_resuming():
    whole = curve(QuadraticWarmupLR(sgd(), end=8), 10)
    optimizer = sgd()
    scheduler = QuadraticWarmupLR(optimizer, end=8)
    curve(scheduler, 3)
    resumed = sgd()
    other = QuadraticWarmupLR(resumed, end=8)
    resumed.load_state_dict(optimizer.state_dict())
    other.load_state_dict(scheduler.state_dict())
    assert curve(other, 7) == whole[3:]


def test_errors():
    with pytest.raises(ValueError, match='QuadraticWarmupLR has no `end`; give the step at which'):
        QuadraticWarmupLR(sgd())
    with pytest.raises(ValueError, match='end should be larger than begin'):
        QuadraticWarmupLR(sgd(), begin=3, end=3)
    build = QuadraticWarmupLR.build_iter_from_epoch
    with pytest.raises(ValueError, match='by_epoch is False, so begin and end count iterations'):
        build(sgd(), end=2, by_epoch=False, epoch_length=4)
    with pytest.raises(ValueError, match='epoch_length is None; expected 1 iteration or more'):
        build(sgd(), end=2)
    with pytest.raises(ValueError, match='has no `end`'):
        build(sgd(), epoch_length=4)

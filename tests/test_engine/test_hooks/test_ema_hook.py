from math import exp

import pytest
import torch
from mmengine.hooks import EMAHook

from mmpose.engine.hooks import ExpMomentumEMA
from mmpose.registry import MODELS


def linear(value):
    model = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.constant_(model.weight, value)
    return model


def test_momentum_falls():
    average = ExpMomentumEMA(linear(0.0), momentum=0.1, gamma=2)
    for steps in (0, 3, 1000):
        for given in (steps, torch.tensor(steps)):
            value = torch.zeros(2)
            average.avg_func(value, torch.ones(2), given)
            assert value.tolist() == pytest.approx([0.1 + 0.9 * exp(-(1 + steps) / 2)] * 2)


@pytest.mark.parametrize('dtype', [torch.float64, torch.bfloat16, torch.float16])
def test_other_types(dtype):
    value = torch.zeros(2, dtype=dtype)
    ExpMomentumEMA(linear(0.0), gamma=2).avg_func(value, torch.ones_like(value), torch.tensor(1))
    assert value.tolist() == pytest.approx([0.0002 + 0.9998 * exp(-1)] * 2, rel=1e-2)


def test_updates():
    average = ExpMomentumEMA(linear(5.0), momentum=0.5, gamma=1, interval=2)
    average.update_parameters(linear(1.0))  # the first copies
    assert average.module.weight.item() == 1
    average.update_parameters(linear(9.0))  # not due
    assert average.module.weight.item() == 1
    average.update_parameters(linear(2.0))  # after 2 updates
    assert average.module.weight.item() == pytest.approx(1 + 0.5 + 0.5 * exp(-3))


def test_buffers_are_averaged_where_asked():
    source = torch.nn.BatchNorm1d(1)
    copied, averaged = (
        ExpMomentumEMA(source, momentum=0.5, gamma=1, update_buffers=update)
        for update in (False, True)
    )
    for model in (copied, averaged):
        model.update_parameters(source)
    source.running_mean.fill_(1.0)
    for model in (copied, averaged):
        model.update_parameters(source)
    assert copied.module.running_mean.item() == 1
    assert averaged.module.running_mean.item() == pytest.approx(0.5 + 0.5 * exp(-2))


def test_configs_name_it(toy_runner):
    assert MODELS.get('ExpMomentumEMA') is ExpMomentumEMA
    hook = EMAHook(ema_type='ExpMomentumEMA', gamma=10)
    toy_runner(custom_hooks=[hook]).train()
    assert isinstance(hook.ema_model, ExpMomentumEMA)
    assert hook.ema_model.steps == 6


def test_errors():
    with pytest.raises(ValueError, match='gamma is 0; it counts updates and has to be positive'):
        ExpMomentumEMA(linear(0.0), gamma=0)

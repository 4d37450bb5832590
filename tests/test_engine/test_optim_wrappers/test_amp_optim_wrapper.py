import pytest
import torch
from mmengine.optim import AmpOptimWrapper as PlainAmpOptimWrapper

from mmpose.engine import AmpOptimWrapper
from mmpose.engine.hooks import InvalidLossHook
from mmpose.engine.hooks.invalid_loss_hook import InvalidLossError
from mmpose.engine.optim_wrappers import amp_optim_wrapper
from mmpose.registry import OPTIM_WRAPPERS

on_cpu = pytest.mark.skipif(torch.cuda.is_available(), reason='MMEngine would take the GPU')


def optimizer():
    return torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=1.0)


def test_it_stands_in_for_mmengines():
    assert OPTIM_WRAPPERS.get('AmpOptimWrapper') is AmpOptimWrapper
    assert issubclass(AmpOptimWrapper, PlainAmpOptimWrapper)


@on_cpu
@pytest.mark.parametrize('dtype', [None, 'bfloat16', torch.bfloat16])
def test_a_cpu_computes_in_bfloat16_and_does_not_scale(dtype):
    wrapper = AmpOptimWrapper(optimizer=optimizer(), dtype=dtype)
    layer = torch.nn.Linear(2, 1)
    with wrapper.optim_context(layer):
        assert layer(torch.ones(1, 2)).dtype is torch.bfloat16
    weight = wrapper.optimizer.param_groups[0]['params'][0]
    wrapper.update_params((3 * weight).sum())
    assert weight.item() == 1 - 3
    assert not wrapper.loss_scaler.is_enabled()


@on_cpu
def test_clipping_and_accumulation():
    wrapper = AmpOptimWrapper(
        optimizer=optimizer(), clip_grad=dict(max_norm=0.5), accumulative_counts=2
    )
    weight = wrapper.optimizer.param_groups[0]['params'][0]
    wrapper.update_params((3 * weight).sum())
    assert weight.item() == 1
    wrapper.update_params((3 * weight).sum())
    assert weight.item() == pytest.approx(0.5)


@on_cpu
@pytest.mark.parametrize('dtype', ['float16', torch.float16, 'float32'])
def test_a_cpu_refuses_other_types(dtype):
    with pytest.raises(ValueError, match=r"computes in 'bfloat16'\. Set `optim_wrapper\.dtype"):
        AmpOptimWrapper(optimizer=optimizer(), dtype=dtype)


@on_cpu
def test_states_move_between_devices():
    wrapper = AmpOptimWrapper(optimizer=optimizer())
    state = wrapper.state_dict()
    assert state['loss_scaler'] == {}
    wrapper.load_state_dict(dict(state))
    scale = dict(scale=8.0, growth_factor=2.0, backoff_factor=0.5, growth_interval=1)
    wrapper.load_state_dict(dict(state, loss_scaler=dict(scale, _growth_tracker=0)))
    wrapper.loss_scaler = torch.amp.GradScaler('cpu', init_scale=4.0)  # as on another device
    wrapper.load_state_dict(dict(state))
    assert wrapper.loss_scaler.get_scale() == 4


@on_cpu
def test_a_run(toy_runner):
    amp = dict(type='AmpOptimWrapper', optimizer=dict(type='Adam', lr=0.1), loss_scale='dynamic')
    runner = toy_runner(optim_wrapper=amp)
    runner.train()
    assert type(runner.optim_wrapper) is AmpOptimWrapper
    runner = toy_runner([float('nan')], optim_wrapper=amp, custom_hooks=[InvalidLossHook()])
    with pytest.raises(InvalidLossError):  # nothing would skip the update
        runner.train()


@pytest.mark.parametrize(('dtype', 'scale'), [('bfloat16', None), ('float16', 8.0), (None, 8.0)])
def test_a_gpu_scales_what_overflows(monkeypatch, dtype, scale):
    module = 'mmengine.optim.optimizer.amp_optimizer_wrapper'
    monkeypatch.setattr(f'{module}.is_cuda_available', lambda: True)
    monkeypatch.setattr(f'{module}.GradScaler', lambda **kw: torch.amp.GradScaler('cpu', **kw))
    monkeypatch.setattr(amp_optim_wrapper, 'get_device', lambda: 'cuda')
    wrapper = AmpOptimWrapper(loss_scale=8.0, dtype=dtype, optimizer=optimizer())
    assert wrapper.loss_scaler.is_enabled() == (scale is not None)
    assert wrapper._scale_update_param == scale
    assert wrapper.cast_dtype is (None if dtype is None else getattr(torch, dtype))

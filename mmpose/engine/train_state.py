"""What a training needs to go on exactly, beside weights, optimizer and counters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from mmengine.dist import gather_object, get_world_size
from mmengine.optim import OptimWrapper, OptimWrapperDict
from torch import nn

from .model_wrappers import unwrapped


def gather_process_states(
    model: nn.Module, optim_wrapper: OptimWrapper | OptimWrapperDict, own: dict[str, Any]
) -> list[dict] | None:
    """The states of all processes, in the first of them; ``None`` in the others.

    Beside what each gives, that is its buffers, as far as they differ from those of the first
    process, and the gradients that wait for the next update, on the CPU.

    Args:
        model: The model.
        optim_wrapper: What updates its weights.
        own: More of this process.
    """
    model = unwrapped(model)
    state = {**own, 'gradients': _waiting_gradients(model, optim_wrapper)}
    if get_world_size() > 1:
        state['buffers'] = {name: b.detach().cpu() for name, b in model.named_buffers()}
    states = gather_object(state)
    if states is None:
        return None
    common = states[0].pop('buffers', {})
    for other in states[1:]:
        other['buffers'] = {
            name: values
            for name, values in other['buffers'].items()
            if not torch.equal(values, common[name])
        }
    return states


def restore_process_state(model: nn.Module, state: Mapping[str, Any]) -> None:
    """Give a model the buffers and gradients that a process had.

    Args:
        model: The model, with the buffers of the first process.
        state: The one of the process from :func:`gather_process_states`.
    """
    model = unwrapped(model)
    buffers = dict(model.named_buffers())
    for name, values in state.get('buffers', {}).items():
        buffers[name].copy_(values)
    parameters = dict(model.named_parameters())
    for name, values in state['gradients'].items():
        parameters[name].grad = values.to(parameters[name])


def _waiting_gradients(
    model: nn.Module, optim_wrapper: OptimWrapper | OptimWrapperDict
) -> dict[str, torch.Tensor]:
    """Gradients that were accumulated and not yet used."""
    wrappers = getattr(optim_wrapper, 'optim_wrappers', {'': optim_wrapper}).values()
    if all(getattr(wrapper, '_accumulative_counts', 1) == 1 for wrapper in wrappers):
        return {}
    parameters = model.named_parameters()
    return {name: p.grad.cpu() for name, p in parameters if p.grad is not None}

"""The model inside the wrappers that distribute and compile it."""

from __future__ import annotations

from mmengine.model import is_model_wrapper
from torch import nn


def unwrapped(model: nn.Module) -> nn.Module:
    """The model without the wrappers of a distributed run and of :func:`torch.compile`.

    Args:
        model: A model, perhaps in several wrappers.
    """
    while True:
        if is_model_wrapper(model):
            model = model.module
        elif isinstance(compiled := getattr(model, '_orig_mod', None), nn.Module):
            model = compiled
        else:
            return model

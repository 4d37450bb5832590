"""Weights and random numbers that are the same with every version and build of PyTorch."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import numpy as np
import torch
from mmengine.logging import MessageHub
from torch import Tensor, nn


@torch.no_grad()
def draw_weights(model: nn.Module) -> None:
    """Draw anew all parameters that were initialised at random.

    Parameters of one value, as those of norm layers are, keep it. All others become normal
    numbers of standard deviation ``1 / sqrt(fan_in)``, 0.1 for vectors, from a generator that is
    seeded by the parameter's name. So they depend neither on the random numbers of PyTorch nor on
    the order in which a model makes its layers.
    """
    for name, weight in model.named_parameters():
        if weight.min() == weight.max():
            continue
        std = weight[0].numel() ** -0.5 if weight.dim() > 1 else 0.1
        numbers = np.random.RandomState(zlib.crc32(name.encode())).standard_normal(weight.shape)
        weight.copy_(torch.from_numpy(std * numbers))


@contextmanager
def steady() -> Iterator[None]:
    """One thread, dropout by numbers of NumPy, whose generators do not change, and no run."""
    hub, threads = MessageHub('training curve'), torch.get_num_threads()
    torch.set_num_threads(1)
    with (
        mock.patch.object(nn.functional, 'dropout', _dropout),
        mock.patch.object(MessageHub, 'get_current_instance', return_value=hub),
    ):
        try:
            yield
        finally:
            torch.set_num_threads(threads)


def seed(number: int) -> None:
    """Seed all generators."""
    random.seed(number)
    np.random.seed(number)
    torch.manual_seed(number)


def _dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """As :func:`torch.nn.functional.dropout`."""
    if not training or p == 0:
        return input
    kept = torch.from_numpy(np.random.random_sample(input.shape) >= p)
    return input * kept / (1 - p)

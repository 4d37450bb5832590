"""The random numbers of a process: kept, put back, and begun anew for a batch."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch


def random_state() -> dict[str, Any]:
    """The states of Python's, NumPy's and PyTorch's global generators, as plain values and tensors.

    That of CUDA is the current device's, and only there once CUDA is in use.
    """
    kind, keys, *rest = np.random.get_state()
    state = dict(
        python=random.getstate(), numpy=(kind, keys.tolist(), *rest), torch=torch.get_rng_state()
    )
    if torch.cuda.is_initialized():
        state['cuda'] = torch.cuda.get_rng_state()
    return state


def set_random_state(state: Mapping[str, Any]) -> None:
    """Go on with the random numbers from a state.

    Args:
        state: From :func:`random_state`, perhaps of another process.
    """
    kind, keys, *rest = state['numpy']
    random.setstate(state['python'])
    np.random.set_state((kind, np.array(keys, dtype=np.uint32), *rest))
    torch.set_rng_state(state['torch'].cpu())
    if 'cuda' in state and torch.cuda.is_available():
        torch.cuda.set_rng_state(state['cuda'].cpu())


def seed_loading(key: tuple[int, ...]) -> None:
    """Begin other random numbers, for work on the CPU.

    Args:
        key: Numbers of 0 or more; each row of them means random numbers of its own.
    """
    python, numpy, torch_ = np.random.SeedSequence(key).generate_state(3).tolist()
    random.seed(python)
    np.random.seed(numpy)
    torch.default_generator.manual_seed(torch_)

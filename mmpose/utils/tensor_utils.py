"""Conversions between arrays and tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor


def to_numpy(
    x: Tensor | np.ndarray | Sequence[Tensor], return_device: bool = False, unzip: bool = False
) -> Any:
    """The data of tensors as arrays: one array for a tensor, a list for a sequence.

    Args:
        x: A tensor or array, or a sequence of tensors or arrays; bfloat16 comes out as float32.
        return_device: Whether to return (arrays, device of the first tensor or 'cpu').
        unzip: Whether to regroup the B items of each of the sequence's batches: a list of B
            tuples that hold one (1, ...) array per batch.

    Raises:
        TypeError: ``x`` is something else.

    Example::

        >>> to_numpy([torch.zeros(2, 3), torch.zeros(2, 5)], unzip=True)[1][0].shape
        (1, 3)
    """
    if isinstance(x, (Tensor, np.ndarray)):
        arrays, first = _array(x), x
    elif isinstance(x, Sequence) and x and all(isinstance(v, (Tensor, np.ndarray)) for v in x):
        arrays, first = [_array(v) for v in x], x[0]
        if unzip:
            arrays = [tuple(v[None] for v in item) for item in zip(*arrays, strict=True)]
    else:
        raise TypeError(f'Expected a tensor, or a sequence of at least one, but got {_kind(x)}.')
    if return_device:
        return arrays, first.device if isinstance(first, Tensor) else 'cpu'
    return arrays


def to_tensor(
    x: np.ndarray | Tensor | Sequence[np.ndarray], device: Any | None = None
) -> Tensor | list[Tensor]:
    """The data of arrays as tensors: one tensor for an array, a list for a sequence.

    Args:
        x: An array or tensor, or a sequence of them.
        device: Where to put the tensors; ``None`` leaves them where they are.

    Raises:
        TypeError: ``x`` is something else.
    """
    if isinstance(x, np.ndarray):
        return torch.from_numpy(x).to(device)
    if isinstance(x, Tensor):
        return x.to(device)
    if isinstance(x, Sequence) and all(isinstance(v, (Tensor, np.ndarray)) for v in x):
        return [to_tensor(v, device) for v in x]
    raise TypeError(f'Expected an array or a sequence of arrays, but got {_kind(x)}.')


def _array(x: Tensor | np.ndarray) -> np.ndarray:
    if isinstance(x, np.ndarray):
        return x
    x = x.detach().cpu()
    return (x.float() if x.dtype is torch.bfloat16 else x).numpy()


def _kind(x: Any) -> str:
    if isinstance(x, Sequence) and not isinstance(x, str):
        return f'{type(x).__name__} of {sorted({type(v).__name__ for v in x})}'
    return type(x).__name__

"""Weights, masks, means, checks and the precision that the losses share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from functools import wraps
from typing import Any, TypeVar

import torch
from torch import Tensor

from ..utils.ops import to_float32

REDUCTIONS = ('mean', 'sum', 'none')
MODES = ('linear', 'square', 'log')

_Function = TypeVar('_Function', bound=Callable)


def full_precision(method: _Function) -> _Function:
    """A method of a loss that computes in single precision, or double where it is given double.

    Half precision overflows in the sums of a loss and underflows in its exponentials. So autocast
    is off inside, and tensors in half precision come as float32, in lists and dicts too.
    """

    @wraps(method)
    def in_full_precision(self: Any, *args: Any, **kwargs: Any) -> Any:
        device = next((x.device.type for x in _tensors((args, kwargs))), 'cpu')
        known = torch.amp.is_autocast_available(device)
        with torch.autocast(device, enabled=False) if known else nullcontext():
            return method(self, *_in_float32(args), **_in_float32(kwargs))

    return in_full_precision  # type: ignore[return-value]


def _tensors(values: Any) -> Iterator[Tensor]:
    if isinstance(values, Tensor):
        yield values
    elif isinstance(values, (list, tuple, dict)):
        for value in values.values() if isinstance(values, dict) else values:
            yield from _tensors(value)


def _in_float32(values: Any) -> Any:
    if isinstance(values, Tensor):
        return to_float32(values)
    if isinstance(values, dict):
        return {key: _in_float32(value) for key, value in values.items()}
    if isinstance(values, (list, tuple)):
        converted = [_in_float32(value) for value in values]
        return tuple(converted) if isinstance(values, tuple) else converted
    return values


def check_shapes(
    output: Tensor, target: Tensor, names: tuple[str, str] = ('output', 'target')
) -> None:
    """Check that a prediction and its target have one shape.

    Args:
        output: What the model predicts.
        target: What it is compared with.
        names: What the message calls the two.

    Raises:
        ValueError: They differ; the message says which setting to change.
    """
    if output.shape == target.shape:
        return
    mend = 'let the codec encode what the head predicts'
    if output.ndim > 1 and target.ndim > 1 and output.shape[1] != target.shape[1]:
        mend = (
            f'the model predicts {output.shape[1]} channels for {target.shape[1]} in the target: '
            "set the head's number of keypoints to that of the data set and of the codec"
        )
    elif output.ndim == target.ndim == 4 and output.shape[2:] != target.shape[2:]:
        mend = (
            "the maps differ in size: set the codec's `heatmap_size` (w, h) to "
            f'({output.shape[3]}, {output.shape[2]}), or change the input size'
        )
    raise ValueError(
        f'The {names[0]} is {tuple(output.shape)} and the {names[1]} {tuple(target.shape)}; {mend}.'
    )


def check_pairs(outputs: Sequence[Tensor], targets: Sequence[Tensor]) -> None:
    """Check predictions along several axes, such as SimCC's x and y, against their targets.

    Raises:
        ValueError: Their numbers or shapes differ.
    """
    if len(outputs) != len(targets):
        raise ValueError(
            f'There are {len(outputs)} outputs for {len(targets)} targets; give one of each for '
            'every axis.'
        )
    for output, target in zip(outputs, targets, strict=True):
        check_shapes(output, target)


def expand_weights(weights: Tensor, values: Tensor) -> Tensor:
    """Weights with as many axes as ``values``, to multiply them by.

    Args:
        weights: Of the shape of ``values``, or of its first axes; an axis of size 1 stands for
            any size.
        values: What is weighted, such as a loss per cell (B, K, H, W).

    Raises:
        ValueError: The shapes do not fit.
    """
    shape = tuple(weights.shape[: values.ndim])
    surplus = any(size != 1 for size in weights.shape[values.ndim :])
    if surplus or any(w not in (1, v) for w, v in zip(shape, values.shape, strict=False)):
        raise ValueError(
            f'The weights are {tuple(weights.shape)}; for values of {tuple(values.shape)} give '
            f'{tuple(values.shape[:2])} or the full shape.'
        )
    return weights.reshape(shape + (1,) * (values.ndim - len(shape)))


def weighted(values: Tensor, *weights: Tensor | None) -> Tensor:
    """The values times every weight.

    Args:
        values: (B, K, ...) losses, or coordinates.
        *weights: Factors as :func:`expand_weights` takes them; ``None`` is 1.
    """
    for weight in weights:
        if weight is not None:
            values = values * expand_weights(weight, values)
    return values


def reduced(values: Tensor, reduction: str = 'mean') -> Tensor:
    """The mean or the sum of the values, a scalar, or with 'none' the values.

    The mean of no values is 0, not NaN: a batch without instances teaches nothing.
    """
    if reduction == 'none':
        return values
    return values.sum() / (max(values.numel(), 1) if reduction == 'mean' else 1)


def weighted_mean(values: Tensor, *weights: Tensor | None) -> Tensor:
    """The mean of the weighted values over all of them, those of weight 0 included.

    Args:
        values: As for :func:`weighted`.
        *weights: As for :func:`weighted`.
    """
    return reduced(weighted(values, *weights))


def dissimilarity(similarity: Tensor, mode: str, shift: float = 0.0) -> Tensor:
    """Losses from similarities s: 1 - s for 'linear', 1 - s^2 for 'square', -log s for 'log'.

    Args:
        similarity: Of any shape, 1 where prediction and target are alike.
        mode: One of :data:`MODES`.
        shift: What 'log' adds to ``similarity``.
    """
    if mode == 'log':
        return -(similarity + shift).log()
    return 1 - (similarity if mode == 'linear' else similarity.square())

"""Tensor operations that several models share."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import Tensor, nn

from mmpose.registry import MODELS


def to_float32(values: Tensor) -> Tensor:
    """``values`` in single precision where they come in half: NumPy lacks it, and sums overflow."""
    return values.float() if values.dtype in (torch.float16, torch.bfloat16) else values


def tensor_beside(values: Any, other: Tensor, dtype: torch.dtype | None = None) -> Tensor:
    """Numbers as a tensor on the device of another, for which the host does not wait.

    Copies from memory that is not pinned, as of ``torch.tensor(..., device=...)`` or of lists in
    indices, stop the host until a GPU has done all it was given.

    Args:
        values: An array or nested lists.
        other: The other tensor.
        dtype: Type of the result; ``None`` is that of the values.
    """
    tensor = torch.as_tensor(values, dtype=dtype)
    if other.is_cuda:
        tensor = tensor.pin_memory()
    return tensor.to(other.device, non_blocking=True)


def resize(
    input: Tensor,
    size: tuple[int, int] | torch.Size | None = None,
    scale_factor: float | tuple[float, float] | None = None,
    mode: str = 'nearest',
    align_corners: bool | None = None,
    warning: bool = True,
) -> Tensor:
    """Feature maps resampled to ``size``, or by ``scale_factor``.

    Args:
        input: (B, C, H, W).
        size: (h, w) of the result; ``None`` where ``scale_factor`` is given.
        scale_factor: Factor for both sides, or one for each.
        mode: As in :func:`torch.nn.functional.interpolate`.
        align_corners: As in :func:`torch.nn.functional.interpolate`.
        warning: Whether to say so when ``align_corners`` enlarges a map by an uneven step.
    """
    if warning and align_corners and size is not None:
        _warn_of_uneven_corners(tuple(input.shape[2:]), tuple(size))
    return nn.functional.interpolate(input, size, scale_factor, mode, align_corners)


def _warn_of_uneven_corners(old: tuple[int, ...], new: tuple[int, ...]) -> None:
    # with aligned corners a map spans size - 1 steps, so only multiples of that keep old samples
    sides = list(zip(old, new, strict=True))
    if any(n > o for o, n in sides) and all(o > 1 < n and (n - 1) % (o - 1) for o, n in sides):
        even = tuple((o - 1) * max(1, (n - 1) // (o - 1)) + 1 for o, n in sides)
        warnings.warn(
            f'align_corners=True resamples {old} to {new} by an uneven step; '
            f'a size such as {even} keeps the old samples in place.',
            stacklevel=3,
        )


def inverse_sigmoid(x: Tensor, eps: float = 1e-3) -> Tensor:
    """The logits of probabilities.

    Args:
        x: Probabilities; what lies outside 0 to 1 is moved to its end.
        eps: Least probability and least counter-probability, so that the result stays finite.
    """
    x = x.clamp(0, 1)
    return (x.clamp(min=eps) / (1 - x).clamp(min=eps)).log()


@MODELS.register_module()
class FrozenBatchNorm2d(nn.Module):
    """Feature maps normalised with fixed statistics and a fixed affine map.

    Args:
        n: Number of channels.
        eps: What is added to the variance.
    """

    def __init__(self, n: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.eps = eps
        self.register_buffer('weight', torch.ones(n))
        self.register_buffer('bias', torch.zeros(n))
        self.register_buffer('running_mean', torch.zeros(n))
        self.register_buffer('running_var', torch.ones(n))

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *args, **kwargs) -> None:
        # the counter of an ordinary batch norm, which nothing here needs
        state_dict.pop(f'{prefix}num_batches_tracked', None)
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)

    def forward(self, x: Tensor) -> Tensor:
        """The normalised maps (B, C, H, W)."""
        return nn.functional.batch_norm(
            x, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps
        )

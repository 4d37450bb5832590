"""Blocks computed again in the backward pass."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint


def run_block(function: Callable[[Tensor], Tensor], x: Tensor, with_cp: bool) -> Tensor:
    """``function(x)``; with ``with_cp`` its inner results are not kept for the backward pass.

    Args:
        function: What the block computes.
        x: Its input.
        with_cp: Whether to compute it again in the backward pass, to save memory.
    """
    if with_cp and torch.is_grad_enabled():
        return checkpoint(function, x, use_reentrant=False)
    return function(x)

"""Optimisation in mixed precision, on a CPU too."""

from __future__ import annotations

from typing import Any

import torch
from mmengine.device import get_device
from mmengine.optim import AmpOptimWrapper as _AmpOptimWrapper
from mmengine.optim import OptimWrapper
from torch.amp import GradScaler

from mmpose.registry import OPTIM_WRAPPERS

_BFLOAT16 = ('bfloat16', torch.bfloat16)


@OPTIM_WRAPPERS.register_module()
class AmpOptimWrapper(_AmpOptimWrapper):
    """MMEngine's wrapper of this name, which a CPU may use as well.

    bfloat16, the only such type of a CPU, has the range of float32, so losses are not scaled then.

    Args:
        loss_scale: ``'dynamic'``, a constant, or the arguments of the gradient scaler; without
            effect in bfloat16.
        dtype: Type or name of the type to compute in; ``None`` for the device's default, which is
            float16 on CUDA and bfloat16 on a CPU.
        use_fsdp: Whether the gradients of a sharded model are to be scaled.
        **kwargs: Arguments of :class:`mmengine.optim.OptimWrapper`.

    Raises:
        ValueError: A CPU is to compute in another type than bfloat16.
    """

    def __init__(
        self,
        loss_scale: str | float | dict = 'dynamic',
        dtype: str | torch.dtype | None = None,
        use_fsdp: bool = False,
        **kwargs: Any,
    ) -> None:
        device = get_device()
        if device != 'cpu':
            super().__init__(loss_scale, dtype, use_fsdp, **kwargs)
        elif dtype in (None, *_BFLOAT16):
            OptimWrapper.__init__(self, **kwargs)  # MMEngine's own constructor refuses a CPU
            self.cast_dtype = torch.bfloat16
        else:
            raise ValueError(
                f"dtype is {dtype!r}; mixed precision on a CPU computes in 'bfloat16'. Set "
                "`optim_wrapper.dtype='bfloat16'`, or train on a GPU."
            )
        if self.cast_dtype is torch.bfloat16:
            self._scale_update_param = None
            self.loss_scaler = GradScaler(device, enabled=False)

    def load_state_dict(self, state_dict: dict) -> None:
        """Load the state of the optimizer and of the loss scale.

        Args:
            state_dict: Of a run in any type; bfloat16 has no scale, so this wrapper keeps its own.
        """
        if not state_dict.get('loss_scaler', True):
            state_dict = {key: v for key, v in state_dict.items() if key != 'loss_scaler'}
        super().load_state_dict(state_dict)

"""Training with weights, gradients and optimizer spread over processes."""

from __future__ import annotations

from typing import Any

from mmengine._strategy import FSDPStrategy as _FSDPStrategy
from mmengine.device import get_device
from torch import nn
from torch.distributed.fsdp import FullyShardedDataParallel

_OF_THE_OPTIMIZER = ('state', 'param_groups')


class FSDPStrategy(_FSDPStrategy):
    """MMEngine's strategy of this name, whose checkpoints can be resumed from.

    MMEngine hands the state of the optimizer to PyTorch in an order that PyTorch 2.1 changed. A
    config names this class by its path and ``runner_type='FlexibleRunner'``. Processes without a
    GPU can use it once their group is there, which is good for tests alone.

    Args:
        **kwargs: Those of :class:`mmengine._strategy.FSDPStrategy`, such as ``model_wrapper``, and
            ``state_dict_cfg='full'`` for checkpoints that any runner can load.

    Raises:
        RuntimeError: There is one process only.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not self.distributed:
            raise RuntimeError(
                'FSDPStrategy spreads a model over processes, but this one is alone; start them '
                'with torchrun and --launcher pytorch.'
            )

    def optim_state_dict(self) -> dict:
        """The state of the optimizer, as ``state_dict_cfg`` says, and of its wrapper."""
        rest = self.optim_wrapper.state_dict()
        for name in _OF_THE_OPTIMIZER:
            rest.pop(name)
        state = FullyShardedDataParallel.optim_state_dict(self.model, self.optim_wrapper.optimizer)
        return {**state, **rest}

    def load_optim_state_dict(self, state_dict: dict) -> None:
        """Load what :meth:`optim_state_dict` made.

        Args:
            state_dict: Of this process; in full, of them all.
        """
        rest = {key: v for key, v in state_dict.items() if key not in _OF_THE_OPTIMIZER}
        state = FullyShardedDataParallel.optim_state_dict_to_load(
            self.model,
            self.optim_wrapper.optimizer,
            {key: state_dict[key] for key in _OF_THE_OPTIMIZER},
        )
        self.optim_wrapper.load_state_dict({**state, **rest})

    def _wrap_model(self, model: nn.Module) -> nn.Module:
        if get_device() == 'cpu':  # MMEngine gives the number of a GPU
            self.model_wrapper = dict(self.model_wrapper or {}, device_id='cpu')
        return super()._wrap_model(model)

"""A moving average of a model's weights that begins fast."""

from __future__ import annotations

import torch
from mmengine.model import ExponentialMovingAverage
from torch import Tensor, nn

from mmpose.registry import MODELS


@MODELS.register_module()
class ExpMomentumEMA(ExponentialMovingAverage):
    """An exponential moving average whose momentum falls from about 1 to ``momentum``.

    So early weights are soon forgotten. After t updates the momentum is
    ``momentum + (1 - momentum) * exp(-(1 + t) / gamma)``, as in
    `Ge et al., 2021, YOLOX <https://arxiv.org/abs/2107.08430>`_. Configs name this class as
    ``ema_type`` of MMEngine's ``EMAHook``.

    Args:
        model: The model; it is copied.
        momentum: Weight of the newest value in the end, between 0 and 1.
        gamma: Number of updates in which the surplus falls to 1/e of itself.
        interval: In updates.
        device: Where the average lies; ``None`` for the model's own.
        update_buffers: Whether buffers are averaged too, instead of copied.

    Raises:
        ValueError: ``gamma`` is not positive.
    """

    def __init__(
        self,
        model: nn.Module,
        momentum: float = 0.0002,
        gamma: int = 2000,
        interval: int = 1,
        device: torch.device | None = None,
        update_buffers: bool = False,
    ) -> None:
        if gamma <= 0:
            raise ValueError(f'gamma is {gamma}; it counts updates and has to be positive.')
        super().__init__(model, momentum, interval, device, update_buffers)
        self.gamma = gamma

    def avg_func(self, averaged_param: Tensor, source_param: Tensor, steps: Tensor | int) -> None:
        """Move an average towards a new value, in place.

        Args:
            averaged_param: The average.
            source_param: The new value, of the same shape.
            steps: How many updates there have been.
        """
        # `steps` lies on the device: reading it would wait for the device at every parameter
        surplus = torch.exp(-(1 + torch.as_tensor(steps)) / self.gamma)
        momentum = self.momentum + (1 - self.momentum) * surplus
        averaged_param.lerp_(source_param, momentum.to(averaged_param))

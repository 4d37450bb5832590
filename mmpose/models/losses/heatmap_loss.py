"""Losses of heatmaps."""

from __future__ import annotations

from torch import Tensor, nn

from mmpose.registry import MODELS

from ..utils.ops import to_float32
from .reduction import check_shapes, expand_weights, weighted_mean


@MODELS.register_module()
class KeypointMSELoss(nn.Module):
    """The mean squared error of heatmaps.

    The mean runs over every cell, of weight 0 too, as in `Xiao et al., 2018, Simple Baselines
    <https://arxiv.org/abs/1804.06208>`_ (there with a factor of 1/2).

    Args:
        use_target_weight: Without effect, as in every release: weights apply where they are given.
        skip_empty_channel: Whether channels whose target is all zero count nothing.
        loss_weight: Factor of the loss.
    """

    def __init__(
        self,
        use_target_weight: bool = False,
        skip_empty_channel: bool = False,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__()
        self.use_target_weight = use_target_weight
        self.skip_empty_channel = skip_empty_channel
        self.loss_weight = loss_weight

    def forward(
        self,
        output: Tensor,
        target: Tensor,
        target_weights: Tensor | None = None,
        mask: Tensor | None = None,
    ) -> Tensor:
        """The loss, a scalar.

        Args:
            output: (B, K, H, W) predicted heatmaps.
            target: (B, K, H, W) true heatmaps.
            target_weights: (B, K) or (B, K, H, W); ``None`` is 1.
            mask: (B, 1 or K, H, W) cells that count; ``None`` is all.

        Raises:
            ValueError: The shapes do not fit.
        """
        check_shapes(output, target)
        errors = nn.functional.mse_loss(to_float32(output), to_float32(target), reduction='none')
        weights = None if target_weights is None else expand_weights(target_weights, target)
        filled = (target != 0).any(-1).any(-1)[..., None, None] if self.skip_empty_channel else None
        return weighted_mean(errors, weights, mask, filled) * self.loss_weight

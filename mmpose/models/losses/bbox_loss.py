"""Losses of bounding boxes."""

from __future__ import annotations

from torch import Tensor, nn

from mmpose.registry import MODELS
from mmpose.structures.bbox import bbox_overlaps
from mmpose.utils.checks import check_choice

from .reduction import (
    MODES,
    REDUCTIONS,
    check_shapes,
    dissimilarity,
    full_precision,
    reduced,
    weighted,
)


@MODELS.register_module()
class IoULoss(nn.Module):
    """What the intersection over union (IoU) of boxes lacks to 1.

    'log' is the loss of `Yu et al., 2016, UnitBox <https://arxiv.org/abs/1608.01471>`_.

    Args:
        reduction: 'mean' or 'sum' over the boxes, or 'none'.
        mode: What becomes of the IoU s: 'linear', 1 - s; 'square', 1 - s^2; 'log', -log s.
        eps: Lower limit of the IoU.
        loss_weight: Factor of the loss.
    """

    def __init__(
        self,
        reduction: str = 'mean',
        mode: str = 'log',
        eps: float = 1e-16,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__()
        check_choice('reduction', reduction, REDUCTIONS)
        check_choice('mode', mode, MODES)
        self.reduction = reduction
        self.mode = mode
        self.eps = eps
        self.loss_weight = loss_weight

    @full_precision
    def forward(
        self, output: Tensor, target: Tensor, target_weight: Tensor | None = None
    ) -> Tensor:
        """The loss, a scalar, or (N,) with ``reduction='none'``.

        Args:
            output: (N, 4) predicted boxes, xyxy.
            target: (N, 4) true boxes, xyxy.
            target_weight: (N,); ``None`` is 1.

        Raises:
            ValueError: The shapes do not fit.
        """
        check_shapes(output, target)
        overlaps = bbox_overlaps(output, target, is_aligned=True).clamp(min=self.eps)
        losses = weighted(dissimilarity(overlaps, self.mode), target_weight)
        return reduced(losses, self.reduction) * self.loss_weight

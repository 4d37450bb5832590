"""Losses of probabilities and embeddings."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from mmpose.registry import MODELS
from mmpose.utils.checks import check_choice, check_positive

from .base_loss import WeightedLoss
from .distribution_loss import JSDiscretLoss, KLDiscretLoss
from .reduction import (
    REDUCTIONS,
    check_shapes,
    full_precision,
    reduced,
    weighted,
)

__all__ = ['BCELoss', 'InfoNCELoss', 'JSDiscretLoss', 'KLDiscretLoss', 'VariFocalLoss']


@MODELS.register_module()
class BCELoss(WeightedLoss):
    """The binary cross entropy.

    Args:
        use_target_weight: Whether weights count.
        loss_weight: Factor of the loss.
        reduction: 'mean' or 'sum' over all values, or 'none'.
        use_sigmoid: Whether the outputs have been through a sigmoid and are probabilities; if
            not, they are logits.
    """

    def __init__(
        self,
        use_target_weight: bool = False,
        loss_weight: float = 1.0,
        reduction: str = 'mean',
        use_sigmoid: bool = False,
    ) -> None:
        super().__init__(use_target_weight, loss_weight)
        check_choice('reduction', reduction, REDUCTIONS)
        self.reduction = reduction
        self.use_sigmoid = use_sigmoid

    @full_precision
    def forward(
        self, output: Tensor, target: Tensor, target_weight: Tensor | None = None
    ) -> Tensor:
        """The loss, a scalar, or of the shape of ``output`` with ``reduction='none'``.

        Args:
            output: (N, K) logits or probabilities.
            target: (N, K) labels in 0..1.
            target_weight: (N,) or (N, K).

        Raises:
            ValueError: The shapes do not fit, or the weights are missing.
        """
        check_shapes(output, target)
        criterion = F.binary_cross_entropy
        if not self.use_sigmoid:
            criterion = F.binary_cross_entropy_with_logits
        losses = weighted(criterion(output, target, reduction='none'), self.used(target_weight))
        return reduced(losses, self.reduction) * self.loss_weight


@MODELS.register_module()
class VariFocalLoss(WeightedLoss):
    r"""The varifocal loss: `Zhang et al., 2021, VarifocalNet <https://arxiv.org/abs/2008.13367>`_.

    The binary cross entropy of logits, weighted by the target itself where it is positive, and by
    :math:`\alpha p^\gamma` with the predicted probability p where it is 0, so that easy negatives
    count little.

    Args:
        use_target_weight: Whether weights count.
        loss_weight: Factor of the loss.
        reduction: 'mean' or 'sum' over all values, or 'none'.
        alpha: Factor of the negatives.
        gamma: Exponent of the negatives.
    """

    def __init__(
        self,
        use_target_weight: bool = False,
        loss_weight: float = 1.0,
        reduction: str = 'mean',
        alpha: float = 0.75,
        gamma: float = 2.0,
    ) -> None:
        super().__init__(use_target_weight, loss_weight)
        check_choice('reduction', reduction, REDUCTIONS)
        self.reduction = reduction
        self.alpha = alpha
        self.gamma = gamma

    def criterion(self, output: Tensor, target: Tensor) -> Tensor:
        """The loss of each value, without weights.

        Args:
            output: (N, C) logits; the cross entropy limits them to -10..10.
            target: (N, C) in 0..1, such as the overlap with the true box.
        """
        negative = (target <= 1e-4).to(output)
        focus = self.alpha * output.sigmoid() ** self.gamma * negative + target
        limited = output.clamp(-10, 10)
        return F.binary_cross_entropy_with_logits(limited, target, reduction='none') * focus

    @full_precision
    def forward(
        self, output: Tensor, target: Tensor, target_weight: Tensor | None = None
    ) -> Tensor:
        """The loss, a scalar, or (N, C) with ``reduction='none'``.

        Args:
            output: (N, C) logits.
            target: (N, C) in 0..1.
            target_weight: (N,) or (N, C).

        Raises:
            ValueError: The shapes do not fit, or the weights are missing.
        """
        check_shapes(output, target)
        losses = weighted(self.criterion(output, target), self.used(target_weight))
        return reduced(losses, self.reduction) * self.loss_weight


@MODELS.register_module()
class InfoNCELoss(nn.Module):
    """The contrastive loss that tells each embedding from all others.

    The cross entropy of each embedding's cosine similarities to all of them, with itself as the
    true class, summed over the embeddings: `van den Oord et al., 2018, Contrastive Predictive
    Coding <https://arxiv.org/abs/1807.03748>`_, used between instances by Wang and Zhang, 2022,
    CID.

    Args:
        temperature: Divisor of the similarities.
        loss_weight: Factor of the loss.
    """

    def __init__(self, temperature: float = 1.0, loss_weight: float = 1.0) -> None:
        super().__init__()
        check_positive('temperature', temperature, several=False)
        self.temperature = temperature
        self.loss_weight = loss_weight

    @full_precision
    def forward(self, features: Tensor) -> Tensor:
        """The loss, a scalar.

        Args:
            features: (N, C) embeddings of N instances.
        """
        features = F.normalize(features, dim=1)
        logits = features @ features.T / self.temperature
        own = torch.arange(len(features), device=features.device)
        return F.cross_entropy(logits, own, reduction='sum') * self.loss_weight

"""The likelihood of coordinates under a learned distribution of errors."""

from __future__ import annotations

import math

from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from mmpose.registry import MODELS
from mmpose.utils.checks import check_choice

from ..utils.realnvp import RealNVP
from .base_loss import WeightedLoss
from .reduction import check_shapes, full_precision, weighted


@MODELS.register_module()
class RLELoss(WeightedLoss):
    r"""Residual log-likelihood estimation (RLE).

    From `Li et al., 2021, Human Pose Regression with Residual Log-likelihood Estimation
    <https://arxiv.org/abs/2107.11291>`_. The error, divided by the predicted scale :math:`\sigma`,
    follows a density that a :class:`~mmpose.models.utils.realnvp.RealNVP` learns beside the model;
    the loss is its negative logarithm, summed over keypoints and axes. With ``residual`` a simple
    density is added, of which the flow then learns the rest.

    Args:
        use_target_weight: Whether weights count.
        size_average: Whether the sum is divided by the number of samples.
        residual: Whether to add the negative logarithm of the simple density.
        q_distribution: The simple density, 'laplace' or 'gaussian'.
        loss_weight: Factor of the loss.
    """

    def __init__(
        self,
        use_target_weight: bool = False,
        size_average: bool = True,
        residual: bool = True,
        q_distribution: str = 'laplace',
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__(use_target_weight, loss_weight)
        check_choice('q_distribution', q_distribution, ('laplace', 'gaussian'))
        self.size_average = size_average
        self.residual = residual
        self.q_distribution = q_distribution
        self.flow_model = RealNVP()

    @full_precision
    def forward(
        self, pred: Tensor, sigma: Tensor, target: Tensor, target_weight: Tensor | None = None
    ) -> Tensor:
        r"""The loss, a scalar.

        Args:
            pred: (B, K, 2) predicted coordinates.
            sigma: (B, K, 2) predicted scales before the sigmoid that makes them
                :math:`\sigma` in 0..1.
            target: (B, K, 2) true coordinates.
            target_weight: (B, K) or (B, K, 2).

        Raises:
            ValueError: The shapes do not fit, or the weights are missing.
        """
        check_shapes(pred, target)
        check_shapes(pred, sigma, names=('output', 'sigma'))
        error = (pred - target) / (sigma.sigmoid() + 1e-9)
        log_sigma = F.logsigmoid(sigma)
        log_flow = self.flow_model.log_prob(error.reshape(-1, 2)).reshape(*error.shape[:-1], 1)
        losses = log_sigma - log_flow
        if self.residual:
            losses = losses + log_sigma + self._negative_log_of_q(error)
        losses = weighted(losses, self.used(target_weight))
        count = max(len(losses), 1) if self.size_average else 1
        return losses.sum() / count * self.loss_weight

    def _negative_log_of_q(self, error: Tensor) -> Tensor:
        """That of the density of scale 1."""
        if self.q_distribution == 'laplace':
            return math.log(2) + error.abs()
        return math.log(2 * math.pi) / 2 + error.square() / 2

"""Losses of coordinates; those of whole poses stand in files of their own and are listed here."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from mmpose.registry import MODELS
from mmpose.utils.checks import check_choice, check_positive

from .base_loss import ScaledLoss, WeightedLoss
from .oks_loss import OKSLoss
from .pose_3d_loss import BoneLoss, MPJPELoss, MPJPEVelocityJointLoss, SemiSupervisionLoss
from .reduction import (
    REDUCTIONS,
    check_shapes,
    full_precision,
    reduced,
    weighted,
)
from .rle_loss import RLELoss

__all__ = [
    'BoneLoss',
    'L1Loss',
    'MPJPELoss',
    'MPJPEVelocityJointLoss',
    'MSELoss',
    'OKSLoss',
    'RLELoss',
    'SemiSupervisionLoss',
    'SmoothL1Loss',
    'SoftWeightSmoothL1Loss',
    'SoftWingLoss',
    'WingLoss',
]


@MODELS.register_module()
class MSELoss(ScaledLoss):
    """The mean squared error.

    Args:
        use_target_weight: As in :class:`ScaledLoss`.
        loss_weight: As in :class:`ScaledLoss`.
    """

    def criterion(self, pred: Tensor, target: Tensor) -> Tensor:
        """The loss without weights; as in :class:`ScaledLoss`."""
        return reduced((pred - target).square())


@MODELS.register_module()
class L1Loss(ScaledLoss):
    """The absolute error.

    Args:
        reduction: 'mean' or 'sum' over all coordinates, or 'none'.
        use_target_weight: As in :class:`ScaledLoss`.
        loss_weight: As in :class:`ScaledLoss`.
    """

    def __init__(
        self,
        reduction: str = 'mean',
        use_target_weight: bool = False,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__(use_target_weight, loss_weight)
        check_choice('reduction', reduction, REDUCTIONS)
        self.reduction = reduction

    def criterion(self, pred: Tensor, target: Tensor) -> Tensor:
        """The loss without weights; as in :class:`ScaledLoss`."""
        return reduced((pred - target).abs(), self.reduction)


@MODELS.register_module()
class SmoothL1Loss(ScaledLoss):
    """The mean smooth absolute error: d^2 / 2 for errors d below 1, d - 1/2 above.

    From `Girshick, 2015, Fast R-CNN <https://arxiv.org/abs/1504.08083>`_.

    Args:
        use_target_weight: As in :class:`ScaledLoss`.
        loss_weight: As in :class:`ScaledLoss`.
    """

    def criterion(self, pred: Tensor, target: Tensor) -> Tensor:
        """The loss without weights; as in :class:`ScaledLoss`."""
        return reduced(F.smooth_l1_loss(pred, target, reduction='none'))


@MODELS.register_module()
class SoftWeightSmoothL1Loss(WeightedLoss):
    """The smooth absolute error with weights on the loss, not on the coordinates.

    Used by `Geng et al., 2021, DEKR <https://arxiv.org/abs/2104.02300>`_ for displacement maps.

    Args:
        use_target_weight: Whether weights count.
        supervise_empty: Whether the mean runs over all values; if not, the sum of the weighted
            losses is divided by the number of positive weights.
        beta: Error up to which the loss is d^2 / (2 beta), and above which it is d - beta / 2.
        loss_weight: Factor of the loss.
    """

    def __init__(
        self,
        use_target_weight: bool = False,
        supervise_empty: bool = True,
        beta: float = 1.0,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__(use_target_weight, loss_weight)
        if beta < 0:
            raise ValueError(f'beta is {beta}; set it to 0, for the absolute error, or above.')
        self.supervise_empty = supervise_empty
        self.beta = beta

    @staticmethod
    def smooth_l1_loss(
        input: Tensor, target: Tensor, reduction: str = 'none', beta: float = 1.0
    ) -> Tensor:
        """The smooth absolute error without weights.

        Args:
            input: Predictions of any shape.
            target: Of the shape of ``input``.
            reduction: 'mean', 'sum' or 'none'.
            beta: As for the class.

        Raises:
            ValueError: Unknown ``reduction``.
        """
        check_choice('reduction', reduction, REDUCTIONS)
        return reduced(F.smooth_l1_loss(input, target, reduction='none', beta=beta), reduction)

    @full_precision
    def forward(
        self, output: Tensor, target: Tensor, target_weight: Tensor | None = None
    ) -> Tensor:
        """The loss, a scalar.

        Args:
            output: (B, K, ...) predictions, such as (B, K, D) coordinates.
            target: Of the shape of ``output``.
            target_weight: (B, K), or the shape of ``output``.

        Raises:
            ValueError: The shapes do not fit, or the weights are missing.
        """
        check_shapes(output, target)
        weights = self.used(target_weight)
        losses = weighted(self.smooth_l1_loss(output, target, beta=self.beta), weights)
        if weights is None or self.supervise_empty:
            return reduced(losses) * self.loss_weight
        return losses.sum() / (weights > 0).sum().clamp(min=1) * self.loss_weight


@MODELS.register_module()
class WingLoss(ScaledLoss):
    r"""The wing loss.

    From `Feng et al., 2018, Wing Loss <https://arxiv.org/abs/1711.06753>`_. An error d costs
    :math:`\omega \log(1 + d / \epsilon)` below :math:`\omega`, and above it d less a constant that
    joins the two. The loss is the sum over a sample, averaged over samples.

    Args:
        omega: Error at which the logarithm ends.
        epsilon: Curvature near 0.
        use_target_weight: As in :class:`ScaledLoss`.
        loss_weight: As in :class:`ScaledLoss`.
    """

    def __init__(
        self,
        omega: float = 10.0,
        epsilon: float = 2.0,
        use_target_weight: bool = False,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__(use_target_weight, loss_weight)
        check_positive('omega', omega, several=False)
        check_positive('epsilon', epsilon, several=False)
        self.omega = omega
        self.epsilon = epsilon
        self.C = omega * (1.0 - math.log(1.0 + omega / epsilon))

    def criterion(self, pred: Tensor, target: Tensor) -> Tensor:
        """The loss without weights; as in :class:`ScaledLoss`."""
        error = (target - pred).abs()
        curve = self.omega * (error / self.epsilon).log1p()
        return _mean_of_sums(torch.where(error < self.omega, curve, error - self.C))


@MODELS.register_module()
class SoftWingLoss(ScaledLoss):
    r"""The soft wing loss.

    From `Lin et al., 2021, Structure-Coherent Deep Feature Learning for Robust Face Alignment
    <https://doi.org/10.1109/TIP.2021.3082319>`_. An error d costs d below :math:`\omega_1`, and
    above it :math:`\omega_2 \log(1 + d / \epsilon)` plus a constant that joins the two. The loss is
    the sum over a sample, averaged over samples.

    Args:
        omega1: Error at which the logarithm begins.
        omega2: Scale of the logarithm.
        epsilon: Curvature of the logarithm.
        use_target_weight: As in :class:`ScaledLoss`.
        loss_weight: As in :class:`ScaledLoss`.
    """

    def __init__(
        self,
        omega1: float = 2.0,
        omega2: float = 20.0,
        epsilon: float = 0.5,
        use_target_weight: bool = False,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__(use_target_weight, loss_weight)
        check_positive('omega1', omega1, several=False)
        check_positive('omega2', omega2, several=False)
        check_positive('epsilon', epsilon, several=False)
        self.omega1 = omega1
        self.omega2 = omega2
        self.epsilon = epsilon
        self.B = omega1 - omega2 * math.log(1.0 + omega1 / epsilon)

    def criterion(self, pred: Tensor, target: Tensor) -> Tensor:
        """The loss without weights; as in :class:`ScaledLoss`."""
        error = (target - pred).abs()
        curve = self.omega2 * (error / self.epsilon).log1p() + self.B
        return _mean_of_sums(torch.where(error < self.omega1, error, curve))


def _mean_of_sums(losses: Tensor) -> Tensor:
    return losses.sum() / max(len(losses), 1)

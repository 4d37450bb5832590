"""Losses of heatmaps."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mmpose.registry import MODELS
from mmpose.utils.checks import check_positive

from .base_loss import ScaledLoss, WeightedLoss
from .distribution_loss import MLECCLoss
from .reduction import (
    check_shapes,
    full_precision,
    reduced,
    weighted,
    weighted_mean,
)

__all__ = [
    'AdaptiveWingLoss',
    'CombinedTargetMSELoss',
    'FocalHeatmapLoss',
    'KeypointMSELoss',
    'KeypointOHKMMSELoss',
    'MLECCLoss',
]


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

    @full_precision
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
        filled = (target != 0).any(-1).any(-1) if self.skip_empty_channel else None
        return self.criterion(output, target, target_weights, mask, filled) * self.loss_weight

    def criterion(self, output: Tensor, target: Tensor, *weights: Tensor | None) -> Tensor:
        """The loss without ``loss_weight``.

        Args:
            output: (B, K, H, W).
            target: (B, K, H, W).
            *weights: Factors of the cells, as :func:`~.reduction.weighted` takes them.
        """
        return weighted_mean((output - target).square(), *weights)


@MODELS.register_module()
class FocalHeatmapLoss(KeypointMSELoss):
    r"""The focal loss of heatmaps, for each true keypoint.

    With prediction p and target y, each cell costs :math:`-(1 - p)^\alpha \log p` where y = 1 and
    :math:`-(1 - y)^\beta p^\alpha \log(1 - p)` elsewhere. The sum is divided by the weighted
    number of cells with y = 1, or by 1 where there is none. From `Law and Deng, 2018, CornerNet
    <https://arxiv.org/abs/1808.01244>`_.

    Args:
        alpha: Exponent that lets easy cells count less.
        beta: Exponent that lets cells near a keypoint count less.
        use_target_weight: As in :class:`KeypointMSELoss`.
        skip_empty_channel: As in :class:`KeypointMSELoss`.
        loss_weight: As in :class:`KeypointMSELoss`.
    """

    def __init__(
        self,
        alpha: int = 2,
        beta: int = 4,
        use_target_weight: bool = False,
        skip_empty_channel: bool = False,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__(use_target_weight, skip_empty_channel, loss_weight)
        self.alpha = alpha
        self.beta = beta

    def criterion(self, output: Tensor, target: Tensor, *weights: Tensor | None) -> Tensor:
        """The loss without ``loss_weight``; ``output`` holds probabilities.

        Args:
            output: (B, K, H, W), each in 0..1.
            target: (B, K, H, W), 1 at a keypoint.
            *weights: As in :class:`KeypointMSELoss`.
        """
        positive = weighted((target == 1).to(output), *weights)
        negative = weighted(((1 - target) ** self.beta).where(target < 1, 0), *weights)
        losses = -positive * _safe_log(output) * (1 - output) ** self.alpha
        losses = losses - negative * _safe_log(1 - output) * output**self.alpha
        count = positive.sum()
        return losses.sum() / torch.where(count > 0, count, 1)


def _safe_log(probability: Tensor) -> Tensor:
    # a saturated sigmoid gives 0, whose logarithm times a factor of 0 would be NaN
    return probability.clamp(min=1e-12).log()


@MODELS.register_module()
class CombinedTargetMSELoss(WeightedLoss):
    """The mean squared error of heatmaps and of the offsets beside them.

    Half the squared error of the heatmap plus, for x and y, half that of the offset, which the
    true heatmap multiplies so that it counts near the keypoint: `Huang et al., 2020, The Devil is
    in the Details <https://arxiv.org/abs/1911.07524>`_. Weights scale prediction and target
    before the square.

    Args:
        use_target_weight: Whether weights count.
        loss_weight: Factor of the loss.
    """

    @full_precision
    def forward(
        self, output: Tensor, target: Tensor, target_weights: Tensor | None = None
    ) -> Tensor:
        """The loss, a scalar.

        Args:
            output: (B, 3K, H, W) heatmap, x offset and y offset of each keypoint in turn.
            target: (B, 3K, H, W).
            target_weights: (B, K).

        Raises:
            ValueError: The shapes do not fit, or the weights are missing.
        """
        check_shapes(output, target)
        if output.shape[1] % 3:
            raise ValueError(
                f'The output has {output.shape[1]} channels, which are no triples of heatmap, x '
                "and y offset; set the head's `out_channels` to 3 times the number of keypoints."
            )
        heatmap, *offsets = output.unflatten(1, (-1, 3)).unbind(2)
        true_heatmap, *true_offsets = target.unflatten(1, (-1, 3)).unbind(2)
        errors = (heatmap - true_heatmap).square()
        for offset, true_offset in zip(offsets, true_offsets, strict=True):
            errors = errors + (true_heatmap * (offset - true_offset)).square()
        weights = self.used(target_weights)
        return weighted_mean(errors, weights, weights) * 0.5 * self.loss_weight


@MODELS.register_module()
class KeypointOHKMMSELoss(WeightedLoss):
    """The mean squared error of the hardest keypoints of each sample.

    Online hard keypoint mining: `Chen et al., 2018, Cascaded Pyramid Network
    <https://arxiv.org/abs/1711.07319>`_. Weights scale prediction and target before the square.

    Args:
        use_target_weight: Whether weights count.
        topk: Number of keypoints per sample that count, those with the largest errors.
        loss_weight: Factor of the loss.
    """

    def __init__(
        self, use_target_weight: bool = False, topk: int = 8, loss_weight: float = 1.0
    ) -> None:
        super().__init__(use_target_weight, loss_weight)
        check_positive('topk', topk, several=False)
        self.topk = topk

    @full_precision
    def forward(
        self, output: Tensor, target: Tensor, target_weights: Tensor | None = None
    ) -> Tensor:
        """The loss, a scalar.

        Args:
            output: (B, K, H, W) predicted heatmaps.
            target: (B, K, H, W) true heatmaps.
            target_weights: (B, K).

        Raises:
            ValueError: The shapes do not fit, the weights are missing, or K is below ``topk``.
        """
        check_shapes(output, target)
        if self.topk > output.shape[1]:
            raise ValueError(
                f'topk is {self.topk} but there are {output.shape[1]} keypoints; set '
                f'`topk` to {output.shape[1]} or less.'
            )
        weights = self.used(target_weights)
        errors = weighted((output - target).square(), weights, weights).mean((2, 3))
        return reduced(errors.topk(self.topk, dim=1).values) * self.loss_weight


@MODELS.register_module()
class AdaptiveWingLoss(ScaledLoss):
    r"""The adaptive wing loss of heatmaps.

    From `Wang et al., 2019, Adaptive Wing Loss <https://arxiv.org/abs/1904.07399>`_. An error d at
    a cell with target y costs :math:`\omega \log(1 + (d / \epsilon)^{\alpha - y})` below
    :math:`\theta` and goes on in a straight line above, with the slope that it has there. Weights
    scale prediction and target before the formula.

    Args:
        alpha: Exponent for a target of 0; above 2, so that the loss is smooth for all y in 0..1.
        omega: Scale.
        epsilon: Curvature near 0.
        theta: Error at which the curve becomes a line.
        use_target_weight: Whether weights count.
        loss_weight: Factor of the loss.
    """

    def __init__(
        self,
        alpha: float = 2.1,
        omega: float = 14,
        epsilon: float = 1,
        theta: float = 0.5,
        use_target_weight: bool = False,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__(use_target_weight, loss_weight)
        check_positive('alpha', alpha, several=False)
        check_positive('omega', omega, several=False)
        check_positive('epsilon', epsilon, several=False)
        check_positive('theta', theta, several=False)
        self.alpha = float(alpha)
        self.omega = float(omega)
        self.epsilon = float(epsilon)
        self.theta = float(theta)

    def criterion(self, pred: Tensor, target: Tensor) -> Tensor:
        """The loss without weights.

        Args:
            pred: (B, K, H, W).
            target: (B, K, H, W), each in 0..1.
        """
        error = (target - pred).abs()
        exponent = self.alpha - target
        at_seam = (self.theta / self.epsilon) ** exponent
        slope = self.omega * exponent * at_seam / (1 + at_seam) / self.theta
        line = self.omega * at_seam.log1p() + slope * (error - self.theta)
        curve = self.omega * ((error / self.epsilon) ** exponent).log1p()
        return reduced(torch.where(error < self.theta, curve, line))

    def forward(
        self, output: Tensor, target: Tensor, target_weights: Tensor | None = None
    ) -> Tensor:
        """The loss, a scalar.

        Args:
            output: (B, K, H, W) predicted heatmaps.
            target: (B, K, H, W) true heatmaps.
            target_weights: (B, K) or (B, K, H, W).

        Raises:
            ValueError: The shapes do not fit, or the weights are missing.
        """
        return super().forward(output, target, target_weights)

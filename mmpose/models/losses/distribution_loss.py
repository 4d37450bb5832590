"""Losses of distributions over the bins of an axis, or over the cells of a map."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from mmpose.registry import MODELS
from mmpose.utils.checks import check_choice

from .base_loss import WeightedLoss
from .reduction import (
    MODES,
    REDUCTIONS,
    check_pairs,
    check_shapes,
    dissimilarity,
    full_precision,
    weighted,
)


def kl_divergence(logits: Tensor, labels: Tensor) -> Tensor:
    """The Kullback-Leibler divergences (...) of softmax(logits) from labels.

    Args:
        logits: (..., L).
        labels: (..., L), which sum to 1.
    """
    return F.kl_div(logits.log_softmax(-1), labels, reduction='none').sum(-1)


@MODELS.register_module()
class KLDiscretLoss(WeightedLoss):
    """The Kullback-Leibler divergence of predicted SimCC distributions from the target's.

    It is averaged over bins and keypoints, and summed over samples and axes. From `Li et al.,
    2022, SimCC <https://arxiv.org/abs/2107.03332>`_, and, with distributions sharpened by
    ``beta``, `Jiang et al., 2023, RTMPose <https://arxiv.org/abs/2303.07399>`_.

    Args:
        beta: Factor of the predicted logits before the softmax.
        label_softmax: Whether the targets go through a softmax too.
        label_beta: Factor of the targets before their softmax.
        use_target_weight: Whether weights count.
        mask: Indices of keypoints that ``mask_weight`` applies to; ``None`` for none.
        mask_weight: Further weight of these keypoints.
        loss_weight: Factor of the loss.
    """

    def __init__(
        self,
        beta: float = 1.0,
        label_softmax: bool = False,
        label_beta: float = 10.0,
        use_target_weight: bool = True,
        mask: Sequence[int] | None = None,
        mask_weight: float = 1.0,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__(use_target_weight, loss_weight)
        self.beta = beta
        self.label_softmax = label_softmax
        self.label_beta = label_beta
        self.mask = mask
        self.mask_weight = mask_weight
        masked = None if mask is None else torch.tensor(list(mask), dtype=torch.long)
        # goes to the device with the model: indexing with a list would copy it at every step
        self.register_buffer('_masked', masked, persistent=False)

    def criterion(self, dec_outs: Tensor, labels: Tensor) -> Tensor:
        """The divergence, averaged over bins.

        Args:
            dec_outs: (..., L) logits.
            labels: (..., L) targets.
        """
        if self.label_softmax:
            labels = (labels * self.label_beta).softmax(-1)
        return kl_divergence(dec_outs * self.beta, labels) / labels.shape[-1]

    @full_precision
    def forward(
        self,
        pred_simcc: Sequence[Tensor],
        gt_simcc: Sequence[Tensor],
        target_weight: Tensor | None = None,
    ) -> Tensor:
        """The loss, a scalar.

        Args:
            pred_simcc: For each axis (B, K, L) logits of L bins.
            gt_simcc: For each axis (B, K, L) targets.
            target_weight: (B, K) or (B, K, 1).

        Raises:
            ValueError: The shapes do not fit, or the weights are missing.
        """
        check_pairs(pred_simcc, gt_simcc)
        pairs = zip(pred_simcc, gt_simcc, strict=True)
        losses = torch.stack([self.criterion(*pair) for pair in pairs]).sum(0)
        if self._masked is not None:
            factors = losses.new_ones(losses.shape[1])
            masked = self._masked.to(losses.device)
            losses = losses * factors.index_fill(0, masked, self.mask_weight)
        losses = weighted(losses, self.used(target_weight))
        return losses.sum() / losses.shape[1] * self.loss_weight


@MODELS.register_module()
class JSDiscretLoss(WeightedLoss):
    """The Jensen-Shannon divergence of predicted from target distributions.

    It is the mean of the divergences of both from their average. As a regulariser of heatmaps
    from `Nibali et al., 2018, DSNT <https://arxiv.org/abs/1801.07372>`_.

    Args:
        use_target_weight: Whether weights count.
        size_average: Whether the sum is divided by the number of samples.
        loss_weight: Factor of the loss.
    """

    def __init__(
        self, use_target_weight: bool = True, size_average: bool = True, loss_weight: float = 1.0
    ) -> None:
        super().__init__(use_target_weight, loss_weight)
        self.size_average = size_average

    def kl(self, p: Tensor, q: Tensor) -> Tensor:
        """The terms p (log p - log q), whose sum is the divergence of p from q.

        Args:
            p: Probabilities of any shape.
            q: Of the shape of ``p``.
        """
        # the shift keeps the gradient finite where a softmax underflows to 0
        return p * ((p + 1e-24).log() - (q + 1e-24).log())

    def js(self, pred_hm: Tensor, gt_hm: Tensor) -> Tensor:
        """The terms whose sum is the divergence.

        Args:
            pred_hm: Predicted probabilities.
            gt_hm: Of the shape of ``pred_hm``.
        """
        middle = (pred_hm + gt_hm) / 2
        return (self.kl(pred_hm, middle) + self.kl(gt_hm, middle)) / 2

    @full_precision
    def forward(
        self, pred_hm: Tensor, gt_hm: Tensor, target_weight: Tensor | None = None
    ) -> Tensor:
        """The loss, a scalar: the sum over keypoints.

        Args:
            pred_hm: (B, K, ...) predicted probabilities, such as (B, K, H, W).
            gt_hm: Of the shape of ``pred_hm``.
            target_weight: (B, K).

        Raises:
            ValueError: The shapes do not fit, or the weights are missing.
        """
        check_shapes(pred_hm, gt_hm)
        losses = weighted(self.js(pred_hm, gt_hm), self.used(target_weight))
        count = max(len(gt_hm), 1) if self.size_average else 1
        return losses.sum() / count * self.loss_weight


@MODELS.register_module()
class MLECCLoss(WeightedLoss):
    """The likelihood of true positions under predicted distributions along each axis.

    The likelihood of a keypoint is the product over the axes of what the predicted and the target
    distribution share, their scalar product: `Lu et al., 2024, RTMO
    <https://arxiv.org/abs/2312.07526>`_. A likelihood that is NaN, as from a target that is no
    distribution, costs nothing.

    Args:
        reduction: 'mean' or 'sum' over the keypoints of each instance, or 'none'.
        mode: What becomes of the likelihood p: 'linear', 1 - p; 'square', 1 - p^2; 'log',
            -log(p + 1e-4).
        use_target_weight: Whether weights count.
        loss_weight: Factor of the loss.
    """

    def __init__(
        self,
        reduction: str = 'mean',
        mode: str = 'log',
        use_target_weight: bool = False,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__(use_target_weight, loss_weight)
        check_choice('reduction', reduction, REDUCTIONS)
        check_choice('mode', mode, MODES)
        self.reduction = reduction
        self.mode = mode

    @full_precision
    def forward(
        self,
        outputs: Sequence[Tensor],
        targets: Sequence[Tensor],
        target_weight: Tensor | None = None,
    ) -> Tensor:
        """The loss of each instance (N,), or (N, K) with ``reduction='none'``.

        Args:
            outputs: For each axis the predicted distributions (N, K, L), L bins.
            targets: For each axis the target distributions (N, K, L).
            target_weight: (N, K).

        Raises:
            ValueError: The shapes do not fit, or the weights are missing.
        """
        check_pairs(outputs, targets)
        with torch.no_grad():
            known = ~_likelihood(outputs, targets).isnan()
        keep = known[..., None]  # applied before the product, where a gradient would become NaN
        likelihood = _likelihood(
            [output.where(keep, 0) for output in outputs],
            [target.where(keep, 0) for target in targets],
        )
        losses = dissimilarity(likelihood, self.mode, shift=1e-4).where(known, 0)
        losses = weighted(losses, self.used(target_weight)) * self.loss_weight
        if self.reduction == 'none':
            return losses
        return losses.flatten(1).sum(1) if self.reduction == 'sum' else losses.flatten(1).mean(1)


def _likelihood(outputs: Sequence[Tensor], targets: Sequence[Tensor]) -> Tensor:
    shared = [(output * target).sum(-1) for output, target in zip(outputs, targets, strict=True)]
    return torch.stack(shared).prod(0)

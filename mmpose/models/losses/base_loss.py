"""What losses with a weight for each keypoint have in common."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod

from torch import Tensor, nn

from .reduction import check_shapes, full_precision, weighted


class WeightedLoss(nn.Module):
    """A loss with a weight for each keypoint and one for the whole.

    Args:
        use_target_weight: Whether the weights given to ``forward`` count.
        loss_weight: Factor of the loss.
    """

    def __init__(self, use_target_weight: bool = False, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.use_target_weight = use_target_weight
        self.loss_weight = loss_weight

    def used(self, weights: Tensor | None) -> Tensor | None:
        """The weights that count; ``None`` where all are 1.

        Raises:
            ValueError: Weights are to be used and none are given.
        """
        if not self.use_target_weight:
            return None
        if weights is None:
            raise ValueError(
                f'{type(self).__name__} has use_target_weight=True but was given no weights; pass '
                'them, or set `use_target_weight=False`.'
            )
        return weights


class ScaledLoss(WeightedLoss, metaclass=ABCMeta):
    """A loss whose weights scale prediction and target before the formula.

    So a weight of 0 leaves a keypoint out and 1 leaves it as it is, while a weight w between has
    the effect of w in an absolute and of w^2 in a squared error, as in every release. A loss of
    this kind writes :meth:`criterion`.

    Args:
        use_target_weight: As in :class:`WeightedLoss`.
        loss_weight: As in :class:`WeightedLoss`.
    """

    @abstractmethod
    def criterion(self, pred: Tensor, target: Tensor) -> Tensor:
        """The loss without ``loss_weight``.

        Args:
            pred: Predictions, scaled by their weights.
            target: Of the shape of ``pred``, scaled likewise.
        """

    @full_precision
    def forward(
        self, output: Tensor, target: Tensor, target_weight: Tensor | None = None
    ) -> Tensor:
        """The loss, a scalar unless ``reduction='none'``.

        Args:
            output: (B, K, ...) predictions, such as (B, K, D) coordinates.
            target: Of the shape of ``output``.
            target_weight: (B, K), or any shape that :func:`~.reduction.expand_weights` takes.

        Raises:
            ValueError: The shapes do not fit, or the weights are missing.
        """
        check_shapes(output, target)
        weights = self.used(target_weight)
        loss = self.criterion(weighted(output, weights), weighted(target, weights))
        return loss * self.loss_weight

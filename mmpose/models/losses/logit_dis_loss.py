"""The loss that makes a student's distributions those of its teacher."""

from __future__ import annotations

from torch import Tensor, nn

from mmpose.registry import MODELS

from .distribution_loss import kl_divergence
from .reduction import check_pairs, check_shapes, full_precision


@MODELS.register_module()
class KDLoss(nn.Module):
    """The divergence of a student's SimCC distributions from its teacher's.

    From `Yang et al., 2023, DWPose <https://arxiv.org/abs/2307.15880>`_. Keypoint weights have no
    effect: as in the paper, the teacher's view of unlabelled keypoints teaches too.

    Args:
        name: Key of the loss in logs.
        use_this: Whether the distiller uses the loss.
        weight: Factor of the loss.
    """

    def __init__(self, name: str, use_this: bool, weight: float = 1.0) -> None:
        super().__init__()
        self.name = name
        self.use_this = use_this
        self.weight = weight

    def forward(
        self,
        pred: tuple[Tensor, Tensor],
        pred_t: tuple[Tensor, Tensor],
        beta: float,
        target_weight: Tensor | float | None,
    ) -> Tensor:
        """The loss, a scalar, averaged over samples and keypoints.

        Args:
            pred: (B, K, Wx) and (B, K, Wy) logits of the student.
            pred_t: Logits of the teacher, which get no gradient.
            beta: Factor of all logits before the softmax.
            target_weight: Without effect.

        Raises:
            ValueError: The shapes do not fit.
        """
        check_pairs(pred, pred_t)
        losses = [
            self.loss(student, teacher.detach(), beta, target_weight)
            for student, teacher in zip(pred, pred_t, strict=True)
        ]
        return sum(losses) / pred[0].shape[1]

    @full_precision
    def loss(
        self, logit_s: Tensor, logit_t: Tensor, beta: float, weight: Tensor | float | None
    ) -> Tensor:
        """The loss of one axis, summed over keypoints and averaged over samples.

        Args:
            logit_s: (B, K, L) logits of the student.
            logit_t: (B, K, L) logits of the teacher.
            beta: As in :meth:`forward`.
            weight: Without effect.
        """
        check_shapes(logit_s, logit_t, names=('student', 'teacher'))
        divergence = kl_divergence(logit_s * beta, (logit_t * beta).softmax(-1))
        return divergence.sum() / max(len(logit_s), 1) * self.weight

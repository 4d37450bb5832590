"""The loss that makes a student's features those of its teacher."""

from __future__ import annotations

from torch import Tensor, nn

from mmpose.registry import MODELS

from .reduction import check_shapes, full_precision


@MODELS.register_module()
class FeaLoss(nn.Module):
    """The squared error of feature maps, summed over a sample and averaged over samples.

    From `Yang et al., 2023, DWPose <https://arxiv.org/abs/2307.15880>`_.

    Args:
        name: Key of the loss in logs.
        use_this: Whether the distiller uses the loss.
        student_channels: Channels of the student's features; where the teacher's differ, a 1x1
            convolution aligns them.
        teacher_channels: Channels of the teacher's features.
        alpha_fea: Factor of the loss.
    """

    def __init__(
        self,
        name: str,
        use_this: bool,
        student_channels: int,
        teacher_channels: int,
        alpha_fea: float = 0.00007,
    ) -> None:
        super().__init__()
        self.name = name
        self.use_this = use_this
        self.alpha_fea = alpha_fea
        self.align = None
        if student_channels != teacher_channels:
            self.align = nn.Conv2d(student_channels, teacher_channels, kernel_size=1)

    def forward(self, preds_S: Tensor, preds_T: Tensor) -> Tensor:
        """The loss, a scalar.

        Args:
            preds_S: (B, C, H, W) features of the student.
            preds_T: (B, C', H, W) features of the teacher.

        Raises:
            ValueError: The shapes do not fit.
        """
        return self.get_dis_loss(preds_S if self.align is None else self.align(preds_S), preds_T)

    @full_precision
    def get_dis_loss(self, preds_S: Tensor, preds_T: Tensor) -> Tensor:
        """The loss, a scalar, of aligned features.

        Args:
            preds_S: (B, C', H, W) features of the student.
            preds_T: (B, C', H, W) features of the teacher.
        """
        check_shapes(preds_S, preds_T, names=('student', 'teacher'))
        return (preds_S - preds_T).square().sum() / max(len(preds_T), 1) * self.alpha_fea

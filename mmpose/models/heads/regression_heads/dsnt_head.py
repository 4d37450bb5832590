"""Coordinates as the means of heatmaps that are supervised too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mmengine.logging import MessageHub
from torch import Tensor

from mmpose.registry import MODELS

from ..targets import fields_of
from .integral_regression_head import IntegralRegressionHead

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType, OptConfigType, OptMultiConfig, SampleList


@MODELS.register_module()
class DSNTHead(IntegralRegressionHead):
    """Coordinates (B, K, 2) as the means of heatmaps (B, K, H, W) that are kept compact.

    Paper: `Nibali et al., 2018, Numerical Coordinate Regression with Convolutional Neural Networks
    <https://arxiv.org/abs/1801.07372>`_. The loss is that of the coordinates plus that of the
    heatmaps. The arguments are those of :class:`IntegralRegressionHead`, but for

    Args:
        lambda_t: Number of epochs after which the loss of the heatmaps is left out; -1 for never.
        loss: A ``MultipleLossWrapper`` with the loss of the coordinates and of the heatmaps.
    """

    def __init__(
        self,
        in_channels: int | Sequence[int],
        in_featuremap_size: tuple[int, int],
        num_joints: int,
        lambda_t: int = -1,
        debias: bool = False,
        beta: float = 1.0,
        deconv_out_channels: Sequence[int] | None = (256, 256, 256),
        deconv_kernel_sizes: Sequence[int] | None = (4, 4, 4),
        conv_out_channels: Sequence[int] | None = None,
        conv_kernel_sizes: Sequence[int] | None = None,
        final_layer: OptConfigType = dict(kernel_size=1),
        loss: ConfigType = dict(
            type='MultipleLossWrapper',
            losses=[
                dict(type='SmoothL1Loss', use_target_weight=True),
                dict(type='JSDiscretLoss', use_target_weight=True),
            ],
        ),
        decoder: OptConfigType = None,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(
            in_channels,
            in_featuremap_size,
            num_joints,
            debias,
            beta,
            deconv_out_channels,
            deconv_kernel_sizes,
            conv_out_channels,
            conv_kernel_sizes,
            final_layer,
            loss,
            decoder,
            init_cfg,
        )
        self.lambda_t = lambda_t

    def targets(self, batch_data_samples: SampleList) -> tuple[tuple[Tensor, Tensor], Tensor]:
        """Coordinates (B, K, 2) with heatmaps (B, K, H, W), and keypoint weights (B, K)."""
        labels, weights = super().targets(batch_data_samples)
        return (labels, fields_of(batch_data_samples, 'heatmaps')), weights

    def criterion(
        self, outputs: tuple[Tensor, Tensor], targets: tuple[Tensor, Tensor], weights: Tensor
    ) -> Tensor:
        """The loss of the coordinates and, in the first epochs, of the heatmaps, a scalar."""
        of_coords, of_heatmaps = self.loss_module(outputs, targets, weights)
        epoch = MessageHub.get_current_instance().get_info('epoch', 0)
        if 0 < self.lambda_t <= epoch:
            return of_coords
        return of_coords + of_heatmaps

    def accuracy(
        self, outputs: tuple[Tensor, Tensor], targets: tuple[Tensor, Tensor], weights: Tensor
    ) -> Tensor:
        """That of the coordinates."""
        return super().accuracy(outputs, targets[0], weights)

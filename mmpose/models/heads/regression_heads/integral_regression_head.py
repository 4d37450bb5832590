"""Coordinates as the means of heatmaps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from mmcv.cnn import build_conv_layer
from mmengine.structures import PixelData
from torch import Tensor, nn

from mmpose.registry import MODELS

from ...utils.ops import to_float32
from ...utils.tta import flip_heatmaps
from ..heatmap_heads import HeatmapHead
from ..layers import conv_init_cfg
from .base_regression_head import BaseRegressionHead

if TYPE_CHECKING:
    from mmpose.utils.typing import (
        ConfigType,
        Features,
        InstanceList,
        OptConfigType,
        OptMultiConfig,
    )


@MODELS.register_module()
class IntegralRegressionHead(BaseRegressionHead):
    """Coordinates (B, K, 2) as the means of heatmaps (B, K, H, W), which are returned with them.

    Papers: `Sun et al., 2018, Integral Human Pose Regression <https://arxiv.org/abs/1711.08229>`_;
    ``debias`` from `Gu et al., 2021, Removing the Bias of Integral Pose Regression
    <https://openaccess.thecvf.com/content/ICCV2021/html/Gu_Removing_the_Bias_of_Integral_Pose_Regression_ICCV_2021_paper.html>`_.

    Args:
        in_channels: Channels of the last feature map, or of all.
        in_featuremap_size: (w, h) of the last feature map.
        num_joints: Number of keypoints K.
        debias: Whether to take the background's share out of the means.
        beta: Factor of the logits before the softmax over a map.
        deconv_out_channels: As in :class:`~mmpose.models.heads.HeatmapHead`, as for the next four.
        deconv_kernel_sizes: See there.
        conv_out_channels: See there.
        conv_kernel_sizes: See there.
        final_layer: See there.
        loss: The loss of the coordinates.
        decoder: Codec that turns the coordinates into keypoints; ``None`` to train only.
        init_cfg: Initialisation; ``None`` for :attr:`default_init_cfg`.

    Raises:
        ValueError: Channels and kernel sizes differ in number, or a kernel size is not supported.
    """

    def __init__(
        self,
        in_channels: int | Sequence[int],
        in_featuremap_size: tuple[int, int],
        num_joints: int,
        debias: bool = False,
        beta: float = 1.0,
        deconv_out_channels: Sequence[int] | None = (256, 256, 256),
        deconv_kernel_sizes: Sequence[int] | None = (4, 4, 4),
        conv_out_channels: Sequence[int] | None = None,
        conv_kernel_sizes: Sequence[int] | None = None,
        final_layer: OptConfigType = dict(kernel_size=1),
        loss: ConfigType = dict(type='SmoothL1Loss', use_target_weight=True),
        decoder: OptConfigType = None,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(in_channels, num_joints, loss, decoder, init_cfg)
        self.debias = debias
        self.beta = beta
        self.final_layer = nn.Identity()
        if deconv_out_channels or conv_out_channels:
            self.simplebaseline_head = HeatmapHead(
                in_channels,
                num_joints,
                deconv_out_channels,
                deconv_kernel_sizes,
                conv_out_channels,
                conv_kernel_sizes,
                final_layer,
            )
        else:
            self.simplebaseline_head = None
            if final_layer is not None:
                channels = in_channels if isinstance(in_channels, int) else in_channels[-1]
                kwargs = dict(dict(type='Conv2d', kernel_size=1), **final_layer)
                self.final_layer = build_conv_layer(kwargs, channels, num_joints)

        scale = 2 ** len(deconv_out_channels or ())
        W, H = (side * scale for side in in_featuremap_size)
        self.heatmap_size = (W, H)
        # positions of the cells; parameters, not buffers, as in the published checkpoints
        self.linspace_x = _fixed(torch.arange(W).reshape(1, 1, 1, W) / W)
        self.linspace_y = _fixed(torch.arange(H).reshape(1, 1, H, 1) / H)

    @property
    def default_init_cfg(self) -> list[dict]:
        """The initialisation of heads whose config gives none."""
        return conv_init_cfg()

    def forward(self, feats: Features) -> tuple[Tensor, Tensor]:
        """Coordinates (B, K, 2) and heatmaps (B, K, H, W), whose cells sum to 1.

        Args:
            feats: Feature maps, of which only the last is read.

        Raises:
            ValueError: The last feature map has another size than ``in_featuremap_size``.
        """
        if self.simplebaseline_head is None:
            logits = self.final_layer(feats[-1])
        else:
            logits = self.simplebaseline_head(feats)
        self._check_size(logits, feats[-1])
        logits = to_float32(logits)
        heatmaps = (logits * self.beta).flatten(2).softmax(-1).view_as(logits)
        x = (heatmaps.sum(-2, keepdim=True) * self.linspace_x).sum((-2, -1))
        y = (heatmaps.sum(-1, keepdim=True) * self.linspace_y).sum((-2, -1))
        coords = torch.stack([x, y], dim=-1)
        return (_debiased(coords, logits) if self.debias else coords), heatmaps

    def _check_size(self, logits: Tensor, feature_map: Tensor) -> None:
        H, W = logits.shape[-2:]
        if self.heatmap_size != (W, H):
            h, w = feature_map.shape[-2:]
            raise ValueError(
                f'{type(self).__name__} makes heatmaps of {W}x{H} (w x h) from a feature map of '
                f'{w}x{h}, but in_featuremap_size announces {self.heatmap_size[0]}x'
                f'{self.heatmap_size[1]}; set `in_featuremap_size` to ({w}, {h}), or change the '
                'size of the pictures.'
            )

    def coordinates(self, outputs: tuple[Tensor, Tensor]) -> Tensor:
        """The first of the outputs, (B, K, 2)."""
        return outputs[0]

    def flip_back(
        self, outputs: tuple[Tensor, Tensor], metainfo: dict, test_cfg: ConfigType
    ) -> tuple[Tensor, Tensor]:
        """See :meth:`BaseHead.flip_back`; reads ``shift_coords`` and ``shift_heatmap``."""
        coords, heatmaps = outputs
        return super().flip_back(coords, metainfo, test_cfg), flip_heatmaps(
            heatmaps,
            flip_indices=metainfo['flip_indices'],
            shift_heatmap=test_cfg.get('shift_heatmap', False),
        )

    def decoder_input(self, outputs: tuple[Tensor, Tensor]) -> Tensor:
        """The coordinates."""
        return outputs[0]

    def heatmap_fields(
        self, outputs: tuple[Tensor, Tensor], preds: InstanceList
    ) -> list[PixelData]:
        """A ``PixelData`` per sample with ``heatmaps`` (K, H, W)."""
        return [PixelData(heatmaps=heatmaps) for heatmaps in outputs[1].detach()]

    def criterion(self, outputs: tuple[Tensor, Tensor], targets: Any, weights: Tensor) -> Tensor:
        """The loss of the coordinates, a scalar."""
        return self.loss_module(outputs[0], targets, weights)


def _fixed(values: Tensor) -> nn.Parameter:
    return nn.Parameter(values, requires_grad=False)


def _debiased(coords: Tensor, logits: Tensor) -> Tensor:
    """Means of maps, less a share of the background, whose mean is the centre.

    Args:
        coords: (B, K, 2).
        logits: (B, K, H, W).
    """
    # The share of one background cell, whose logit is 0, before `beta`. That of all the background
    # is larger, but published weights were trained with this.
    share = (-logits.flatten(2).logsumexp(-1, keepdim=True)).exp()
    return (coords - share / 2) / (1 - share)

"""Residual networks whose blocks calibrate half of their channels by a coarser view."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from mmcv.cnn import build_conv_layer
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmpose.registry import MODELS

from .residual_blocks import Bottleneck
from .resnet import BOTTLENECK_STAGES, ResNet, with_block
from .utils import conv_norm

if TYPE_CHECKING:
    from mmpose.utils.typing import OptConfigType, OptMultiConfig


class SCConv(BaseModule):
    """A convolution calibrated by what a coarser map of its input shows around each cell.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        stride: Stride of the convolution that follows the calibration.
        pooling_r: Side, in cells, of the windows that the coarser map averages.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Kind of norm layer.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        stride: int,
        pooling_r: int,
        conv_cfg: OptConfigType = None,
        norm_cfg: dict = dict(type='BN', momentum=0.1),
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        cfgs = dict(conv_cfg=conv_cfg, norm_cfg=norm_cfg)
        self.k2 = nn.Sequential(
            nn.AvgPool2d(pooling_r, pooling_r),
            *conv_norm(in_channels, in_channels, **cfgs, relu=False),
        )
        self.k3 = conv_norm(in_channels, in_channels, **cfgs, relu=False)
        self.k4 = conv_norm(in_channels, out_channels, **cfgs, stride=stride)

    def forward(self, x: Tensor) -> Tensor:
        """The calibrated maps of maps (B, C, H, W) of at least one window."""
        context = x + nn.functional.interpolate(self.k2(x), x.shape[2:])
        return self.k4(self.k3(x) * context.sigmoid())


class SCBottleneck(Bottleneck):
    """A bottleneck of two halves, one of them calibrated.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        **kwargs: Those of :class:`mmpose.models.backbones.resnet.Bottleneck`. ``style`` has no
            effect: the 3x3 convolutions take the stride.

    Raises:
        ValueError: The inner channels cannot be halved, or the block is dilated.
    """

    pooling_r = 4

    def _make_narrow(self, conv_cfg: OptConfigType, norm_cfg: dict) -> None:
        if self.mid_channels % 2:
            raise ValueError(
                f'{type(self).__name__} has {self.mid_channels} inner channels; it halves them, '
                'so give an even number.'
            )
        half = self.mid_channels // 2
        self.conv1 = build_conv_layer(conv_cfg, self.in_channels, half, 1, bias=False)
        self.add_norm(1, norm_cfg, half)
        self.conv2 = build_conv_layer(conv_cfg, self.in_channels, half, 1, bias=False)
        self.add_norm(2, norm_cfg, half)

    def _make_middle(self, conv_cfg: OptConfigType, norm_cfg: dict) -> None:
        if self.dilation != 1:
            raise ValueError(
                f'dilation of {type(self).__name__} is {self.dilation}; it can only be 1.'
            )
        half = self.mid_channels // 2
        self.k1 = conv_norm(half, half, conv_cfg, norm_cfg, self.stride)
        self.scconv = SCConv(half, half, self.stride, self.pooling_r, conv_cfg, norm_cfg)

    def inner(self, x: Tensor) -> Tensor:
        """The plain half and the calibrated half."""
        plain = self.k1(self.relu(self.norm1(self.conv1(x))))
        calibrated = self.scconv(self.relu(self.norm2(self.conv2(x))))
        return torch.cat([plain, calibrated], dim=1)


@MODELS.register_module()
class SCNet(ResNet):
    """Feature maps of a residual network with self-calibrated convolutions.

    Paper: `Liu et al., 2020, Improving Convolutional Networks with Self-Calibrated Convolutions
    <https://mftp.mmcheng.net/Papers/20cvprSCNet.pdf>`_.

    Args:
        depth: 50 or 101.
        **kwargs: Those of :class:`ResNet`; ``dilations`` can only be 1.
    """

    arch_settings = with_block(SCBottleneck, {n: BOTTLENECK_STAGES[n] for n in (50, 101)})

    def __init__(self, depth: int, **kwargs) -> None:
        super().__init__(depth=depth, **kwargs)
        # the coarsest maps hold a pooling window, whose last cell may hang over the picture
        self.least_size = (SCBottleneck.pooling_r - 1) * self.total_stride + 1

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """The feature maps of ``out_indices`` for pictures (B, C, H, W).

        Raises:
            ValueError: The pictures are smaller than ``least_size``.
        """
        self.check_picture_size(x)
        return super().forward(x)

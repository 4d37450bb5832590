"""A convolution with its norm layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmcv.cnn import build_conv_layer, build_norm_layer
from torch import nn

if TYPE_CHECKING:
    from mmpose.utils.typing import OptConfigType


def conv_norm(
    in_channels: int,
    out_channels: int,
    conv_cfg: OptConfigType,
    norm_cfg: dict,
    stride: int = 1,
    relu: bool = True,
    kernel_size: int = 3,
) -> nn.Sequential:
    """A convolution that keeps the size but for its stride, a norm layer and perhaps a ReLU.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Kind of norm layer.
        stride: Stride of the convolution.
        relu: Whether a ReLU ends it.
        kernel_size: Odd size of the convolution.
    """
    settings = dict(stride=stride, padding=kernel_size // 2, bias=False)
    return nn.Sequential(
        build_conv_layer(conv_cfg, in_channels, out_channels, kernel_size, **settings),
        build_norm_layer(norm_cfg, out_channels)[1],
        *([nn.ReLU(inplace=True)] if relu else []),
    )

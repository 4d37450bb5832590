"""Inverted residual blocks with channel attention."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmcv.cnn import ConvModule
from torch import Tensor, nn

from .recomputation import run_block
from .se_layer import SELayer

if TYPE_CHECKING:
    from mmpose.utils.typing import OptConfigType


class InvertedResidual(nn.Module):
    """A block that is wide inside: 1x1, depthwise and linear 1x1 convolutions.

    Paper: `Howard et al., 2019, Searching for MobileNetV3 <https://arxiv.org/abs/1905.02244>`_.
    Input and output are added where they have the same shape.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        mid_channels: Channels inside.
        kernel_size: Odd size of the middle convolution.
        groups: Groups of the middle convolution; ``None`` makes it depthwise.
        stride: Stride of the middle convolution.
        se_cfg: Arguments of the :class:`SELayer` after it; ``None`` for no attention.
        with_expand_conv: Whether the first 1x1 convolution exists.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Kind of norm layer.
        act_cfg: Activation after the first two convolutions.
        with_cp: Whether to compute the block again in the backward pass, to save memory.

    Raises:
        ValueError: The kernel size is even, or nothing brings the input to ``mid_channels``.
    """

    # not a BaseModule: one would let its ConvModules override the `init_cfg` of the backbone
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        mid_channels: int,
        kernel_size: int = 3,
        groups: int | None = None,
        stride: int = 1,
        se_cfg: OptConfigType = None,
        with_expand_conv: bool = True,
        conv_cfg: OptConfigType = None,
        norm_cfg: dict = dict(type='BN'),
        act_cfg: dict = dict(type='ReLU'),
        with_cp: bool = False,
    ) -> None:
        super().__init__()
        if kernel_size % 2 == 0:
            raise ValueError(f'kernel_size is {kernel_size}; it must be odd.')
        if not with_expand_conv and in_channels != mid_channels:
            raise ValueError(
                f'in_channels is {in_channels} and mid_channels {mid_channels}; without the first '
                'convolution they must be equal. Set with_expand_conv=True.'
            )
        self.with_res_shortcut = stride == 1 and in_channels == out_channels
        self.with_se = se_cfg is not None
        self.with_expand_conv = with_expand_conv
        self.with_cp = with_cp

        cfgs = dict(conv_cfg=conv_cfg, norm_cfg=norm_cfg)
        if with_expand_conv:
            self.expand_conv = ConvModule(in_channels, mid_channels, 1, act_cfg=act_cfg, **cfgs)
        self.depthwise_conv = ConvModule(
            mid_channels,
            mid_channels,
            kernel_size,
            stride=stride,
            padding=kernel_size // 2,
            groups=mid_channels if groups is None else groups,
            act_cfg=act_cfg,
            **cfgs,
        )
        if self.with_se:
            self.se = SELayer(**se_cfg)
        self.linear_conv = ConvModule(mid_channels, out_channels, 1, act_cfg=None, **cfgs)

    def forward(self, x: Tensor) -> Tensor:
        """The block's output (B, ``out_channels``, H / stride, W / stride)."""
        return run_block(self._compute, x, self.with_cp)

    def _compute(self, x: Tensor) -> Tensor:
        out = self.expand_conv(x) if self.with_expand_conv else x
        out = self.depthwise_conv(out)
        if self.with_se:
            out = self.se(out)
        out = self.linear_conv(out)
        return x + out if self.with_res_shortcut else out

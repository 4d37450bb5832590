"""Residual networks whose middle convolutions are split and weighed against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmcv.cnn import build_conv_layer
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmpose.registry import MODELS

from .residual_blocks import ResLayer
from .resnet import BOTTLENECK_STAGES, ResNetV1d, with_block
from .resnext import Bottleneck as GroupedBottleneck
from .resnext import ResNeXt
from .utils import NumberedNorms

if TYPE_CHECKING:
    from mmpose.utils.typing import OptConfigType, OptMultiConfig


class SplitAttentionConv2d(NumberedNorms, BaseModule):
    """The sum of several convolutions, each channel weighed by what all of them show.

    One convolution makes all splits: split r holds the channels from ``r * channels`` (radix
    first). The weights come group by group (cardinality first), as the published networks have
    them.

    Args:
        in_channels: Channels of the input.
        channels: Channels of the output and of each split.
        kernel_size: Size of the convolution.
        stride: Stride of the convolution.
        padding: Padding of the convolution.
        dilation: Dilation of the convolution.
        groups: Groups of each split.
        radix: Number of splits; 1 weighs the channels of one convolution.
        reduction_factor: How many times narrower than the splits the attention is, but for its
            least width of 32.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Kind of norm layer.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Raises:
        ValueError: ``radix`` is not positive.
    """

    def __init__(
        self,
        in_channels: int,
        channels: int,
        kernel_size: int,
        stride: int = 1,
        padding: int = 0,
        dilation: int = 1,
        groups: int = 1,
        radix: int = 2,
        reduction_factor: int = 4,
        conv_cfg: OptConfigType = None,
        norm_cfg: dict = dict(type='BN'),
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        if radix < 1:
            raise ValueError(f'radix is {radix}; it must be positive.')
        self.groups = groups
        self.radix = radix
        self.channels = channels
        self.conv = build_conv_layer(
            conv_cfg,
            in_channels,
            channels * radix,
            kernel_size,
            stride=stride,
            padding=padding,
            dilation=dilation,
            groups=groups * radix,
            bias=False,
        )
        self.add_norm(0, norm_cfg, channels * radix)
        self.relu = nn.ReLU(inplace=True)

        attention = max(in_channels * radix // reduction_factor, 32)
        self.fc1 = build_conv_layer(None, channels, attention, 1, groups=groups)
        self.add_norm(1, norm_cfg, attention)
        self.fc2 = build_conv_layer(None, attention, channels * radix, 1, groups=groups)

    @property
    def norm0(self) -> nn.Module:
        """The norm layer of the splits."""
        return getattr(self, self.norm0_name)

    def forward(self, x: Tensor) -> Tensor:
        """The weighed sum (B, ``channels``, H, W) of the splits."""
        x = self.relu(self.norm0(self.conv(x)))
        splits = x.unflatten(1, (self.radix, self.channels))
        pooled = nn.functional.adaptive_avg_pool2d(splits.sum(dim=1), 1)
        logits = self.fc2(self.relu(self.norm1(self.fc1(pooled))))
        return (splits * self._weights(logits)).sum(dim=1)

    def _weights(self, logits: Tensor) -> Tensor:
        """Weights (B, radix, ``channels``, 1, 1) of logits (B, groups * radix * width, 1, 1)."""
        if self.radix == 1:
            return logits.sigmoid().unsqueeze(1)
        width = self.channels // self.groups
        weights = logits.unflatten(1, (self.groups, self.radix, width)).softmax(dim=2)
        return weights.transpose(1, 2).flatten(2, 3)


class Bottleneck(GroupedBottleneck):
    """A bottleneck whose middle convolution is split and weighed.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        groups: Groups of each split.
        width_per_group: Channels of each group in the first stage; without effect for one group.
        base_channels: Inner channels of the first stage's plain bottleneck.
        radix: Number of splits.
        reduction_factor: How many times narrower than the splits their attention is.
        avg_down_stride: Whether average pooling after the middle convolution takes its stride.
        **kwargs: Those of :class:`mmpose.models.backbones.resnet.Bottleneck`.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        groups: int = 1,
        width_per_group: int = 4,
        base_channels: int = 64,
        radix: int = 2,
        reduction_factor: int = 4,
        avg_down_stride: bool = True,
        **kwargs,
    ) -> None:
        self.radix = radix
        self.reduction_factor = reduction_factor
        self.avg_down_stride = avg_down_stride
        super().__init__(
            in_channels,
            out_channels,
            groups=groups,
            width_per_group=width_per_group,
            base_channels=base_channels,
            **kwargs,
        )

    def _make_middle(self, conv_cfg: OptConfigType, norm_cfg: dict) -> None:
        pools = self.avg_down_stride and self.conv2_stride > 1
        self.conv2 = SplitAttentionConv2d(
            self.mid_channels,
            self.mid_channels,
            self.kernel_size,
            stride=1 if pools else self.conv2_stride,
            padding=self.kernel_size // 2 * self.dilation,
            dilation=self.dilation,
            groups=self.groups,
            radix=self.radix,
            reduction_factor=self.reduction_factor,
            conv_cfg=conv_cfg,
            norm_cfg=norm_cfg,
        )
        self.avd_layer = nn.AvgPool2d(3, self.conv2_stride, padding=1) if pools else nn.Identity()

    def inner(self, x: Tensor) -> Tensor:
        """The split convolution's output, pooled where it takes the stride."""
        out = self.relu(self.norm1(self.conv1(x)))
        return self.avd_layer(self.conv2(out))


@MODELS.register_module()
class ResNeSt(ResNeXt, ResNetV1d):
    """Feature maps of a residual network with split attention.

    Paper: `Zhang et al., 2020, ResNeSt: Split-Attention Networks
    <https://arxiv.org/abs/2004.08955>`_.

    Args:
        depth: 50, 101, 152, 200 or 269.
        groups: Groups of each split.
        width_per_group: Channels of each group in the first stage; without effect for one group.
        radix: Number of splits.
        reduction_factor: How many times narrower than the splits their attention is.
        avg_down_stride: Whether average pooling, not the middle convolution, takes a block's
            stride.
        **kwargs: Those of :class:`ResNetV1d`.
    """

    arch_settings = with_block(
        Bottleneck, BOTTLENECK_STAGES | {200: (3, 24, 36, 3), 269: (3, 30, 48, 8)}
    )

    def __init__(
        self,
        depth: int,
        groups: int = 1,
        width_per_group: int = 4,
        radix: int = 2,
        reduction_factor: int = 4,
        avg_down_stride: bool = True,
        **kwargs,
    ) -> None:
        self.split_cfg = dict(
            radix=radix, reduction_factor=reduction_factor, avg_down_stride=avg_down_stride
        )
        super().__init__(depth, groups=groups, width_per_group=width_per_group, **kwargs)

    def make_res_layer(self, **kwargs) -> ResLayer:
        """A stage of bottlenecks with split attention."""
        return super().make_res_layer(**self.split_cfg, **kwargs)

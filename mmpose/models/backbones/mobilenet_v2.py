"""Mobile networks of inverted residuals."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from operator import mul
from typing import TYPE_CHECKING

from mmcv.cnn import ConvModule
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmpose.registry import MODELS

from .staged_backbone import StagedBackbone
from .utils import make_divisible, run_block

if TYPE_CHECKING:
    from mmpose.utils.typing import OptConfigType, OptMultiConfig


class InvertedResidual(BaseModule):
    """A block that is wide inside: 1x1, depthwise 3x3 and linear 1x1 convolutions.

    Input and output are added where they have the same shape.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        stride: Stride of the depthwise convolution.
        expand_ratio: Ratio of the inner channels to ``in_channels``; 1 leaves the first
            convolution out.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Kind of norm layer.
        act_cfg: Activation after the first two convolutions.
        with_cp: Whether to compute the block again in the backward pass, to save memory.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        stride: int,
        expand_ratio: float,
        conv_cfg: OptConfigType = None,
        norm_cfg: dict = dict(type='BN'),
        act_cfg: dict = dict(type='ReLU6'),
        with_cp: bool = False,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        self.stride = stride
        self.with_cp = with_cp
        self.use_res_connect = stride == 1 and in_channels == out_channels

        mid_channels = round(in_channels * expand_ratio)
        cfgs = dict(conv_cfg=conv_cfg, norm_cfg=norm_cfg)
        expand = [ConvModule(in_channels, mid_channels, 1, act_cfg=act_cfg, **cfgs)]
        self.conv = nn.Sequential(
            *(expand if expand_ratio != 1 else []),
            ConvModule(
                mid_channels,
                mid_channels,
                3,
                stride=stride,
                padding=1,
                groups=mid_channels,
                act_cfg=act_cfg,
                **cfgs,
            ),
            ConvModule(mid_channels, out_channels, 1, act_cfg=None, **cfgs),
        )

    def forward(self, x: Tensor) -> Tensor:
        """The block's output (B, ``out_channels``, H / stride, W / stride)."""
        return run_block(self._compute, x, self.with_cp)

    def _compute(self, x: Tensor) -> Tensor:
        return x + self.conv(x) if self.use_res_connect else self.conv(x)


@MODELS.register_module()
class MobileNetV2(StagedBackbone):
    """Feature maps of a MobileNetV2.

    Paper: `Sandler et al., 2018, MobileNetV2 <https://arxiv.org/abs/1801.04381>`_.

    Args:
        widen_factor: What the numbers of channels are multiplied by.
        out_indices: What is returned: 0 to 6 for the stages of inverted residuals, 7 for the 1x1
            convolution after them.
        frozen_stages: -1 for nothing, 0 for the stem, n for the first n of these too.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Kind of norm layer.
        act_cfg: Activation.
        norm_eval: Whether batch norm keeps its statistics in training.
        with_cp: Whether blocks are computed again in the backward pass, to save memory.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Attributes:
        arch_settings: Of each stage the expansion, channels, number of blocks and stride.

    Raises:
        ValueError: There is no such stage.

    Example:
        >>> MobileNetV2(out_indices=(1, 2, 4, 7)).out_channels
        (24, 32, 96, 1280)
    """

    arch_settings = [
        [1, 16, 1, 1],
        [6, 24, 2, 2],
        [6, 32, 3, 2],
        [6, 64, 4, 2],
        [6, 96, 3, 1],
        [6, 160, 3, 2],
        [6, 320, 1, 1],
    ]

    def __init__(
        self,
        widen_factor: float = 1.0,
        out_indices: Sequence[int] = (7,),
        frozen_stages: int = -1,
        conv_cfg: OptConfigType = None,
        norm_cfg: dict = dict(type='BN'),
        act_cfg: dict = dict(type='ReLU6'),
        norm_eval: bool = False,
        with_cp: bool = False,
        init_cfg: OptMultiConfig = [
            dict(type='Kaiming', layer=['Conv2d']),
            dict(type='Constant', val=1, layer=['_BatchNorm', 'GroupNorm']),
        ],
    ) -> None:
        num_stages = len(self.arch_settings) + 1
        super().__init__(num_stages, out_indices, frozen_stages, norm_eval, init_cfg)
        self.widen_factor = widen_factor
        self.with_cp = with_cp
        self.cfgs = dict(conv_cfg=conv_cfg, norm_cfg=norm_cfg, act_cfg=act_cfg)

        self.in_channels = make_divisible(32 * widen_factor, 8)
        self.conv1 = ConvModule(3, self.in_channels, 3, stride=2, padding=1, **self.cfgs)
        self.layers = []
        channels = []
        for n, (expand_ratio, width, num_blocks, stride) in enumerate(self.arch_settings, start=1):
            channels.append(make_divisible(width * widen_factor, 8))
            self.add_module(
                f'layer{n}', self.make_layer(channels[-1], num_blocks, stride, expand_ratio)
            )
            self.layers.append(f'layer{n}')

        # the last convolution may grow, but never shrinks
        channels.append(int(1280 * max(widen_factor, 1.0)))
        self.conv2 = ConvModule(self.in_channels, channels[-1], 1, **self.cfgs)
        self.layers.append('conv2')

        strides = [row[3] for row in self.arch_settings] + [1]
        self.declare_stages(channels, list(accumulate(strides, mul, initial=2))[1:])

    def make_layer(
        self, out_channels: int, num_blocks: int, stride: int, expand_ratio: float
    ) -> nn.Sequential:
        """A stage that starts from ``in_channels`` channels, which become those of its output.

        Args:
            out_channels: Channels of the output.
            num_blocks: Number of blocks.
            stride: Stride of the first block.
            expand_ratio: Ratio of the channels inside a block to those of its input.
        """
        blocks = []
        for i in range(num_blocks):
            blocks.append(
                InvertedResidual(
                    self.in_channels,
                    out_channels,
                    stride=stride if i == 0 else 1,
                    expand_ratio=expand_ratio,
                    with_cp=self.with_cp,
                    **self.cfgs,
                )
            )
            self.in_channels = out_channels
        return nn.Sequential(*blocks)

"""Networks of units that split their channels and shuffle them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from mmcv.cnn import ConvModule
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmpose.registry import MODELS

from .shufflenet_v1 import ShuffleNet
from .utils import channel_shuffle, pick_arch, run_block

if TYPE_CHECKING:
    from mmpose.utils.typing import OptConfigType, OptMultiConfig


def depthwise_norm(
    channels: int, stride: int, conv_cfg: OptConfigType, norm_cfg: dict
) -> ConvModule:
    """A 3x3 convolution of each channel and a norm layer."""
    cfgs = dict(conv_cfg=conv_cfg, norm_cfg=norm_cfg, act_cfg=None)
    return ConvModule(channels, channels, 3, stride, padding=1, groups=channels, **cfgs)


class InvertedResidual(BaseModule):
    """A unit of two branches, whose channels are shuffled together.

    With stride 1 the input is split: one half passes, the other goes through the convolutions.
    With stride 2 both branches convolve the whole input.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output, an even number.
        stride: Stride of the unit.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Kind of norm layer.
        act_cfg: Activation.
        with_cp: Whether to compute the unit again in the backward pass, to save memory.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Raises:
        ValueError: ``out_channels`` is odd, or stride 1 has to change the channels.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        stride: int = 1,
        conv_cfg: OptConfigType = None,
        norm_cfg: dict = dict(type='BN'),
        act_cfg: dict = dict(type='ReLU'),
        with_cp: bool = False,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        if out_channels % 2:
            raise ValueError(f'out_channels is {out_channels}; it must be even.')
        if stride == 1 and in_channels != out_channels:
            raise ValueError(
                f'in_channels is {in_channels} and out_channels {out_channels}; with stride 1 '
                'they must be equal.'
            )
        self.stride = stride
        self.with_cp = with_cp
        half = out_channels // 2
        cfgs = dict(conv_cfg=conv_cfg, norm_cfg=norm_cfg)

        def pointwise(channels: int) -> ConvModule:
            return ConvModule(channels, half, 1, act_cfg=act_cfg, **cfgs)

        if stride > 1:
            self.branch1 = nn.Sequential(
                depthwise_norm(in_channels, stride, **cfgs), pointwise(in_channels)
            )
        self.branch2 = nn.Sequential(
            pointwise(in_channels if stride > 1 else half),
            depthwise_norm(half, stride, **cfgs),
            pointwise(half),
        )

    def forward(self, x: Tensor) -> Tensor:
        """The unit's output (B, ``out_channels``, H / stride, W / stride)."""
        return run_block(self._compute, x, self.with_cp)

    def _compute(self, x: Tensor) -> Tensor:
        if self.stride > 1:
            first, second = self.branch1(x), x
        else:
            first, second = x.chunk(2, dim=1)
        return channel_shuffle(torch.cat((first, self.branch2(second)), dim=1), 2)


@MODELS.register_module()
class ShuffleNetV2(ShuffleNet):
    """Feature maps of a ShuffleNetV2.

    Paper: `Ma et al., 2018, ShuffleNet V2 <https://arxiv.org/abs/1807.11164>`_.

    Args:
        widen_factor: Width of the network: 0.5, 1.0, 1.5 or 2.0.
        out_indices: What is returned: 0 to 2 for the stages of units, 3 for the 1x1 convolution
            after them.
        frozen_stages: -1 for nothing, 0 for the stem, n for the first n of these too.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Kind of norm layer.
        act_cfg: Activation.
        norm_eval: Whether batch norm keeps its statistics in training.
        with_cp: Whether units are computed again in the backward pass, to save memory.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Attributes:
        arch_settings: Channels of the stages and of the convolution, by ``widen_factor``.
        stage_blocks: Number of units of each stage.

    Raises:
        ValueError: There is no such width or stage.

    Example:
        >>> ShuffleNetV2(out_indices=(0, 1, 2, 3)).out_channels
        (116, 232, 464, 1024)
    """

    arch_settings = {
        0.5: (48, 96, 192, 1024),
        1.0: (116, 232, 464, 1024),
        1.5: (176, 352, 704, 1024),
        2.0: (244, 488, 976, 2048),
    }
    stage_blocks = (4, 8, 4)

    def __init__(
        self,
        widen_factor: float = 1.0,
        out_indices: Sequence[int] = (3,),
        frozen_stages: int = -1,
        conv_cfg: OptConfigType = None,
        norm_cfg: dict = dict(type='BN'),
        act_cfg: dict = dict(type='ReLU'),
        norm_eval: bool = False,
        with_cp: bool = False,
        init_cfg: OptMultiConfig = [
            dict(type='Normal', std=0.01, layer=['Conv2d']),
            dict(type='Constant', val=1, bias=0.0001, layer=['_BatchNorm', 'GroupNorm']),
        ],
    ) -> None:
        num_stages = len(self.stage_blocks) + 1
        super().__init__(num_stages, out_indices, frozen_stages, norm_eval, init_cfg)
        channels = pick_arch(self, 'widen_factor', widen_factor, self.arch_settings)
        cfgs = dict(conv_cfg=conv_cfg, norm_cfg=norm_cfg, act_cfg=act_cfg)

        in_channels = 24
        self.make_stem(in_channels, cfgs)
        for width, num_blocks in zip(channels[:-1], self.stage_blocks, strict=True):
            halving = InvertedResidual(in_channels, width, stride=2, with_cp=with_cp, **cfgs)
            others = [
                InvertedResidual(width, width, with_cp=with_cp, **cfgs)
                for _ in range(num_blocks - 1)
            ]
            self.layers.append(nn.Sequential(halving, *others))
            in_channels = width
        self.layers.append(ConvModule(in_channels, channels[-1], 1, **cfgs))
        self.declare_stages(channels, (8, 16, 32, 32))

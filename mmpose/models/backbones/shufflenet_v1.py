"""Networks of grouped 1x1 convolutions whose channels are shuffled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from mmcv.cnn import ConvModule, build_activation_layer
from mmengine.model import BaseModule, constant_init, normal_init
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from mmpose.registry import MODELS

from .staged_backbone import StagedBackbone
from .utils import channel_shuffle, make_divisible, pick_arch, run_block

if TYPE_CHECKING:
    from mmpose.utils.typing import OptConfigType, OptMultiConfig


class ShuffleUnit(BaseModule):
    """A bottleneck of grouped convolutions that adds its input, or appends it at half the size.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        groups: Groups of the 1x1 convolutions.
        first_block: Whether the first 1x1 convolution has no groups, for an input of few channels.
        combine: ``'add'`` to the input, or ``'concat'`` with the pooled input, with stride 2.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Kind of norm layer.
        act_cfg: Activation.
        with_cp: Whether to compute the unit again in the backward pass, to save memory.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Raises:
        ValueError: There is no such ``combine``, or the channels do not suit it or the groups.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        groups: int = 3,
        first_block: bool = True,
        combine: str = 'add',
        conv_cfg: OptConfigType = None,
        norm_cfg: dict = dict(type='BN'),
        act_cfg: dict = dict(type='ReLU'),
        with_cp: bool = False,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        mid_channels = out_channels // 4
        if combine == 'add':
            fits = in_channels == out_channels
            widened, stride = out_channels, 1
        elif combine == 'concat':
            fits = in_channels < out_channels
            widened, stride = out_channels - in_channels, 2
        else:
            raise ValueError(f"combine is {combine!r}; choose 'add' or 'concat'.")
        if not fits:
            raise ValueError(
                f'A unit from {in_channels} to {out_channels} channels cannot {combine} its input; '
                "'add' needs as many channels and 'concat' fewer than the output has."
            )
        compress_groups = 1 if first_block else groups
        if mid_channels % groups or widened % groups or in_channels % compress_groups:
            raise ValueError(
                f'A unit with {in_channels}, {mid_channels} and {widened} channels cannot have '
                f'{groups} groups; choose channels that they divide.'
            )
        self.groups = groups
        self.combine = combine
        self.with_cp = with_cp

        cfgs = dict(conv_cfg=conv_cfg, norm_cfg=norm_cfg)
        self.g_conv_1x1_compress = ConvModule(
            in_channels, mid_channels, 1, groups=compress_groups, act_cfg=act_cfg, **cfgs
        )
        self.depthwise_conv3x3_bn = ConvModule(
            mid_channels,
            mid_channels,
            3,
            stride=stride,
            padding=1,
            groups=mid_channels,
            act_cfg=None,
            **cfgs,
        )
        self.g_conv_1x1_expand = ConvModule(
            mid_channels, widened, 1, groups=groups, act_cfg=None, **cfgs
        )
        self.act = build_activation_layer(act_cfg)
        if combine == 'concat':
            self.avgpool = nn.AvgPool2d(3, stride=2, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """The unit's output (B, ``out_channels``, H, W), or at half the size."""
        return run_block(self._compute, x, self.with_cp)

    def _compute(self, x: Tensor) -> Tensor:
        out = self.depthwise_conv3x3_bn(self.g_conv_1x1_compress(x))
        out = self.g_conv_1x1_expand(channel_shuffle(out, self.groups))
        if self.combine == 'add':
            return self.act(x + out)
        return torch.cat((self.avgpool(x), self.act(out)), dim=1)


class ShuffleNet(StagedBackbone):
    """The stem and the initialisation of both versions; ``layers`` holds the stages."""

    layers: nn.ModuleList

    def make_stem(self, channels: int, cfgs: dict) -> None:
        """Build a convolution and a pooling, each of which halves the picture."""
        self.conv1 = ConvModule(3, channels, 3, stride=2, padding=1, **cfgs)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layers = nn.ModuleList()

    def stages(self) -> list[nn.Module]:
        """The stages in order."""
        return list(self.layers)

    def stem(self, x: Tensor) -> Tensor:
        """What the first stage gets for pictures (B, 3, H, W)."""
        return self.maxpool(self.conv1(x))

    def init_own_weights(self) -> None:
        """Initialise convolutions by their number of inputs; batch norm starts a little open."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                normal_init(module, std=1 / module.weight.shape[1])
            elif isinstance(module, (_BatchNorm, nn.GroupNorm)):
                constant_init(module, 1, bias=0.0001)
        normal_init(self.conv1.conv, std=0.01)


@MODELS.register_module()
class ShuffleNetV1(ShuffleNet):
    """Feature maps of a ShuffleNet.

    Paper: `Zhang et al., 2018, ShuffleNet <https://arxiv.org/abs/1707.01083>`_. The channels are
    shuffled after the depthwise convolution, not before it, which is the same network but for
    the order of that convolution's channels.

    Args:
        groups: Groups of the 1x1 convolutions: 1, 2, 3, 4 or 8. More groups go with more channels.
        widen_factor: What the numbers of channels are multiplied by.
        out_indices: Stages, from 0, whose feature maps are returned; -1 is the last.
        frozen_stages: -1 for nothing, 0 for the stem, n for the first n stages too.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Kind of norm layer.
        act_cfg: Activation.
        norm_eval: Whether batch norm keeps its statistics in training.
        with_cp: Whether blocks are computed again in the backward pass, to save memory.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Attributes:
        arch_settings: Channels of the stages, by ``groups``.
        stage_blocks: Number of units of each stage.

    Raises:
        ValueError: There are no such groups or stages, or the widened channels do not suit the
            groups.

    Example:
        >>> ShuffleNetV1(groups=3, out_indices=(0, 1, 2)).out_channels
        (240, 480, 960)
    """

    arch_settings = {
        1: (144, 288, 576),
        2: (200, 400, 800),
        3: (240, 480, 960),
        4: (272, 544, 1088),
        8: (384, 768, 1536),
    }
    stage_blocks = (4, 8, 4)

    def __init__(
        self,
        groups: int = 3,
        widen_factor: float = 1.0,
        out_indices: Sequence[int] = (2,),
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
        num_stages = len(self.stage_blocks)
        super().__init__(num_stages, out_indices, frozen_stages, norm_eval, init_cfg)
        widths = pick_arch(self, 'groups', groups, self.arch_settings)
        channels = [make_divisible(width * widen_factor, 8) for width in widths]
        self.groups = groups
        self.with_cp = with_cp
        self.cfgs = dict(conv_cfg=conv_cfg, norm_cfg=norm_cfg, act_cfg=act_cfg)

        self.in_channels = int(24 * widen_factor)
        self.make_stem(self.in_channels, self.cfgs)
        for i, num_blocks in enumerate(self.stage_blocks):
            self.layers.append(self.make_layer(channels[i], num_blocks, first_block=i == 0))
        self.declare_stages(channels, (8, 16, 32))

    def make_layer(
        self, out_channels: int, num_blocks: int, first_block: bool = False
    ) -> nn.Sequential:
        """A stage that starts from ``in_channels`` channels, which become those of its output.

        Args:
            out_channels: Channels of the output.
            num_blocks: Number of units; the first halves the size.
            first_block: Whether the first convolution has no groups.
        """
        units = []
        for i in range(num_blocks):
            units.append(
                ShuffleUnit(
                    self.in_channels,
                    out_channels,
                    groups=self.groups,
                    first_block=first_block and i == 0,
                    combine='concat' if i == 0 else 'add',
                    with_cp=self.with_cp,
                    **self.cfgs,
                )
            )
            self.in_channels = out_channels
        return nn.Sequential(*units)

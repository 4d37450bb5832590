"""Light high-resolution networks, whose branches weight channels in place of 1x1 convolutions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import torch
from mmcv.cnn import ConvModule, DepthwiseSeparableConvModule
from mmengine.model import BaseModule
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d, interpolate

from mmpose.registry import MODELS

from .base_backbone import BaseBackbone
from .branch_exchange import (
    BranchExchange,
    check_branches,
    each,
    make_transition,
    separable_conv_norm,
)
from .shufflenet_v2 import InvertedResidual, depthwise_norm
from .utils import SELayer, channel_shuffle, check_lengths, pick_arch, run_block

if TYPE_CHECKING:
    from mmpose.utils.typing import OptConfigType, OptMultiConfig


class CrossResolutionWeighting(BaseModule):
    """Maps of several resolutions whose cells are scaled by what all resolutions show there.

    Args:
        channels: Channels of each map, from the finest to the coarsest.
        ratio: How many times narrower the layer is inside than all maps together.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Kind of norm layer.
    """

    def __init__(
        self,
        channels: Sequence[int],
        ratio: int = 16,
        conv_cfg: OptConfigType = None,
        norm_cfg: OptConfigType = None,
    ) -> None:
        super().__init__()
        self.channels = list(channels)
        total = sum(channels)
        cfgs = dict(conv_cfg=conv_cfg, norm_cfg=norm_cfg)
        self.conv1 = ConvModule(total, int(total / ratio), 1, **cfgs)
        self.conv2 = ConvModule(int(total / ratio), total, 1, act_cfg=dict(type='Sigmoid'), **cfgs)

    def forward(self, maps: Sequence[Tensor]) -> list[Tensor]:
        """The scaled maps, from the finest to the coarsest."""
        size = maps[-1].shape[-2:]
        pooled = torch.cat([adaptive_avg_pool2d(x, size) for x in maps], dim=1)
        weights = self.conv2(self.conv1(pooled)).split(self.channels, dim=1)
        return [
            x * interpolate(weight, x.shape[-2:], mode='nearest')
            for x, weight in zip(maps, weights, strict=True)
        ]


class ConditionalChannelWeighting(BaseModule):
    """A shuffle block over all branches: half the channels pass, half are weighted and filtered.

    Args:
        in_channels: Channels of each branch.
        reduce_ratio: How many times narrower the weighting across branches is inside.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Kind of norm layer.
        with_cp: Whether to compute the block again in the backward pass, to save memory.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        reduce_ratio: int,
        conv_cfg: OptConfigType = None,
        norm_cfg: dict = dict(type='BN'),
        with_cp: bool = False,
    ) -> None:
        super().__init__()
        self.with_cp = with_cp
        halves = [channels // 2 for channels in in_channels]
        self.cross_resolution_weighting = CrossResolutionWeighting(
            halves, reduce_ratio, conv_cfg, norm_cfg
        )
        self.depthwise_convs = nn.ModuleList(
            depthwise_norm(channels, 1, conv_cfg, norm_cfg) for channels in halves
        )
        self.spatial_weighting = nn.ModuleList(
            SELayer(channels, ratio=4, conv_cfg=conv_cfg) for channels in halves
        )

    def _compute(self, maps: Sequence[Tensor]) -> list[Tensor]:
        passing, changing = zip(*(x.chunk(2, dim=1) for x in maps), strict=True)
        changing = self.cross_resolution_weighting(changing)
        layers = zip(self.depthwise_convs, self.spatial_weighting, strict=True)
        changing = [weight(conv(x)) for x, (conv, weight) in zip(changing, layers, strict=True)]
        return [_join(*halves) for halves in zip(passing, changing, strict=True)]

    def forward(self, maps: Sequence[Tensor]) -> list[Tensor]:
        """The branches' maps, in their shapes."""
        return run_block(self._compute, maps, self.with_cp)


def _join(first: Tensor, second: Tensor) -> Tensor:
    """Both halves of the channels, one channel of each in turn."""
    return channel_shuffle(torch.cat((first, second), dim=1), 2)


class Stem(BaseModule):
    """A strided convolution and a strided shuffle block: a quarter of the picture's sides.

    Args:
        in_channels: Channels of the picture.
        stem_channels: Channels of the convolution.
        out_channels: Channels of the output.
        expand_ratio: Ratio of the channels inside the block's longer half to ``stem_channels``.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Kind of norm layer.
        with_cp: Whether to compute the stem again in the backward pass, to save memory.

    Raises:
        ValueError: ``out_channels`` is less than ``stem_channels``.
    """

    def __init__(
        self,
        in_channels: int,
        stem_channels: int,
        out_channels: int,
        expand_ratio: float,
        conv_cfg: OptConfigType = None,
        norm_cfg: dict = dict(type='BN'),
        with_cp: bool = False,
    ) -> None:
        super().__init__()
        if out_channels < stem_channels:
            raise ValueError(
                f'The stem has {out_channels} output channels, but needs at least its '
                f'stem_channels, {stem_channels}.'
            )
        self.with_cp = with_cp
        cfgs = dict(conv_cfg=conv_cfg, norm_cfg=norm_cfg)
        half, inner = stem_channels // 2, round(stem_channels * expand_ratio)
        longer = half if out_channels == stem_channels else stem_channels
        self.conv1 = ConvModule(in_channels, stem_channels, 3, stride=2, padding=1, **cfgs)
        self.branch1 = nn.Sequential(
            depthwise_norm(half, 2, **cfgs), ConvModule(half, out_channels - longer, 1, **cfgs)
        )
        self.expand_conv = ConvModule(half, inner, 1, **cfgs)
        self.depthwise_conv = depthwise_norm(inner, 2, **cfgs)
        self.linear_conv = ConvModule(inner, longer, 1, **cfgs)

    def _compute(self, x: Tensor) -> Tensor:
        first, second = self.conv1(x).chunk(2, dim=1)
        second = self.linear_conv(self.depthwise_conv(self.expand_conv(second)))
        return _join(self.branch1(first), second)

    def forward(self, x: Tensor) -> Tensor:
        """The features (B, ``out_channels``, H / 4, W / 4)."""
        return run_block(self._compute, x, self.with_cp)


class IterativeHead(BaseModule):
    """The finest branch, to which the others are added step by step from the coarsest one.

    Args:
        in_channels: Channels of each branch, from the finest to the coarsest.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Kind of norm layer.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        conv_cfg: OptConfigType = None,
        norm_cfg: dict = dict(type='BN'),
    ) -> None:
        super().__init__()
        widths = [*reversed(in_channels), in_channels[0]]
        self.projects = nn.ModuleList(
            DepthwiseSeparableConvModule(
                before,
                after,
                3,
                padding=1,
                conv_cfg=conv_cfg,
                norm_cfg=norm_cfg,
                dw_act_cfg=None,
            )
            for before, after in pairwise(widths)
        )

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        """The finest map, for the maps from the finest to the coarsest."""
        out, *finer = (*reversed(maps),)
        out = self.projects[0](out)
        for project, x in zip(self.projects[1:], finer, strict=True):
            size = x.shape[-2:]
            out = project(x + interpolate(out, size, mode='bilinear', align_corners=True))
        return out


class ShuffleBranches(nn.ModuleList):
    """Stacks of shuffle units, one for each branch."""

    def forward(self, maps: Sequence[Tensor]) -> list[Tensor]:
        """The branches' maps, in their shapes."""
        return each(self, maps)


def _lite_layers(channels: Sequence[int], num_blocks: int, reduce_ratio: int, **cfgs) -> nn.Module:
    return nn.Sequential(
        *(ConditionalChannelWeighting(channels, reduce_ratio, **cfgs) for _ in range(num_blocks))
    )


def _naive_layers(channels: Sequence[int], num_blocks: int, reduce_ratio: int, **cfgs) -> nn.Module:
    return ShuffleBranches(
        nn.Sequential(*(InvertedResidual(width, width, **cfgs) for _ in range(num_blocks)))
        for width in channels
    )


class LiteHRModule(BranchExchange):
    """Parallel branches of light blocks, then the exchange between their resolutions.

    Args:
        num_branches: Number of branches; each halves the resolution of the one before.
        num_blocks: Number of blocks.
        in_channels: Channels of each branch.
        reduce_ratio: How many times narrower the weighting across branches is inside.
        module_type: ``'LITE'`` for :class:`ConditionalChannelWeighting`, ``'NAIVE'`` for
            the units of ShuffleNetV2 in each branch.
        multiscale_output: Whether every branch is returned, not the finest alone.
        with_fuse: Whether there is an exchange.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Kind of norm layer.
        with_cp: Whether blocks are computed again in the backward pass, to save memory.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Raises:
        ValueError: There is no such module type, or not one entry of ``in_channels`` per branch.
    """

    conv_norm = staticmethod(separable_conv_norm)
    module_types = dict(LITE=_lite_layers, NAIVE=_naive_layers)

    def __init__(
        self,
        num_branches: int,
        num_blocks: int,
        in_channels: Sequence[int],
        reduce_ratio: int,
        module_type: str,
        multiscale_output: bool = False,
        with_fuse: bool = True,
        conv_cfg: OptConfigType = None,
        norm_cfg: dict = dict(type='BN'),
        with_cp: bool = False,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        check_branches(num_branches, in_channels=in_channels)
        upsample_cfg = dict(mode='nearest', align_corners=None)
        super().__init__(in_channels, multiscale_output, conv_cfg, norm_cfg, upsample_cfg, init_cfg)
        make_layers = pick_arch(self, 'module_type', module_type, self.module_types)
        cfgs = dict(conv_cfg=conv_cfg, norm_cfg=norm_cfg, with_cp=with_cp)
        self.layers = make_layers(in_channels, num_blocks, reduce_ratio, **cfgs)
        self.fuse_layers = self.make_fuse_layers() if with_fuse else None
        self.relu = nn.ReLU()

    def forward(self, x: Sequence[Tensor]) -> list[Tensor]:
        """The branches' outputs for one input per branch, from the finest to the coarsest."""
        maps = list(self.layers(x))
        if self.fuse_layers is None:
            return maps if self.multiscale_output else maps[:1]
        fused = []
        for i, layers in enumerate(self.fuse_layers):
            finest, *others = each(layers, maps)
            # published quirks: the finest branch counts twice, and what the coarser branches get
            # of it is already its sum with them
            total = sum(others, 2 * finest)
            if i == 0:
                maps[0] = total
            fused.append(self.relu(total))
        return fused


@MODELS.register_module()
class LiteHRNet(BaseBackbone):
    """Feature maps that keep their resolution, at a quarter of the picture's sides.

    Paper: `Yu et al., 2021, Lite-HRNet: A Lightweight High-Resolution Network
    <https://arxiv.org/abs/2104.06403>`_.

    Args:
        extra: ``stem``, a dict with ``stem_channels``, ``out_channels`` and ``expand_ratio``;
            ``num_stages``; ``stages_spec``, a dict of lists with an entry per stage:
            ``num_modules``, ``num_branches``, ``num_blocks``, ``module_type``, ``with_fuse`` and
            ``reduce_ratios`` as in :class:`LiteHRModule`, and ``num_channels`` (an entry per
            branch); ``with_head``, whether the last stage's branches are joined in the finest.
        in_channels: Channels of the picture.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Kind of norm layer.
        norm_eval: Whether batch norm keeps its statistics in training.
        with_cp: Whether blocks are computed again in the backward pass, to save memory.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Raises:
        ValueError: A list does not have an entry per stage, or a stage does not fit its branches.
    """

    def __init__(
        self,
        extra: dict,
        in_channels: int = 3,
        conv_cfg: OptConfigType = None,
        norm_cfg: dict = dict(type='BN'),
        norm_eval: bool = False,
        with_cp: bool = False,
        init_cfg: OptMultiConfig = [
            dict(type='Normal', std=0.001, layer=['Conv2d']),
            dict(type='Constant', val=1, layer=['_BatchNorm', 'GroupNorm']),
        ],
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        self.extra = extra
        self.norm_eval = norm_eval
        self.num_stages = extra['num_stages']
        self.with_head = extra['with_head']
        spec = extra['stages_spec']
        check_lengths(self, self.num_stages, **spec)
        cfgs = dict(conv_cfg=conv_cfg, norm_cfg=norm_cfg)
        convolve = partial(separable_conv_norm, **cfgs)

        self.stem = Stem(in_channels, **extra['stem'], with_cp=with_cp, **cfgs)
        channels = [extra['stem']['out_channels']]
        for n in range(self.num_stages):
            before, channels = channels, spec['num_channels'][n]
            all_branches = self.with_head or n < self.num_stages - 1
            self.add_module(f'transition{n}', make_transition(before, channels, convolve))
            modules = [
                LiteHRModule(
                    spec['num_branches'][n],
                    spec['num_blocks'][n],
                    channels,
                    spec['reduce_ratios'][n],
                    spec['module_type'][n],
                    all_branches or i < spec['num_modules'][n] - 1,
                    spec['with_fuse'][n],
                    with_cp=with_cp,
                    **cfgs,
                )
                for i in range(spec['num_modules'][n])
            ]
            self.add_module(f'stage{n}', nn.Sequential(*modules))
        if self.with_head:
            self.head_layer = IterativeHead(channels, **cfgs)
        self.out_channels = (channels[0],)
        self.out_strides = (4,)
        # branches are added to each other, so the coarsest must divide the picture evenly
        self.size_divisor = 2 * 2 ** len(channels)

    def forward(self, x: Tensor) -> tuple[Tensor]:
        """The finest branch (B, C, H / 4, W / 4) for pictures (B, C, H, W).

        Raises:
            ValueError: A side is no multiple of the stride of the coarsest branch.
        """
        self.check_picture_size(x)
        maps = [self.stem(x)]
        for n in range(self.num_stages):
            transition = getattr(self, f'transition{n}')
            # a new branch comes from the coarsest one
            maps += maps[-1:] * (len(transition) - len(maps))
            maps = getattr(self, f'stage{n}')(each(transition, maps))
        return (self.head_layer(maps) if self.with_head else maps[0],)

"""Stacked hourglasses: down to coarse maps and up again, several times over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mmcv.cnn import ConvModule
from torch import Tensor, nn
from torch.nn.functional import interpolate

from mmpose.registry import MODELS

from .base_backbone import BaseBackbone
from .residual_blocks import BasicBlock, ResLayer

if TYPE_CHECKING:
    from mmpose.utils.typing import OptMultiConfig


class Hourglass(nn.Module):
    """Maps plus what is seen of them at half the resolution.

    Args:
        up1: What the maps go through at their own resolution.
        low1: The first step at half the resolution; it halves the maps, unless ``pool`` does.
        low2: The second step, usually a further hourglass.
        low3: The third step; it restores the channels.
        pool: What comes before ``low1``; ``None`` for nothing.
    """

    def __init__(
        self,
        up1: nn.Module,
        low1: nn.Module,
        low2: nn.Module,
        low3: nn.Module,
        pool: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.up1 = up1
        self.pool = pool or nn.Identity()
        self.low1 = low1
        self.low2 = low2
        self.low3 = low3

    def forward(self, x: Tensor) -> Tensor:
        """Maps of the shape of ``x``, (B, C, H, W), whose sides are even."""
        low = self.low3(self.low2(self.low1(self.pool(x))))
        return self.up1(x) + interpolate(low, scale_factor=2)


class StackedHourglass(BaseBackbone):
    """The output of each of several hourglasses in a row.

    A subclass builds ``stem``, ``hourglass_modules`` and ``out_convs``, and writes
    :meth:`next_input`.

    Args:
        downsample_times: How often an hourglass halves the resolution.
        num_stacks: Number of hourglasses.
        stage_channels: Channels at each resolution, from the finest.
        feat_channels: Channels between the hourglasses.
        out_channels: Channels of each output.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Raises:
        ValueError: A number is not positive, or ``stage_channels`` is too short or does not begin
            with ``feat_channels``.
    """

    def __init__(
        self,
        downsample_times: int,
        num_stacks: int,
        stage_channels: Sequence[int],
        feat_channels: int,
        out_channels: int,
        init_cfg: OptMultiConfig,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        name = type(self).__name__
        for key, value in dict(downsample_times=downsample_times, num_stacks=num_stacks).items():
            if value < 1:
                raise ValueError(f'{key} of {name} is {value}; it must be at least 1.')
        if len(stage_channels) <= downsample_times:
            raise ValueError(
                f'stage_channels of {name} is {tuple(stage_channels)}; it needs an entry for the '
                f'finest resolution and one for each of the {downsample_times} halvings.'
            )
        if stage_channels[0] != feat_channels:
            raise ValueError(
                f'stage_channels of {name} begins with {stage_channels[0]}, but there are '
                f'{feat_channels} channels between the hourglasses; give the same number.'
            )
        self.num_stacks = num_stacks
        self.out_channels = (out_channels,) * num_stacks
        self.out_strides = (4,) * num_stacks
        self.size_divisor = 4 * 2**downsample_times

    def next_input(self, i: int, x: Tensor, feature: Tensor, out: Tensor) -> Tensor:
        """The input of hourglass ``i + 1``.

        Args:
            i: Number of the hourglass before it, from 0.
            x: Its input.
            feature: What it made of that.
            out: Its output, made of ``feature``.
        """
        raise NotImplementedError

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """The outputs (B, C, H / 4, W / 4) of the hourglasses for pictures (B, 3, H, W).

        Raises:
            ValueError: A side is no multiple of the stride of the coarsest maps.
        """
        self.check_picture_size(x)
        x = self.stem(x)
        outs = []
        for i, hourglass in enumerate(self.hourglass_modules):
            feature = hourglass(x)
            outs.append(self.out_convs[i](feature))
            if i < self.num_stacks - 1:
                x = self.next_input(i, x, feature, outs[-1])
        return tuple(outs)


def _make_hourglass(channels: Sequence[int], blocks: Sequence[int], norm_cfg: dict) -> Hourglass:
    """An hourglass of residual blocks, with as many resolutions as ``channels`` has entries."""
    here, below = channels[:2]
    if len(channels) > 2:
        low2 = _make_hourglass(channels[1:], blocks[1:], norm_cfg)
    else:
        low2 = ResLayer(BasicBlock, blocks[1], below, below, norm_cfg=norm_cfg)
    return Hourglass(
        up1=ResLayer(BasicBlock, blocks[0], here, here, norm_cfg=norm_cfg),
        low1=ResLayer(BasicBlock, blocks[0], here, below, stride=2, norm_cfg=norm_cfg),
        low2=low2,
        low3=ResLayer(
            BasicBlock, blocks[0], below, here, norm_cfg=norm_cfg, downsample_first=False
        ),
    )


@MODELS.register_module()
class HourglassNet(StackedHourglass):
    """The feature maps of stacked hourglasses of residual blocks.

    Paper: `Newell et al., 2016, Stacked Hourglass Networks for Human Pose Estimation
    <https://arxiv.org/abs/1603.06937>`_, with the blocks and strides of `Law and Deng, 2018,
    CornerNet <https://arxiv.org/abs/1808.01244>`_.

    Args:
        downsample_times: How often an hourglass halves the resolution.
        num_stacks: Number of hourglasses.
        stage_channels: Channels at each resolution, from the finest.
        stage_blocks: Number of residual blocks of each step, by resolution.
        feat_channel: Channels between the hourglasses and of the feature maps.
        norm_cfg: Kind of norm layer.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Raises:
        ValueError: A number is not positive, or the tuples do not fit the other arguments.

    Example:
        >>> import torch
        >>> backbone = HourglassNet(1, stage_channels=(8, 8), stage_blocks=(1, 1), feat_channel=8)
        >>> [tuple(x.shape) for x in backbone(torch.zeros(1, 3, 64, 32))]
        [(1, 8, 16, 8), (1, 8, 16, 8)]
    """

    def __init__(
        self,
        downsample_times: int = 5,
        num_stacks: int = 2,
        stage_channels: Sequence[int] = (256, 256, 384, 384, 384, 512),
        stage_blocks: Sequence[int] = (2, 2, 2, 2, 2, 4),
        feat_channel: int = 256,
        norm_cfg: dict = dict(type='BN', requires_grad=True),
        init_cfg: OptMultiConfig = [
            dict(type='Normal', std=0.001, layer=['Conv2d']),
            dict(type='Constant', val=1, layer=['_BatchNorm', 'GroupNorm']),
        ],
    ) -> None:
        super().__init__(
            downsample_times, num_stacks, stage_channels, feat_channel, feat_channel, init_cfg
        )
        if len(stage_blocks) != len(stage_channels):
            raise ValueError(
                f'stage_blocks of HourglassNet is {tuple(stage_blocks)}; give an entry for each of '
                f'the {len(stage_channels)} entries of stage_channels.'
            )
        resolutions = downsample_times + 1
        self.stem = nn.Sequential(
            ConvModule(3, 128, 7, stride=2, padding=3, norm_cfg=norm_cfg),
            ResLayer(BasicBlock, 1, 128, feat_channel, stride=2, norm_cfg=norm_cfg),
        )
        self.hourglass_modules = nn.ModuleList(
            _make_hourglass(stage_channels[:resolutions], stage_blocks[:resolutions], norm_cfg)
            for _ in range(num_stacks)
        )
        self.out_convs = nn.ModuleList(
            ConvModule(feat_channel, feat_channel, 3, padding=1, norm_cfg=norm_cfg)
            for _ in range(num_stacks)
        )
        between = num_stacks - 1
        self.inters = ResLayer(
            BasicBlock, max(between, 1), feat_channel, feat_channel, norm_cfg=norm_cfg
        )
        if not between:
            # there in the published weights of a single hourglass, but never run
            self.inters.requires_grad_(False)
        self.conv1x1s, self.remap_convs = (
            nn.ModuleList(
                ConvModule(feat_channel, feat_channel, 1, norm_cfg=norm_cfg, act_cfg=None)
                for _ in range(between)
            )
            for _ in range(2)
        )
        self.relu = nn.ReLU(inplace=True)

    def next_input(self, i: int, x: Tensor, feature: Tensor, out: Tensor) -> Tensor:
        """The input and the output of the hourglass before, joined by a residual block."""
        return self.inters[i](self.relu(self.conv1x1s[i](x) + self.remap_convs[i](out)))

"""What multi-stage networks share: each stage goes down in residual layers, and up in units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from mmcv.cnn import ConvModule
from torch import Tensor, nn
from torch.nn.functional import interpolate

from .base_backbone import BaseBackbone
from .residual_blocks import ResidualBlock

if TYPE_CHECKING:
    from mmpose.utils.typing import OptMultiConfig


class Top(nn.Module):
    """Pictures at a quarter of their size: the stem of a residual network.

    Args:
        channels: Channels of the output.
        norm_cfg: Kind of norm layer.
    """

    def __init__(self, channels: int, norm_cfg: dict) -> None:
        super().__init__()
        self.top = nn.Sequential(
            ConvModule(3, channels, 7, stride=2, padding=3, norm_cfg=norm_cfg),
            nn.MaxPool2d(3, stride=2, padding=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """The maps (B, ``channels``, H / 4, W / 4) of pictures (B, 3, H, W)."""
        return self.top(x)


def _make_layer(
    block: Callable[..., ResidualBlock],
    num_blocks: int,
    in_channels: int,
    out_channels: int,
    stride: int,
    norm_cfg: dict,
) -> nn.Sequential:
    """Residual blocks, the first of which changes the resolution and the channels."""
    downsample = None
    if stride != 1 or in_channels != out_channels:
        downsample = ConvModule(
            in_channels, out_channels, 1, stride=stride, norm_cfg=norm_cfg, act_cfg=None
        )
    change = dict(stride=stride, downsample=downsample)
    return nn.Sequential(
        block(in_channels, out_channels, **change),
        *(block(out_channels, out_channels) for _ in range(num_blocks - 1)),
    )


class UpsampleUnit(nn.Module):
    """Maps of a stage's way down joined with those of the coarser unit.

    Args:
        in_channels: Channels of the maps of the way down.
        unit_channels: Channels of the output.
        norm_cfg: Kind of norm layer.
        coarsest: Whether there is no coarser unit.
        gen_skip: Whether the next stage gets maps for its way down.
        cross_channels: Channels of the input that the next stage gets; ``None`` for none.
    """

    def __init__(
        self,
        in_channels: int,
        unit_channels: int,
        norm_cfg: dict,
        coarsest: bool,
        gen_skip: bool,
        cross_channels: int | None,
    ) -> None:
        super().__init__()
        conv = partial(ConvModule, kernel_size=1, norm_cfg=norm_cfg)
        self.gen_skip = gen_skip
        self.in_skip = conv(in_channels, unit_channels, act_cfg=None)
        self.relu = nn.ReLU(inplace=True)
        if not coarsest:
            self.up_conv = conv(unit_channels, unit_channels, act_cfg=None)
        if gen_skip:
            self.out_skip1 = conv(in_channels, in_channels)
            self.out_skip2 = conv(unit_channels, in_channels)
        if cross_channels is not None:
            self.cross_conv = conv(unit_channels, cross_channels)

    def forward(self, x: Tensor, coarser: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """The output (B, ``unit_channels``, H, W), and what the next stage adds on its way down.

        Args:
            x: (B, ``in_channels``, H, W), of this stage's way down.
            coarser: Output of the coarser unit; ``None`` for the coarsest.
        """
        out = self.in_skip(x)
        if coarser is not None:
            coarser = interpolate(coarser, x.shape[2:], mode='bilinear', align_corners=True)
            out = out + self.up_conv(coarser)
        out = self.relu(out)
        skip = self.out_skip1(x) + self.out_skip2(out) if self.gen_skip else None
        return out, skip


class SingleStage(nn.Module):
    """A way down through residual layers and a way up through as many units.

    Args:
        block: Makes a residual block from its input and output channels, ``stride`` and
            ``downsample``.
        num_blocks: Number of blocks of each layer.
        layer_channels: Output channels of each layer.
        in_channels: Channels of the input.
        unit_channels: Channels of the units.
        norm_cfg: Kind of norm layer.
        last: Whether no stage follows.
    """

    def __init__(
        self,
        block: Callable[..., ResidualBlock],
        num_blocks: Sequence[int],
        layer_channels: Sequence[int],
        in_channels: int,
        unit_channels: int,
        norm_cfg: dict,
        last: bool,
    ) -> None:
        super().__init__()
        self.downsample = nn.ModuleDict()
        before, stride = in_channels, 1
        for i, (number, channels) in enumerate(zip(num_blocks, layer_channels, strict=True), 1):
            layer = _make_layer(block, number, before, channels, stride, norm_cfg)
            self.downsample[f'layer{i}'] = layer
            before, stride = channels, 2
        self.upsample = nn.ModuleDict()
        for i, channels in enumerate(reversed(layer_channels), 1):
            finest = i == len(layer_channels)
            self.upsample[f'up{i}'] = UpsampleUnit(
                channels,
                unit_channels,
                norm_cfg,
                coarsest=i == 1,
                gen_skip=not last,
                cross_channels=in_channels if finest and not last else None,
            )
        self.last = last

    def forward(
        self, x: Tensor, skips: Sequence[Tensor] | None
    ) -> tuple[tuple[Tensor, ...], Tensor | None, Sequence[Tensor] | None]:
        """The units' maps from the coarsest, then input and skips of the next stage.

        Args:
            x: (B, ``in_channels``, H, W).
            skips: What the stage before adds to each layer, from the finest; ``None`` for nothing.
        """
        maps = []
        for i, layer in enumerate(self.downsample.values()):
            x = layer(x) if skips is None else layer(x) + skips[i]
            maps.append(x)
        outs, next_skips, out = [], [], None
        for unit, x in zip(self.upsample.values(), reversed(maps), strict=True):
            out, skip = unit(x, out)
            outs.append(out)
            next_skips.append(skip)
        if self.last:
            return tuple(outs), None, None
        return tuple(outs), unit.cross_conv(out), next_skips[::-1]


class MultiStageNetwork(BaseBackbone):
    """The maps of each unit of each stage; a subclass names the blocks and the stages.

    Args:
        unit_channels: Channels of the maps that come out.
        num_stages: Number of stages.
        num_units: Number of resolutions of a stage, 2 or more.
        num_blocks: Number of residual blocks at each resolution, from the finest.
        norm_cfg: Kind of norm layer.
        res_top_channels: Channels of the input of each stage.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Attributes:
        block: Class of the residual blocks.
        block_cfg: Arguments of the blocks beyond those of :class:`ResidualBlock`.
        stages_name: The stages' name, as the published weights have it.
        out_channels: Of all the maps in a row.
        out_strides: Of all the maps in a row.

    Raises:
        ValueError: There is no stage, less than two units, or ``num_blocks`` has another length.
    """

    block: type[ResidualBlock]
    block_cfg: dict = {}
    stages_name: str

    def __init__(
        self,
        unit_channels: int = 256,
        num_stages: int = 4,
        num_units: int = 4,
        num_blocks: Sequence[int] = [2, 2, 2, 2],
        norm_cfg: dict = dict(type='BN'),
        res_top_channels: int = 64,
        init_cfg: OptMultiConfig = [
            dict(type='Kaiming', layer=['Conv2d']),
            dict(type='Constant', val=1, layer=['_BatchNorm', 'GroupNorm']),
            dict(type='Normal', std=0.01, layer=['Linear']),
        ],
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        name = type(self).__name__
        for key, value, least in (('num_stages', num_stages, 1), ('num_units', num_units, 2)):
            if value < least:
                raise ValueError(f'{key} of {name} is {value}; it must be at least {least}.')
        if len(num_blocks) != num_units:
            raise ValueError(
                f'num_blocks of {name} is {tuple(num_blocks)}; give one entry for each of the '
                f'{num_units} units.'
            )
        self.num_stages = num_stages
        self.out_channels = (unit_channels,) * (num_stages * num_units)
        self.out_strides = tuple(4 * 2**i for i in reversed(range(num_units))) * num_stages

        self.top = Top(res_top_channels, norm_cfg)
        block = partial(self.block, norm_cfg=norm_cfg, **self.block_cfg)
        finest = res_top_channels * self.block.expansion
        stages = nn.ModuleList(
            SingleStage(
                block,
                num_blocks,
                [finest * 2**i for i in range(num_units)],
                res_top_channels,
                unit_channels,
                norm_cfg,
                last=i == num_stages - 1,
            )
            for i in range(num_stages)
        )
        self.add_module(self.stages_name, stages)

    def forward(self, x: Tensor) -> tuple[tuple[Tensor, ...], ...]:
        """Per stage the maps (B, ``unit_channels``, h, w) of its units, from the coarsest.

        Args:
            x: Pictures (B, 3, H, W). Strides halve from unit to unit, down to 4; sides that they do
                not divide are rounded up.
        """
        x, skips = self.top(x), None
        outs = []
        for stage in getattr(self, self.stages_name):
            maps, x, skips = stage(x, skips)
            outs.append(maps)
        return tuple(outs)

"""Path aggregation: feature maps that exchange what they know, down to the finest and up again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import torch
from mmcv.cnn import ConvModule
from mmengine.model import BaseModule
from torch import Tensor, nn

from ..utils.csp_layer import CSPLayer, conv_class
from .feature_maps import check_halved_maps, check_number_of_maps

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType, OptMultiConfig


def aggregate_paths(
    maps: Sequence[Tensor],
    reduce: Iterable[nn.Module],
    upsample: nn.Module,
    join_down: Iterable[nn.Module],
    downsample: Iterable[nn.Module],
    join_up: Iterable[nn.Module],
) -> list[Tensor]:
    """The maps after both passes, from the finest to the coarsest.

    Args:
        maps: From the finest to the coarsest, each half as large as the one before.
        reduce: What each coarser map passes on its way down, from the coarsest.
        upsample: What doubles its size then.
        join_down: What makes one map of it and the next finer one, stacked along the channels.
        downsample: What halves each map on the way up, from the finest.
        join_up: What makes one map of it and the next coarser one, stacked along the channels.
    """
    inner = [maps[-1]]
    for x, shrink, join in zip(reversed(maps[:-1]), reduce, join_down, strict=True):
        inner[-1] = shrink(inner[-1])
        inner.append(join(torch.cat([upsample(inner[-1]), x], dim=1)))
    outputs = [inner.pop()]
    for x, halve, join in zip(reversed(inner), downsample, join_up, strict=True):
        outputs.append(join(torch.cat([halve(outputs[-1]), x], dim=1)))
    return outputs


class CSPPAFPN(BaseModule):
    """A path aggregation network that joins maps by cross-stage partial layers.

    Paper: `Liu et al., CVPR 2018, Path Aggregation Network <https://arxiv.org/abs/1803.01534>`_.

    Args:
        in_channels: Channels of each feature map, from the finest to the coarsest.
        out_channels: Channels of the maps that come out; ``None`` keeps those that go in.
        out_indices: The maps that come out.
        out_kernel_size: Size of the convolutions to ``out_channels``.
        num_csp_blocks: Number of blocks of each CSP layer.
        use_depthwise: Whether 3x3 convolutions are depthwise, with a pointwise one.
        upsample_cfg: Arguments of :class:`torch.nn.Upsample`, which doubles the size.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.
        csp_cfg: Further arguments of each :class:`CSPLayer`.
        **cfgs: ``conv_cfg``, ``norm_cfg`` and ``act_cfg`` of all convolutions.

    Raises:
        ValueError: ``out_indices`` has maps that do not exist.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        out_channels: int | None,
        out_indices: Sequence[int],
        out_kernel_size: int,
        num_csp_blocks: int,
        use_depthwise: bool,
        upsample_cfg: ConfigType,
        init_cfg: OptMultiConfig,
        csp_cfg: dict = {},
        **cfgs,
    ) -> None:
        super().__init__(init_cfg)
        levels = range(len(in_channels))
        if not out_indices or any(i not in levels for i in out_indices):
            raise ValueError(
                f'out_indices of {type(self).__name__} is {tuple(out_indices)}; with in_channels='
                f'{list(in_channels)} give one or more of {tuple(levels)}.'
            )
        self.in_channels = list(in_channels)
        self.out_channels = tuple(out_channels or in_channels[i] for i in out_indices)
        self.out_indices = tuple(out_indices)

        def join(level: int, target: int) -> CSPLayer:
            return CSPLayer(
                2 * in_channels[level],
                in_channels[target],
                num_blocks=num_csp_blocks,
                add_identity=False,
                use_depthwise=use_depthwise,
                **csp_cfg,
                **cfgs,
            )

        conv = conv_class(use_depthwise)
        self.upsample = nn.Upsample(**upsample_cfg)
        self.reduce_layers = nn.ModuleList(
            ConvModule(in_channels[i], in_channels[i - 1], 1, **cfgs) for i in levels[:0:-1]
        )
        self.top_down_blocks = nn.ModuleList(join(i - 1, i - 1) for i in levels[:0:-1])
        self.downsamples = nn.ModuleList(
            conv(in_channels[i], in_channels[i], 3, stride=2, padding=1, **cfgs)
            for i in levels[:-1]
        )
        self.bottom_up_blocks = nn.ModuleList(join(i, i + 1) for i in levels[:-1])
        self.out_convs = None
        if out_channels is not None:
            out_conv = ConvModule if out_kernel_size == 1 else conv
            padding = out_kernel_size // 2
            self.out_convs = nn.ModuleList(
                out_conv(channels, out_channels, out_kernel_size, padding=padding, **cfgs)
                for channels in in_channels
            )

    def forward(self, inputs: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """The chosen maps, from the finest to the coarsest, in the sizes that they come in.

        Args:
            inputs: Maps (B, C, H, W), as many as ``in_channels``, each half as large as the one
                before.

        Raises:
            ValueError: There is another number of maps, or a map is not half as large.
        """
        check_number_of_maps(self, inputs)
        check_halved_maps(self, inputs)
        maps = aggregate_paths(
            inputs,
            self.reduce_layers,
            self.upsample,
            self.top_down_blocks,
            self.downsamples,
            self.bottom_up_blocks,
        )
        if self.out_convs is None:
            return tuple(maps[i] for i in self.out_indices)
        return tuple(self.out_convs[i](maps[i]) for i in self.out_indices)

"""Stacked hourglasses for associative embedding: heatmaps and tags from each of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from mmcv.cnn import ConvModule
from torch import Tensor, nn

from mmpose.registry import MODELS

from .hourglass import Hourglass, StackedHourglass

if TYPE_CHECKING:
    from mmpose.utils.typing import OptMultiConfig


def _make_hourglass(channels: Sequence[int], norm_cfg: dict) -> Hourglass:
    """An hourglass of single convolutions, with as many resolutions as ``channels`` has entries."""
    here, below = channels[:2]
    conv = partial(ConvModule, kernel_size=3, padding=1, norm_cfg=norm_cfg)
    deeper = len(channels) > 2
    return Hourglass(
        up1=conv(here, here),
        pool=nn.MaxPool2d(2),
        low1=conv(here, below),
        low2=_make_hourglass(channels[1:], norm_cfg) if deeper else conv(below, below),
        low3=conv(below, here),
    )


@MODELS.register_module()
class HourglassAENet(StackedHourglass):
    """The heatmaps and tags of stacked hourglasses.

    Paper: `Newell et al., 2017, Associative Embedding <https://arxiv.org/abs/1611.05424>`_.

    Args:
        downsample_times: How often an hourglass halves the resolution.
        num_stacks: Number of hourglasses.
        out_channels: Channels of each output; for K keypoints, K heatmaps and K tags.
        stage_channels: Channels at each resolution, from the finest.
        feat_channels: Channels between the hourglasses.
        norm_cfg: Kind of norm layer.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Raises:
        ValueError: A number is not positive, or ``stage_channels`` does not fit.

    Example:
        >>> import torch
        >>> backbone = HourglassAENet(1, stage_channels=(8, 12), feat_channels=8)
        >>> [tuple(x.shape) for x in backbone(torch.zeros(1, 3, 64, 32))]
        [(1, 34, 16, 8)]
    """

    def __init__(
        self,
        downsample_times: int = 4,
        num_stacks: int = 1,
        out_channels: int = 34,
        stage_channels: Sequence[int] = (256, 384, 512, 640, 768),
        feat_channels: int = 256,
        norm_cfg: dict = dict(type='BN', requires_grad=True),
        init_cfg: OptMultiConfig = [
            dict(type='Normal', std=0.001, layer=['Conv2d']),
            dict(type='Constant', val=1, layer=['_BatchNorm', 'GroupNorm']),
        ],
    ) -> None:
        super().__init__(
            downsample_times, num_stacks, stage_channels, feat_channels, out_channels, init_cfg
        )
        conv = partial(ConvModule, kernel_size=3, padding=1, norm_cfg=norm_cfg)
        self.stem = nn.Sequential(
            ConvModule(3, 64, 7, stride=2, padding=3, norm_cfg=norm_cfg),
            conv(64, 128),
            nn.MaxPool2d(2),
            conv(128, 128),
            conv(128, feat_channels),
        )
        self.hourglass_modules = nn.ModuleList(
            nn.Sequential(
                _make_hourglass(stage_channels[: downsample_times + 1], norm_cfg),
                conv(feat_channels, feat_channels),
                conv(feat_channels, feat_channels),
            )
            for _ in range(num_stacks)
        )
        self.out_convs = nn.ModuleList(
            ConvModule(feat_channels, out_channels, 1, act_cfg=None) for _ in range(num_stacks)
        )
        self.remap_out_convs, self.remap_feature_convs = (
            nn.ModuleList(
                ConvModule(channels, feat_channels, 1, norm_cfg=norm_cfg, act_cfg=None)
                for _ in range(num_stacks - 1)
            )
            for channels in (out_channels, feat_channels)
        )

    def next_input(self, i: int, x: Tensor, feature: Tensor, out: Tensor) -> Tensor:
        """The sum of the hourglass's input, features and output."""
        return x + self.remap_out_convs[i](out) + self.remap_feature_convs[i](feature)

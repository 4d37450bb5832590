"""The exchange between branches of high-resolution networks, by separable convolutions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mmcv.cnn import build_conv_layer, build_norm_layer
from mmengine.model import BaseModule
from torch import nn

from .hrnet import HRModule

if TYPE_CHECKING:
    from mmpose.utils.typing import OptConfigType, OptMultiConfig


def check_branches(num_branches: int, **per_branch: Sequence) -> None:
    """Check that the arguments given per branch have ``num_branches`` entries.

    Raises:
        ValueError: One has another length.
    """
    for name, values in per_branch.items():
        if len(values) != num_branches:
            raise ValueError(
                f'{name} is {tuple(values)}; give an entry for each of {num_branches} branches.'
            )


def separable_conv_norm(
    in_channels: int,
    out_channels: int,
    conv_cfg: OptConfigType,
    norm_cfg: dict,
    stride: int = 2,
    relu: bool = True,
) -> nn.Sequential:
    """A 3x3 convolution of each channel and a 1x1 of all, both with a norm layer; perhaps a ReLU.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Kind of norm layer.
        stride: Stride of the 3x3 convolution.
        relu: Whether a ReLU ends it.
    """
    depthwise = dict(stride=stride, padding=1, groups=in_channels, bias=False)
    layers = [
        build_conv_layer(conv_cfg, in_channels, in_channels, 3, **depthwise),
        build_norm_layer(norm_cfg, in_channels)[1],
        build_conv_layer(conv_cfg, in_channels, out_channels, 1, bias=False),
        build_norm_layer(norm_cfg, out_channels)[1],
    ]
    return nn.Sequential(*layers, *([nn.ReLU()] if relu else []))


class SeparableHRModule(HRModule):
    """An :class:`HRModule` that halves by separable convolutions; a subclass makes its branches.

    Args:
        channels: Channels of each branch, where they are exchanged.
        multiscale_output: Whether every branch is returned, not the finest alone.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Kind of norm layer.
        upsample_cfg: ``mode`` and ``align_corners`` of the upsampling between branches.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.
    """

    def __init__(
        self,
        channels: Sequence[int],
        multiscale_output: bool = False,
        conv_cfg: OptConfigType = None,
        norm_cfg: dict = dict(type='BN'),
        upsample_cfg: dict = dict(mode='nearest', align_corners=None),
        init_cfg: OptMultiConfig = None,
    ) -> None:
        # past HRModule's constructor, which makes branches of residual blocks
        BaseModule.__init__(self, init_cfg)
        self.num_branches = len(channels)
        self.in_channels = list(channels)
        self.multiscale_output = multiscale_output
        self.conv_cfg = conv_cfg
        self.norm_cfg = norm_cfg
        self.upsample_cfg = upsample_cfg
        self.fuse_layers = self._make_fuse_layers()
        self.relu = nn.ReLU()

    def _make_exchange(self, source: int, target: int) -> nn.Module:
        if source == target:
            return nn.Identity()
        if source > target:
            return super()._make_exchange(source, target)
        before, after = self.in_channels[source], self.in_channels[target]
        cfgs = dict(conv_cfg=self.conv_cfg, norm_cfg=self.norm_cfg)
        halvings = [separable_conv_norm(before, before, **cfgs) for _ in range(target - source - 1)]
        return nn.Sequential(*halvings, separable_conv_norm(before, after, **cfgs, relu=False))

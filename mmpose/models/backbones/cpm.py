"""Convolutional pose machines: stages that refine the heatmaps of the stage before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from mmcv.cnn import ConvModule
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmpose.registry import MODELS

from .base_backbone import BaseBackbone

if TYPE_CHECKING:
    from mmpose.utils.typing import OptConfigType, OptMultiConfig

# of the layers that see the picture; the paper's, whatever the width of the later stages
PICTURE_CHANNELS = 128


def _conv(
    in_channels: int, out_channels: int, kernel_size: int, norm_cfg: OptConfigType
) -> ConvModule:
    """A convolution that keeps the size, with norm layer and ReLU."""
    return ConvModule(
        in_channels, out_channels, kernel_size, padding=kernel_size // 2, norm_cfg=norm_cfg
    )


def _picture_layers(in_channels: int, norm_cfg: dict) -> list[nn.Module]:
    """What brings a picture to an eighth of its size."""
    layers = []
    for channels in (in_channels, PICTURE_CHANNELS, PICTURE_CHANNELS):
        layers += [_conv(channels, PICTURE_CHANNELS, 9, norm_cfg), nn.MaxPool2d(3, 2, padding=1)]
    return layers


class CpmBlock(BaseModule):
    """Maps after a row of convolutions that see far around each cell.

    Args:
        in_channels: Channels of the input.
        channels: Output channels of each convolution.
        kernels: Odd size of each convolution.
        norm_cfg: Kind of norm layer; ``None`` for none.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Raises:
        ValueError: ``channels`` and ``kernels`` differ in length.
    """

    def __init__(
        self,
        in_channels: int,
        channels: Sequence[int] = (128, 128, 128),
        kernels: Sequence[int] = (11, 11, 11),
        norm_cfg: OptConfigType = None,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        if len(channels) != len(kernels):
            raise ValueError(
                f'CpmBlock has channels={tuple(channels)} and kernels={tuple(kernels)}; give one '
                'of each per convolution.'
            )
        rows = zip((in_channels, *channels), channels, kernels, strict=False)
        self.model = nn.Sequential(*(_conv(*row, norm_cfg) for row in rows))

    def forward(self, x: Tensor) -> Tensor:
        """The maps (B, ``channels[-1]``, H, W) of maps (B, ``in_channels``, H, W)."""
        return self.model(x)


@MODELS.register_module()
class CPM(BaseBackbone):
    """The heatmaps of each stage of a convolutional pose machine.

    Every stage but the first sees the heatmaps of the one before beside features of the picture.

    Paper: `Wei et al., 2016, Convolutional Pose Machines <https://arxiv.org/abs/1602.00134>`_. Our
    layers have norm layers and pad their input, so that heatmaps cover the picture.

    Args:
        in_channels: Channels of the picture.
        out_channels: Channels of the heatmaps, usually the number of keypoints.
        feat_channels: Channels inside the stages after the first.
        middle_channels: Channels of the picture's features that these stages see.
        num_stages: Number of stages.
        norm_cfg: Kind of norm layer.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Raises:
        ValueError: ``num_stages`` is not positive.

    Example:
        >>> import torch
        >>> backbone = CPM(in_channels=3, out_channels=17, num_stages=2)
        >>> [tuple(x.shape) for x in backbone(torch.zeros(1, 3, 64, 32))]
        [(1, 17, 8, 4), (1, 17, 8, 4)]
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        feat_channels: int = 128,
        middle_channels: int = 32,
        num_stages: int = 6,
        norm_cfg: dict = dict(type='BN', requires_grad=True),
        init_cfg: OptMultiConfig = [
            dict(type='Normal', std=0.001, layer=['Conv2d']),
            dict(type='Constant', val=1, layer=['_BatchNorm', 'GroupNorm']),
        ],
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        if num_stages < 1:
            raise ValueError(f'num_stages of CPM is {num_stages}; it must be at least 1.')
        self.out_channels = (out_channels,) * num_stages
        self.out_strides = (8,) * num_stages

        self.stem = nn.Sequential(
            *_picture_layers(in_channels, norm_cfg),
            _conv(PICTURE_CHANNELS, 32, 5, norm_cfg),
            _conv(32, 512, 9, norm_cfg),
            _conv(512, 512, 1, norm_cfg),
            ConvModule(512, out_channels, 1, act_cfg=None),
        )
        self.middle = nn.Sequential(*_picture_layers(in_channels, norm_cfg))
        later = range(num_stages - 1)
        self.middle_conv = nn.ModuleList(
            nn.Sequential(_conv(PICTURE_CHANNELS, middle_channels, 5, norm_cfg)) for _ in later
        )
        self.cpm_stages = nn.ModuleList(
            CpmBlock(middle_channels + out_channels, (feat_channels,) * 3, norm_cfg=norm_cfg)
            for _ in later
        )
        self.out_convs = nn.ModuleList(
            nn.Sequential(
                _conv(feat_channels, feat_channels, 1, norm_cfg),
                ConvModule(feat_channels, out_channels, 1, act_cfg=None),
            )
            for _ in later
        )

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """The heatmaps (B, ``out_channels``, H / 8, W / 8), sides rounded up, of each stage."""
        outs = [self.stem(x)]
        middle = self.middle(x) if self.cpm_stages else None
        for middle_conv, stage, out_conv in zip(
            self.middle_conv, self.cpm_stages, self.out_convs, strict=True
        ):
            seen = torch.cat([outs[-1], middle_conv(middle)], dim=1)
            outs.append(out_conv(stage(seen)))
        return tuple(outs)

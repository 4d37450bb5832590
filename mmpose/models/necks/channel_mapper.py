"""Feature maps with one common number of channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mmcv.cnn import ConvModule
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmpose.registry import MODELS

from .feature_maps import check_number_of_maps

if TYPE_CHECKING:
    from mmpose.utils.typing import OptConfigType, OptMultiConfig


@MODELS.register_module()
class ChannelMapper(BaseModule):
    """Each feature map with ``out_channels`` channels, after one convolution of its own.

    Args:
        in_channels: Channels of each feature map.
        out_channels: Channels of the maps that come out.
        kernel_size: Size of the convolutions.
        conv_cfg: Kind of convolution.
        norm_cfg: Norm layers; ``None`` for none.
        act_cfg: Activation; ``None`` for none.
        num_outs: Number of maps that come out. Further ones than go in are made from the last by
            convolutions of stride 2. ``None``: as many as go in.
        bias: Whether the convolutions have a bias; ``'auto'``: those without a norm layer do.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Raises:
        ValueError: ``num_outs`` is less than the number of maps that go in.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        out_channels: int,
        kernel_size: int = 3,
        conv_cfg: OptConfigType = None,
        norm_cfg: OptConfigType = None,
        act_cfg: OptConfigType = dict(type='ReLU'),
        num_outs: int | None = None,
        bias: bool | str = 'auto',
        init_cfg: OptMultiConfig = dict(type='Xavier', layer='Conv2d', distribution='uniform'),
    ) -> None:
        super().__init__(init_cfg)
        in_channels = list(in_channels)
        num_outs = len(in_channels) if num_outs is None else num_outs
        num_extra = num_outs - len(in_channels)
        if num_extra < 0:
            raise ValueError(
                f'num_outs of ChannelMapper is {num_outs} for {len(in_channels)} feature maps '
                f'(in_channels={in_channels}); give at least {len(in_channels)}.'
            )
        shared = dict(conv_cfg=conv_cfg, norm_cfg=norm_cfg, act_cfg=act_cfg, bias=bias)
        padding = (kernel_size - 1) // 2
        self.convs = nn.ModuleList(
            ConvModule(channels, out_channels, kernel_size, padding=padding, **shared)
            for channels in in_channels
        )
        # only there where needed, as the published weights have it
        self.extra_convs = None
        if num_extra:
            self.extra_convs = nn.ModuleList(
                ConvModule(channels, out_channels, 3, stride=2, padding=1, **shared)
                for channels in [in_channels[-1], *[out_channels] * (num_extra - 1)]
            )
        self.in_channels = in_channels
        self.out_channels = (out_channels,) * num_outs

    def forward(self, inputs: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Maps (B, ``out_channels``, H, W), the further ones half as large as the one before.

        Args:
            inputs: Maps (B, C, H, W), as many as ``in_channels``.

        Raises:
            ValueError: There is another number of maps.
        """
        check_number_of_maps(self, inputs)
        outputs = [conv(x) for conv, x in zip(self.convs, inputs, strict=True)]
        last = inputs[-1]
        for conv in self.extra_convs or ():
            last = conv(last)
            outputs.append(last)
        return tuple(outputs)

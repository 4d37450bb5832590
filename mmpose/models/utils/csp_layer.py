"""Cross-stage partial layers: half of the channels pass a chain of blocks, half go around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from mmcv.cnn import ConvModule, DepthwiseSeparableConvModule
from mmengine.model import BaseModule
from torch import Tensor, nn

if TYPE_CHECKING:
    from mmpose.utils.typing import OptConfigType, OptMultiConfig

# the initialisation of the networks made of these layers, which is PyTorch's own
INIT_CFG = dict(
    type='Kaiming',
    layer='Conv2d',
    a=2.23606797749979,  # the square root of 5
    distribution='uniform',
    mode='fan_in',
    nonlinearity='leaky_relu',
)


def conv_class(use_depthwise: bool) -> type[nn.Module]:
    """The class of convolutions: plain ones, or depthwise ones each followed by a pointwise one."""
    return DepthwiseSeparableConvModule if use_depthwise else ConvModule


class ChannelAttention(nn.Module):
    """Feature maps whose channels are scaled by what the whole map shows.

    From `Lyu et al., 2022, RTMDet <https://arxiv.org/abs/2212.07784>`_.

    Args:
        channels: Channels of the input and of the output.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.fc = nn.Conv2d(channels, channels, 1)
        self.act = nn.Hardsigmoid()

    def forward(self, x: Tensor) -> Tensor:
        """The scaled maps (B, C, H, W)."""
        return x * self.act(self.fc(x.mean((2, 3), keepdim=True)))


class DarknetBottleneck(BaseModule):
    """A 1x1 and a 3x3 convolution, perhaps with a shortcut.

    Args:
        channels: Channels of the input, inside, and of the output.
        add_identity: Whether the input is added to the output.
        use_depthwise: Whether the 3x3 convolution is depthwise, with a pointwise one.
        **cfgs: ``conv_cfg``, ``norm_cfg`` and ``act_cfg`` of the convolutions.
    """

    def __init__(
        self, channels: int, add_identity: bool = True, use_depthwise: bool = False, **cfgs
    ) -> None:
        super().__init__()
        self.add_identity = add_identity
        self.conv1, self.conv2 = self._make_convs(channels, conv_class(use_depthwise), cfgs)

    def _make_convs(
        self, channels: int, conv: type[nn.Module], cfgs: dict
    ) -> tuple[nn.Module, nn.Module]:
        return (
            ConvModule(channels, channels, 1, **cfgs),
            conv(channels, channels, 3, padding=1, **cfgs),
        )

    def forward(self, x: Tensor) -> Tensor:
        """The output, in the shape of the input (B, C, H, W)."""
        out = self.conv2(self.conv1(x))
        return x + out if self.add_identity else out


class CSPNeXtBlock(DarknetBottleneck):
    """A 3x3 convolution and a depthwise one of 5x5, perhaps with a shortcut.

    From `Lyu et al., 2022, RTMDet <https://arxiv.org/abs/2212.07784>`_: the large kernel sees more
    of the picture at little cost. ``use_depthwise`` is about the 3x3 convolution.
    """

    def _make_convs(
        self, channels: int, conv: type[nn.Module], cfgs: dict
    ) -> tuple[nn.Module, nn.Module]:
        return (
            conv(channels, channels, 3, padding=1, **cfgs),
            DepthwiseSeparableConvModule(channels, channels, 5, padding=2, **cfgs),
        )


class CSPLayer(BaseModule):
    """Feature maps of which one part passed a chain of blocks and the other went around it.

    Paper: `Wang et al., 2020, CSPNet <https://arxiv.org/abs/1911.11929>`_.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        expand_ratio: Ratio of the channels of each part to ``out_channels``.
        num_blocks: Number of blocks.
        add_identity: Whether the blocks have a shortcut.
        use_depthwise: Whether the blocks' 3x3 convolutions are depthwise, with a pointwise one.
        use_cspnext_block: Whether the blocks are :class:`CSPNeXtBlock`, not
            :class:`DarknetBottleneck`.
        channel_attention: Whether the joined parts pass :class:`ChannelAttention`.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Norm layers; ``None`` for none.
        act_cfg: Activation.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        expand_ratio: float = 0.5,
        num_blocks: int = 1,
        add_identity: bool = True,
        use_depthwise: bool = False,
        use_cspnext_block: bool = False,
        channel_attention: bool = False,
        conv_cfg: OptConfigType = None,
        norm_cfg: OptConfigType = dict(type='BN', momentum=0.03, eps=0.001),
        act_cfg: OptConfigType = dict(type='Swish'),
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg)
        cfgs = dict(conv_cfg=conv_cfg, norm_cfg=norm_cfg, act_cfg=act_cfg)
        mid = int(out_channels * expand_ratio)
        self.main_conv = ConvModule(in_channels, mid, 1, **cfgs)
        self.short_conv = ConvModule(in_channels, mid, 1, **cfgs)
        self.final_conv = ConvModule(2 * mid, out_channels, 1, **cfgs)
        block = CSPNeXtBlock if use_cspnext_block else DarknetBottleneck
        self.blocks = nn.Sequential(
            *(block(mid, add_identity, use_depthwise, **cfgs) for _ in range(num_blocks))
        )
        self.attention = ChannelAttention(2 * mid) if channel_attention else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """The output (B, ``out_channels``, H, W)."""
        parts = [self.blocks(self.main_conv(x)), self.short_conv(x)]
        return self.final_conv(self.attention(torch.cat(parts, dim=1)))

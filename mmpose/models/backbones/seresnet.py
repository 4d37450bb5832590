"""Residual networks whose blocks weigh their channels."""

from __future__ import annotations

from torch import Tensor

from mmpose.registry import MODELS

from .residual_blocks import Bottleneck, ResLayer
from .resnet import ResNet, with_block
from .utils import SELayer


class SEBottleneck(Bottleneck):
    """A bottleneck whose residual branch ends with channel attention.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        se_ratio: How many times narrower the attention is than ``out_channels``.
        **kwargs: Those of :class:`mmpose.models.backbones.resnet.Bottleneck`.
    """

    def __init__(self, in_channels: int, out_channels: int, se_ratio: int = 16, **kwargs) -> None:
        super().__init__(in_channels, out_channels, **kwargs)
        self.se_layer = SELayer(out_channels, ratio=se_ratio)

    def residual(self, x: Tensor) -> Tensor:
        """The three convolutions, with their channels weighed."""
        return self.se_layer(super().residual(x))


@MODELS.register_module()
class SEResNet(ResNet):
    """Feature maps of a residual network with channel attention.

    Paper: `Hu et al., 2018, Squeeze-and-Excitation Networks <https://arxiv.org/abs/1709.01507>`_.

    Args:
        depth: 50, 101 or 152.
        se_ratio: How many times narrower than the block its attention is.
        **kwargs: Those of :class:`ResNet`.
    """

    arch_settings = with_block(SEBottleneck)

    def __init__(self, depth: int, se_ratio: int = 16, **kwargs) -> None:
        self.se_ratio = se_ratio
        super().__init__(depth=depth, **kwargs)

    def make_res_layer(self, **kwargs) -> ResLayer:
        """A stage of bottlenecks with channel attention."""
        return super().make_res_layer(se_ratio=self.se_ratio, **kwargs)

"""Residual networks whose bottlenecks convolve in groups."""

from __future__ import annotations

from mmpose.registry import MODELS

from .residual_blocks import Bottleneck as PlainBottleneck
from .residual_blocks import ResLayer
from .resnet import ResNet, with_block


class Bottleneck(PlainBottleneck):
    """A bottleneck whose middle convolution is grouped, and wider for it.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        base_channels: Inner channels of the first stage's plain bottleneck, to which
            ``width_per_group`` refers.
        groups: Groups of the middle convolution; 1 leaves the plain bottleneck.
        width_per_group: Channels of each group in the first stage.
        **kwargs: Those of :class:`mmpose.models.backbones.resnet.Bottleneck`.

    Raises:
        ValueError: There are no groups, or they are empty.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        base_channels: int = 64,
        groups: int = 32,
        width_per_group: int = 4,
        **kwargs,
    ) -> None:
        if groups < 1 or width_per_group < 1:
            raise ValueError(
                f'groups is {groups} and width_per_group {width_per_group}; both must be positive.'
            )
        channels = out_channels // kwargs.get('expansion', self.expansion)
        if groups > 1:
            channels = groups * width_per_group * channels // base_channels
        super().__init__(in_channels, out_channels, mid_channels=channels, groups=groups, **kwargs)


@MODELS.register_module()
class ResNeXt(ResNet):
    """Feature maps of a residual network of grouped bottlenecks.

    Paper: `Xie et al., 2017, Aggregated Residual Transformations
    <https://arxiv.org/abs/1611.05431>`_.

    Args:
        depth: 50, 101 or 152.
        groups: Groups of the blocks' middle convolution.
        width_per_group: Channels of each group in the first stage.
        **kwargs: Those of :class:`ResNet`.

    Example:
        >>> ResNeXt(depth=50).layer1[0].conv2
        Conv2d(128, 128, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), groups=32, bias=False)
    """

    arch_settings = with_block(Bottleneck)

    def __init__(self, depth: int, groups: int = 32, width_per_group: int = 4, **kwargs) -> None:
        self.groups = groups
        self.width_per_group = width_per_group
        super().__init__(depth=depth, **kwargs)

    def make_res_layer(self, **kwargs) -> ResLayer:
        """A stage of grouped bottlenecks."""
        return super().make_res_layer(
            groups=self.groups,
            width_per_group=self.width_per_group,
            base_channels=self.base_channels,
            **kwargs,
        )

"""Layers with weights of their own for each feature map."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mmcv.cnn import ConvModule
from mmengine.model import bias_init_with_prob
from torch import Tensor, nn


def conv_stacks(
    levels: Sequence, in_channels: int, out_channels: int, depth: int, groups: int = 1, **cfgs
) -> nn.ModuleList:
    """For each level 3x3 convolutions that keep the size.

    Args:
        levels: As long as there are feature maps.
        in_channels: Channels of a feature map.
        out_channels: Channels of each layer.
        depth: Number of layers.
        groups: Groups of all layers but the first.
        **cfgs: Further arguments of :class:`mmcv.cnn.ConvModule`.
    """
    cfgs = dict(kernel_size=3, padding=1, **cfgs)
    return nn.ModuleList(
        nn.Sequential(
            ConvModule(in_channels, out_channels, **cfgs),
            *(
                ConvModule(out_channels, out_channels, groups=groups, **cfgs)
                for _ in range(depth - 1)
            ),
        )
        for _ in levels
    )


def output_convs(levels: Sequence, in_channels: int, out_channels: int) -> nn.ModuleList:
    """For each level a 1x1 convolution.

    Args:
        levels: As long as there are feature maps.
        in_channels: Channels of the input.
        out_channels: Channels of the output.
    """
    return nn.ModuleList(nn.Conv2d(in_channels, out_channels, 1) for _ in levels)


def each_map(layers: Iterable[nn.Module], maps: Iterable[Tensor]) -> list[Tensor]:
    """What each layer makes of the map of its level."""
    return [layer(x) for layer, x in zip(layers, maps, strict=True)]


def start_with_low_scores(layers: Iterable[nn.Conv2d]) -> None:
    """Set the biases so that scores begin at 0.01, since few cells see an instance."""
    for layer in layers:
        nn.init.constant_(layer.bias, bias_init_with_prob(0.01))

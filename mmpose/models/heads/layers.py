"""Stacks of layers that heads put before their last one."""

from __future__ import annotations

from collections.abc import Sequence

from mmcv.cnn import build_conv_layer, build_norm_layer, build_upsample_layer
from torch import nn

# kernel size of a stride-2 deconvolution that doubles the size exactly: (padding, output_padding)
_DECONV_PADDINGS = {4: (1, 0), 3: (1, 1), 2: (0, 0)}


def conv_init_cfg() -> list[dict]:
    """The ``init_cfg`` of convolutional heads whose config gives none."""
    return [
        dict(type='Normal', layer=['Conv2d', 'ConvTranspose2d'], std=0.001),
        dict(type='Constant', layer='BatchNorm2d', val=1),
    ]


def make_deconv_layers(
    in_channels: int,
    out_channels: Sequence[int],
    kernel_sizes: Sequence[int],
    num_groups: Sequence[int] | None = None,
) -> nn.Sequential:
    """Deconvolutions that double the size, each with batch norm and ReLU.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of each layer.
        kernel_sizes: Kernel size of each layer: 2, 3 or 4.
        num_groups: Groups of each layer; ``None`` is 1.

    Raises:
        ValueError: The tuples differ in length, or a kernel size is not supported.
    """
    _check_lengths('deconv_out_channels', out_channels, 'deconv_kernel_sizes', kernel_sizes)
    num_groups = num_groups or [1] * len(out_channels)
    _check_lengths('deconv_out_channels', out_channels, 'deconv_num_groups', num_groups)
    layers = []
    for channels, kernel_size, groups in zip(out_channels, kernel_sizes, num_groups, strict=True):
        if kernel_size not in _DECONV_PADDINGS:
            raise ValueError(f'A deconvolution kernel size is {kernel_size}; choose 2, 3 or 4.')
        padding, output_padding = _DECONV_PADDINGS[kernel_size]
        cfg = dict(
            type='deconv',
            in_channels=in_channels,
            out_channels=channels,
            kernel_size=kernel_size,
            stride=2,
            padding=padding,
            output_padding=output_padding,
            groups=groups,
            bias=False,
        )
        layers += [build_upsample_layer(cfg), *_norm_relu(channels)]
        in_channels = channels
    return nn.Sequential(*layers)


def make_conv_layers(
    in_channels: int, out_channels: Sequence[int], kernel_sizes: Sequence[int]
) -> nn.Sequential:
    """Convolutions that keep the size, each with batch norm and ReLU.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of each layer.
        kernel_sizes: Kernel size of each layer, odd.

    Raises:
        ValueError: The tuples differ in length.
    """
    _check_lengths('conv_out_channels', out_channels, 'conv_kernel_sizes', kernel_sizes)
    layers = []
    for channels, kernel_size in zip(out_channels, kernel_sizes, strict=True):
        padding = (kernel_size - 1) // 2
        layers.append(build_conv_layer(None, in_channels, channels, kernel_size, padding=padding))
        layers += _norm_relu(channels)
        in_channels = channels
    return nn.Sequential(*layers)


def _norm_relu(channels: int) -> list[nn.Module]:
    return [build_norm_layer(dict(type='BN'), channels)[1], nn.ReLU(inplace=True)]


def _check_lengths(
    name: str, values: Sequence[int], other_name: str, others: Sequence[int] | None
) -> None:
    if others is None or len(values) != len(others):
        raise ValueError(
            f'{name} is {tuple(values)} and {other_name} is '
            f'{others if others is None else tuple(others)}; give one entry of each per layer.'
        )

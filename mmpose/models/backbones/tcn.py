"""Temporal convolutions over keypoint tracks, to lift them to 3D."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from operator import mul
from typing import TYPE_CHECKING

import torch
from mmcv.cnn import ConvModule, build_conv_layer
from mmengine.model import BaseModule
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd

from mmpose.registry import MODELS

from .base_backbone import BaseBackbone

if TYPE_CHECKING:
    from mmpose.utils.typing import OptMultiConfig


class BasicTemporalBlock(BaseModule):
    """A temporal and a pointwise convolution, added to the frames that they see in the middle.

    Nothing is padded, so the output has the frames whose surroundings the input holds.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        mid_channels: Channels between the convolutions.
        kernel_size: Frames that the temporal convolution sees.
        dilation: Frames from one of them to the next; without effect if ``use_stride_conv``.
        dropout: Probability of dropout after each convolution.
        causal: Whether the shortcut takes the last frame that is seen, not the middle one.
        residual: Whether there is a shortcut.
        use_stride_conv: Whether the temporal convolution moves by ``kernel_size`` frames, which
            keeps one frame of each group.
        conv_cfg: Kind of convolution.
        norm_cfg: Kind of norm layer.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        mid_channels: int = 1024,
        kernel_size: int = 3,
        dilation: int = 3,
        dropout: float = 0.25,
        causal: bool = False,
        residual: bool = True,
        use_stride_conv: bool = False,
        conv_cfg: dict = dict(type='Conv1d'),
        norm_cfg: dict = dict(type='BN1d'),
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.mid_channels = mid_channels
        self.kernel_size = kernel_size
        self.causal = causal
        self.residual = residual
        self.use_stride_conv = use_stride_conv
        self.stride, self.dilation = (kernel_size, 1) if use_stride_conv else (1, dilation)
        self.num_frames = (kernel_size - 1) * self.dilation + 1
        cfgs = dict(conv_cfg=conv_cfg, norm_cfg=norm_cfg)
        self.conv1 = nn.Sequential(
            ConvModule(
                in_channels,
                mid_channels,
                kernel_size,
                stride=self.stride,
                dilation=self.dilation,
                **cfgs,
            )
        )
        self.conv2 = nn.Sequential(ConvModule(mid_channels, out_channels, 1, **cfgs))
        self.short_cut = None
        if residual and in_channels != out_channels:
            self.short_cut = build_conv_layer(conv_cfg, in_channels, out_channels, 1)
        self.dropout = nn.Dropout(dropout)

    def shortcut(self, x: Tensor) -> Tensor:
        """The frames of the input that the outputs belong to."""
        first = self.num_frames - 1 if self.causal else self.num_frames // 2
        end = x.shape[2] - (self.num_frames - 1 - first)
        x = x[:, :, first : end : self.stride]
        return x if self.short_cut is None else self.short_cut(x)

    def forward(self, x: Tensor) -> Tensor:
        """The features (B, ``out_channels``, fewer frames) of tracks (B, ``in_channels``, T)."""
        out = self.dropout(self.conv1(x))
        out = self.dropout(self.conv2(out))
        return out + self.shortcut(x) if self.residual else out


@MODELS.register_module()
class TCN(BaseBackbone):
    """Features of keypoint tracks (B, C, T), from a stack of temporal convolutions.

    Papers: `Pavllo et al., 2019, 3D Human Pose Estimation in Video with Temporal Convolutions and
    Semi-supervised Training <https://arxiv.org/abs/1811.11742>`_; with kernels of one frame
    `Martinez et al., 2017, A Simple yet Effective Baseline for 3D Human Pose Estimation
    <https://arxiv.org/abs/1705.03098>`_.

    The network sees as many frames as the product of its kernel sizes. Each block's output is
    returned, :attr:`out_strides` in frames.

    Args:
        in_channels: Numbers per frame, such as x and y of each keypoint.
        stem_channels: Channels of every block.
        num_blocks: Number of blocks.
        kernel_sizes: Odd sizes in frames of the stem's convolution and of each block's.
        dropout: Probability of dropout after each convolution.
        causal: Whether a shortcut takes the last frame that its block sees, not the middle one.
        residual: Whether blocks have shortcuts.
        use_stride_conv: Whether convolutions have strides in place of dilations. This gives the
            same features for clips of the length that the network sees, at less cost.
        conv_cfg: Kind of convolution.
        norm_cfg: Kind of norm layer.
        max_norm: Largest norm of each convolution's weights, to which the forward pass scales
            them down in place; ``None`` for no limit.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Raises:
        ValueError: There are not ``num_blocks + 1`` kernel sizes, or one is even.
    """

    def __init__(
        self,
        in_channels: int,
        stem_channels: int = 1024,
        num_blocks: int = 2,
        kernel_sizes: Sequence[int] = (3, 3, 3),
        dropout: float = 0.25,
        causal: bool = False,
        residual: bool = True,
        use_stride_conv: bool = False,
        conv_cfg: dict = dict(type='Conv1d'),
        norm_cfg: dict = dict(type='BN1d'),
        max_norm: float | None = None,
        init_cfg: OptMultiConfig = [
            dict(type='Kaiming', mode='fan_in', nonlinearity='relu', layer=['Conv2d']),
            dict(type='Constant', val=1, layer=['_BatchNorm', 'GroupNorm']),
        ],
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        if len(kernel_sizes) != num_blocks + 1:
            raise ValueError(
                f'kernel_sizes is {tuple(kernel_sizes)}; with {num_blocks} blocks give one for '
                f'the stem and one for each block, {num_blocks + 1} in all.'
            )
        if any(size % 2 == 0 for size in kernel_sizes):
            raise ValueError(f'kernel_sizes is {tuple(kernel_sizes)}; every one must be odd.')
        self.in_channels = in_channels
        self.max_norm = max_norm
        # each convolution reaches as far as all those before it together
        *dilations, self.num_frames = accumulate(kernel_sizes, mul)
        self.out_channels = (stem_channels,) * num_blocks
        strides = [*dilations[1:], self.num_frames]
        self.out_strides = tuple(strides) if use_stride_conv else (1,) * num_blocks

        cfgs = dict(conv_cfg=conv_cfg, norm_cfg=norm_cfg)
        self.expand_conv = ConvModule(
            in_channels,
            stem_channels,
            kernel_sizes[0],
            stride=kernel_sizes[0] if use_stride_conv else 1,
            **cfgs,
        )
        self.dropout = nn.Dropout(dropout)
        self.tcn_blocks = nn.ModuleList(
            BasicTemporalBlock(
                stem_channels,
                stem_channels,
                stem_channels,
                kernel_size,
                dilation,
                dropout,
                causal,
                residual,
                use_stride_conv,
                **cfgs,
            )
            for kernel_size, dilation in zip(kernel_sizes[1:], dilations, strict=True)
        )

    @torch.no_grad()
    def clip_weights(self) -> None:
        """Scale each convolution's weights down, in place, to a norm of ``max_norm``."""
        for module in self.modules():
            if isinstance(module, _ConvNd):
                norm = module.weight.norm()
                module.weight.mul_((self.max_norm / (norm + 1e-6)).clamp(max=1))

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """The output (B, ``stem_channels``, frames) of each block for tracks (B, C, T).

        Raises:
            ValueError: There are less frames than the network sees.
        """
        if x.shape[2] < self.num_frames:
            raise ValueError(
                f'TCN gets tracks of {x.shape[2]} frames, but sees {self.num_frames}; use clips of '
                'at least that length (`seq_len` of the dataset), or smaller `kernel_sizes`.'
            )
        if self.max_norm is not None:
            self.clip_weights()
        x = self.dropout(self.expand_conv(x))
        outputs = []
        for block in self.tcn_blocks:
            x = block(x)
            outputs.append(x)
        return tuple(outputs)

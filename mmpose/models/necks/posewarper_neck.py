"""Heatmaps of a frame from those of its neighbours in a video."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from mmengine.model import constant_init, normal_init
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from mmpose.models.backbones.residual_blocks import BasicBlock, Bottleneck, ResLayer
from mmpose.models.utils.deformable import DeformConv2d
from mmpose.registry import MODELS

from .fmap_proc_neck import FeatureMapProcessor


@MODELS.register_module()
class PoseWarperNeck(nn.Module):
    """Heatmaps of the first of several frames, to which those of all are warped and averaged.

    Offsets, computed from how a frame's heatmaps differ from the first one's, tell where each cell
    comes from; each dilation sees a motion of another size.

    Paper: `Bertasius et al., 2019, Learning Temporal Pose Estimation from Sparsely-Labeled Videos
    <https://arxiv.org/abs/1906.04016>`_.

    Args:
        in_channels: Channels of a frame's feature map, or of each map that is joined.
        out_channels: Channels of the heatmaps, the number of keypoints.
        inner_channels: Channels of the residual blocks that see the difference.
        deform_groups: Groups of the heatmaps that have offsets of their own.
        dilations: Dilation of each of the layers that compute offsets and warp.
        trans_conv_kernel: Size of the convolution that turns features into heatmaps, 1 or 3; 0
            where the features are heatmaps already.
        res_blocks_cfg: ``block``, a key of :attr:`blocks_dict`, and ``num_blocks``; ``None`` for 20
            basic blocks.
        offsets_kernel: Odd kernel size of the layers that compute offsets.
        deform_conv_kernel: Odd kernel size of the layers that warp.
        in_index: Which of a frame's feature maps to use.
        input_transform: ``None`` for one map; ``'resize_concat'`` for several, resized to the first
            one's size and joined.
        freeze_trans_layer: Whether training leaves the first convolution as it is.
        norm_eval: Whether batch norm keeps its statistics in training.
        im2col_step: Without effect; see :class:`DeformConv2d`.

    Raises:
        ValueError: An argument is none of those that are listed.
    """

    blocks_dict = {'BASIC': BasicBlock, 'BOTTLENECK': Bottleneck}

    def __init__(
        self,
        in_channels: int | Sequence[int],
        out_channels: int,
        inner_channels: int,
        deform_groups: int = 17,
        dilations: Sequence[int] = (3, 6, 12, 18, 24),
        trans_conv_kernel: int = 1,
        res_blocks_cfg: dict | None = None,
        offsets_kernel: int = 3,
        deform_conv_kernel: int = 3,
        in_index: int | Sequence[int] = 0,
        input_transform: str | None = None,
        freeze_trans_layer: bool = True,
        norm_eval: bool = False,
        im2col_step: int = 80,
    ) -> None:
        super().__init__()
        for key, size in dict(
            offsets_kernel=offsets_kernel, deform_conv_kernel=deform_conv_kernel
        ).items():
            if size % 2 == 0:
                raise ValueError(f'{key} of PoseWarperNeck is {size}; it must be odd.')
        self.in_channels = in_channels
        self.out_channels = (out_channels,)
        self.freeze_trans_layer = freeze_trans_layer
        self.norm_eval = norm_eval
        self.select = self._make_select(in_index, input_transform)
        self.trans_layer = self._make_trans_layer(trans_conv_kernel)
        self.offset_feats = self._make_offset_feats(inner_channels, **(res_blocks_cfg or {}))
        self.offset_layers = nn.ModuleList(
            nn.Conv2d(
                inner_channels,
                2 * deform_conv_kernel**2 * deform_groups,
                offsets_kernel,
                padding=offsets_kernel // 2 * dilation,
                dilation=dilation,
                bias=False,
            )
            for dilation in dilations
        )
        self.deform_conv_layers = nn.ModuleList(
            DeformConv2d(
                out_channels,
                out_channels,
                deform_conv_kernel,
                padding=deform_conv_kernel // 2 * dilation,
                dilation=dilation,
                deform_groups=deform_groups,
                im2col_step=im2col_step,
            )
            for dilation in dilations
        )
        self.freeze_layers()

    def _make_select(
        self, in_index: int | Sequence[int], input_transform: str | None
    ) -> FeatureMapProcessor:
        several = not isinstance(in_index, int)
        if input_transform not in (None, 'resize_concat'):
            raise ValueError(
                f'input_transform of PoseWarperNeck is {input_transform!r}; choose None or '
                "'resize_concat'."
            )
        if several != (input_transform is not None):
            raise ValueError(
                f'in_index of PoseWarperNeck is {in_index!r} with input_transform='
                f"{input_transform!r}; give one index, or several with 'resize_concat'."
            )
        return FeatureMapProcessor(select_index=in_index, concat=several)

    def _make_trans_layer(self, kernel_size: int) -> nn.Module:
        if kernel_size not in (0, 1, 3):
            raise ValueError(
                f'trans_conv_kernel of PoseWarperNeck is {kernel_size}; choose 0, 1 or 3.'
            )
        if kernel_size == 0:
            return nn.Identity()
        several = isinstance(self.in_channels, Sequence)
        channels = sum(self.in_channels) if several else self.in_channels
        return nn.Conv2d(channels, *self.out_channels, kernel_size, padding=kernel_size // 2)

    def _make_offset_feats(
        self, inner_channels: int, block: str = 'BASIC', num_blocks: int = 20
    ) -> ResLayer:
        if block not in self.blocks_dict:
            raise ValueError(
                f'block of PoseWarperNeck is {block!r}; choose one of {list(self.blocks_dict)}.'
            )
        return ResLayer(self.blocks_dict[block], num_blocks, *self.out_channels, inner_channels)

    def init_weights(self) -> None:
        """Draw small weights, and let the warping layers start as the identity."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                normal_init(module, std=0.001)
            elif isinstance(module, _BatchNorm):
                constant_init(module, 1)
            elif isinstance(module, DeformConv2d):
                nn.init.dirac_(module.weight)
        for layer in self.offset_layers:
            constant_init(layer, 0)

    def freeze_layers(self) -> None:
        """Put the first convolution in evaluation mode, without gradients, if asked to."""
        if self.freeze_trans_layer:
            self.trans_layer.eval().requires_grad_(False)

    def train(self, mode: bool = True) -> PoseWarperNeck:
        """Switch to training (or evaluation) mode; what is frozen stays in evaluation mode."""
        super().train(mode)
        self.freeze_layers()
        if mode and self.norm_eval:
            for module in self.modules():
                if isinstance(module, _BatchNorm):
                    module.eval()
        return self

    def forward(
        self, inputs: Tensor | Sequence[Tensor | Sequence[Tensor]], frame_weight: Sequence[float]
    ) -> Tensor:
        """The heatmaps (B, ``out_channels``, H, W) of the first frame.

        Args:
            inputs: The feature maps (B, C, H, W) of each frame, one or several; or as the only
                entry those of all frames, (T * B, C, H, W), beginning with the batch's first ones.
            frame_weight: Weight of each of the T frames.

        Raises:
            ValueError: There is another number of frames than weights.
        """
        inputs = [inputs] if isinstance(inputs, Tensor) else inputs
        frames = torch.cat([self._heatmaps(x) for x in inputs])
        T = len(frame_weight)
        if len(inputs) not in (1, T) or len(frames) % T:
            raise ValueError(
                f'PoseWarperNeck gets {len(inputs)} frames ({len(frames)} feature maps in all), '
                f'but frame_weight has {T} entries; give one for each frame.'
            )
        first = frames[: len(frames) // T].repeat(T, 1, 1, 1)
        difference = self.offset_feats(first - frames)
        layers = list(zip(self.offset_layers, self.deform_conv_layers, strict=True))
        warped = sum(warp(frames, offset(difference)) for offset, warp in layers) / len(layers)
        return sum(w * x for w, x in zip(frame_weight, warped.chunk(T), strict=True))

    def _heatmaps(self, maps: Tensor | Sequence[Tensor]) -> Tensor:
        selected = self.select((maps,) if isinstance(maps, Tensor) else maps)
        return self.trans_layer(selected[0])

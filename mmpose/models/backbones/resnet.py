"""Residual networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mmcv.cnn import ConvModule, build_conv_layer
from torch import Tensor, nn

from mmpose.registry import MODELS

from .base_backbone import BaseBackbone
from .residual_blocks import (
    BasicBlock,
    Bottleneck,
    ResidualBlock,
    ResLayer,
    get_expansion,
    start_as_identity,
)
from .utils import NumberedNorms, check_lengths, check_stages, pick_arch

if TYPE_CHECKING:
    from mmpose.utils.typing import OptConfigType, OptMultiConfig

# blocks of each stage, by depth, of networks made of bottlenecks
BOTTLENECK_STAGES = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}


def with_block(
    block: type[ResidualBlock], blocks: Mapping[int, tuple[int, ...]] = BOTTLENECK_STAGES
) -> dict[int, tuple[type[ResidualBlock], tuple[int, ...]]]:
    """The ``arch_settings`` of networks made of ``block``, from their blocks per stage."""
    return {depth: (block, numbers) for depth, numbers in blocks.items()}


@MODELS.register_module()
class ResNet(NumberedNorms, BaseBackbone):
    """Feature maps of a residual network.

    Paper: `He et al., 2016, Deep Residual Learning <https://arxiv.org/abs/1512.03385>`_. A variant
    overrides :attr:`arch_settings`; :meth:`make_res_layer`, where its blocks take more arguments;
    :meth:`plan_stages`, where its stages do not double. Settings of its own that these read are set
    before the constructor of this class builds the stages.

    Args:
        depth: 18, 34, 50, 101 or 152.
        in_channels: Channels of the picture.
        stem_channels: Channels of the stem.
        base_channels: Inner channels of the first stage's blocks; they double with every stage.
        expansion: Ratio of output to inner channels of a block; ``None`` for the block's own.
        num_stages: Number of stages, 1 to 4.
        strides: Stride of each stage.
        dilations: Dilation of each stage.
        out_indices: Stages, from 0, whose feature maps are returned.
        style: Place of a bottleneck's stride, ``'pytorch'`` or ``'caffe'``.
        deep_stem: Whether three 3x3 convolutions replace the stem's 7x7 one.
        avg_down: Whether shortcuts take their stride by average pooling.
        frozen_stages: -1 for nothing, 0 for the stem, n for the first n stages too.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Kind of norm layer.
        norm_eval: Whether batch norm keeps its statistics in training.
        with_cp: Whether blocks are computed again in the backward pass, to save memory.
        zero_init_residual: Whether blocks start as the identity; pretrained weights stay.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Attributes:
        arch_settings: The blocks' class and their number in each stage, by depth.
        stem_kernel_size: Size of the stem's convolution.
        stem_pool: Whether pooling follows it, which halves the resolution once more.
        feat_dim: Channels of the last stage.
        total_stride: Pixels of the picture per cell of the last stage.

    Raises:
        ValueError: There is no such depth or stage, or a tuple does not fit the stages.

    Example:
        >>> import torch
        >>> backbone = ResNet(depth=18, out_indices=(0, 3))
        >>> [tuple(x.shape) for x in backbone(torch.zeros(1, 3, 64, 32))]
        [(1, 64, 16, 8), (1, 512, 2, 1)]
        >>> backbone.out_channels, backbone.out_strides
        ((64, 512), (4, 32))
    """

    arch_settings = {
        18: (BasicBlock, (2, 2, 2, 2)),
        34: (BasicBlock, (3, 4, 6, 3)),
        **with_block(Bottleneck),
    }
    stem_kernel_size = 7
    stem_pool = True

    def __init__(
        self,
        depth: int,
        in_channels: int = 3,
        stem_channels: int = 64,
        base_channels: int = 64,
        expansion: int | None = None,
        num_stages: int = 4,
        strides: Sequence[int] = (1, 2, 2, 2),
        dilations: Sequence[int] = (1, 1, 1, 1),
        out_indices: Sequence[int] = (3,),
        style: str = 'pytorch',
        deep_stem: bool = False,
        avg_down: bool = False,
        frozen_stages: int = -1,
        conv_cfg: OptConfigType = None,
        norm_cfg: dict = dict(type='BN', requires_grad=True),
        norm_eval: bool = False,
        with_cp: bool = False,
        zero_init_residual: bool = True,
        init_cfg: OptMultiConfig = [
            dict(type='Kaiming', layer=['Conv2d']),
            dict(type='Constant', val=1, layer=['_BatchNorm', 'GroupNorm']),
        ],
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        self.depth = depth
        self.base_channels = base_channels
        self.expansion = expansion
        stages = self.plan_stages()
        if not 1 <= num_stages <= len(stages):
            raise ValueError(f'num_stages is {num_stages}; it must be 1 to {len(stages)}.')
        check_stages(self, num_stages, out_indices, frozen_stages)
        check_lengths(self, num_stages, strides=strides, dilations=dilations)
        self.num_stages = num_stages
        self.out_indices = out_indices
        self.style = style
        self.deep_stem = deep_stem
        self.avg_down = avg_down
        self.frozen_stages = frozen_stages
        self.conv_cfg = conv_cfg
        self.norm_cfg = norm_cfg
        self.norm_eval = norm_eval
        self.with_cp = with_cp
        self.zero_init_residual = zero_init_residual

        self._make_stem_layer(in_channels, stem_channels)
        self._make_stages(stem_channels, stages[:num_stages], strides, dilations)
        self.freeze_stages()

    def plan_stages(self) -> list[dict]:
        """The arguments of :meth:`make_res_layer` that are each stage's own."""
        block, numbers = pick_arch(self, 'depth', self.depth, self.arch_settings)
        expansion = get_expansion(block, self.expansion)
        width = self.base_channels * expansion
        return [
            dict(block=block, num_blocks=number, out_channels=width * 2**i, expansion=expansion)
            for i, number in enumerate(numbers)
        ]

    def _make_stem_layer(self, in_channels: int, stem_channels: int) -> None:
        cfgs = dict(conv_cfg=self.conv_cfg, norm_cfg=self.norm_cfg)
        if self.deep_stem:
            half = stem_channels // 2
            self.stem = nn.Sequential(
                ConvModule(in_channels, half, 3, stride=2, padding=1, **cfgs),
                ConvModule(half, half, 3, padding=1, **cfgs),
                ConvModule(half, stem_channels, 3, padding=1, **cfgs),
            )
        else:
            size = self.stem_kernel_size
            self.conv1 = build_conv_layer(
                self.conv_cfg,
                in_channels,
                stem_channels,
                size,
                stride=2,
                padding=size // 2,
                bias=False,
            )
            self.add_norm(1, self.norm_cfg, stem_channels)
            self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1) if self.stem_pool else nn.Identity()

    def _make_stages(
        self,
        in_channels: int,
        stages: list[dict],
        strides: Sequence[int],
        dilations: Sequence[int],
    ) -> None:
        self.res_layers = []
        channels, out_strides, out_stride = [], [], 4 if self.stem_pool else 2
        for i, stage in enumerate(stages):
            layer = self.make_res_layer(
                in_channels=in_channels,
                stride=strides[i],
                dilation=dilations[i],
                style=self.style,
                avg_down=self.avg_down,
                with_cp=self.with_cp,
                conv_cfg=self.conv_cfg,
                norm_cfg=self.norm_cfg,
                **stage,
            )
            self.add_module(f'layer{i + 1}', layer)
            self.res_layers.append(f'layer{i + 1}')
            in_channels, out_stride = stage['out_channels'], out_stride * strides[i]
            channels.append(in_channels)
            out_strides.append(out_stride)
        self.feat_dim = in_channels
        self.total_stride = out_stride
        self.out_channels = tuple(channels[i] for i in sorted(set(self.out_indices)))
        self.out_strides = tuple(out_strides[i] for i in sorted(set(self.out_indices)))

    def make_res_layer(self, **kwargs) -> ResLayer:
        """A stage; ``kwargs`` are those of :class:`ResLayer` and the blocks."""
        return ResLayer(**kwargs)

    def init_own_weights(self) -> None:
        """Make the blocks start as the identity if asked to."""
        if self.zero_init_residual:
            start_as_identity(self)

    def stages_to_freeze(self) -> list[nn.Module]:
        """The stem and the first ``frozen_stages`` stages."""
        if self.frozen_stages < 0:
            return []
        stem = [self.stem] if self.deep_stem else [self.conv1, self.norm1]
        return stem + [getattr(self, name) for name in self.res_layers[: self.frozen_stages]]

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """The feature maps of ``out_indices`` for pictures (B, C, H, W)."""
        x = self.stem(x) if self.deep_stem else self.relu(self.norm1(self.conv1(x)))
        x = self.maxpool(x)
        outs = []
        for i, name in enumerate(self.res_layers):
            x = getattr(self, name)(x)
            if i in self.out_indices:
                outs.append(x)
        return tuple(outs)


@MODELS.register_module()
class ResNetV1d(ResNet):
    """:class:`ResNet` with the deep stem and pooled shortcuts of variant D.

    Paper: `He et al., 2019, Bag of Tricks <https://arxiv.org/abs/1812.01187>`_.

    Args:
        **kwargs: Those of :class:`ResNet`, less ``deep_stem`` and ``avg_down``.
    """

    def __init__(self, **kwargs) -> None:
        super().__init__(deep_stem=True, avg_down=True, **kwargs)

"""Residual networks and the blocks that most other convolutional backbones are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from mmcv.cnn import ConvModule, build_conv_layer, build_norm_layer
from mmengine.model import BaseModule, constant_init
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from mmpose.registry import MODELS

from .base_backbone import BaseBackbone
from .utils import NumberedNorms, check_lengths, check_stages, is_pretrained, pick_arch

if TYPE_CHECKING:
    from mmpose.utils.typing import OptConfigType, OptMultiConfig


class ResidualBlock(NumberedNorms, BaseModule):
    """A block that adds a residual branch to its input; a subclass writes the branch.

    Attributes:
        expansion: Ratio of the output channels to those inside the branch, by default.
        last_norm: Number of the norm layer that ends the branch.
    """

    expansion: int
    last_norm: int

    def residual(self, x: Tensor) -> Tensor:
        """The branch's output, before the sum."""
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """The rectified sum of the branch and the (projected) input."""
        if self.with_cp and torch.is_grad_enabled():
            out = checkpoint(self._sum, x, use_reentrant=False)
        else:
            out = self._sum(x)
        return self.relu(out)

    def _sum(self, x: Tensor) -> Tensor:
        identity = x if self.downsample is None else self.downsample(x)
        out = self.residual(x)
        out += identity
        return out


def start_as_identity(model: nn.Module) -> None:
    """Zero the scale that ends each residual branch, so that blocks pass their input on.

    Paper: `Goyal et al., 2017, Accurate, Large Minibatch SGD <https://arxiv.org/abs/1706.02677>`_.

    Args:
        model: Whose :class:`ResidualBlock` modules to change.
    """
    for module in model.modules():
        if isinstance(module, ResidualBlock):
            constant_init(getattr(module, f'norm{module.last_norm}'), 0)


class BasicBlock(ResidualBlock):
    """Two 3x3 convolutions with a shortcut.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        expansion: Ratio of ``out_channels`` to the channels between the convolutions; 1 only.
        stride: Stride of the first convolution.
        dilation: Dilation of the first convolution.
        downsample: What brings the input to the output's shape; ``None`` where it has it.
        style: Without effect here; see :class:`Bottleneck`.
        with_cp: Whether to compute the block again in the backward pass, to save memory.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Kind of norm layer.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.
    """

    expansion = 1
    last_norm = 2

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        expansion: int = 1,
        stride: int = 1,
        dilation: int = 1,
        downsample: nn.Module | None = None,
        style: str = 'pytorch',
        with_cp: bool = False,
        conv_cfg: OptConfigType = None,
        norm_cfg: dict = dict(type='BN'),
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        if expansion != 1:
            raise ValueError(
                f'expansion of {type(self).__name__} is {expansion}; it can only be 1.'
            )
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.expansion = expansion
        self.mid_channels = out_channels
        self.stride = stride
        self.dilation = dilation
        self.style = style
        self.with_cp = with_cp

        self.conv1 = build_conv_layer(
            conv_cfg,
            in_channels,
            out_channels,
            3,
            stride=stride,
            padding=dilation,
            dilation=dilation,
            bias=False,
        )
        self.add_norm(1, norm_cfg, out_channels)
        self.conv2 = build_conv_layer(
            conv_cfg, out_channels, out_channels, 3, padding=1, bias=False
        )
        self.add_norm(2, norm_cfg, out_channels)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = downsample

    def residual(self, x: Tensor) -> Tensor:
        """The two convolutions."""
        out = self.relu(self.norm1(self.conv1(x)))
        return self.norm2(self.conv2(out))


class Bottleneck(ResidualBlock):
    """1x1, 3x3 and 1x1 convolutions, narrower inside, with a shortcut.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        expansion: Ratio of ``out_channels`` to ``mid_channels``.
        stride: Stride of the block.
        dilation: Dilation of the 3x3 convolution.
        downsample: What brings the input to the output's shape; ``None`` where it has it.
        style: ``'pytorch'`` puts the stride in the 3x3 convolution, ``'caffe'`` in the first 1x1.
        with_cp: Whether to compute the block again in the backward pass, to save memory.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Kind of norm layer.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.
        mid_channels: Channels of the 3x3 convolution; ``None`` for ``out_channels / expansion``.
        groups: Groups of the 3x3 convolution.
    """

    expansion = 4
    last_norm = 3

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        expansion: int = 4,
        stride: int = 1,
        dilation: int = 1,
        downsample: nn.Module | None = None,
        style: str = 'pytorch',
        with_cp: bool = False,
        conv_cfg: OptConfigType = None,
        norm_cfg: dict = dict(type='BN'),
        init_cfg: OptMultiConfig = None,
        mid_channels: int | None = None,
        groups: int = 1,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        if out_channels % expansion:
            raise ValueError(
                f'out_channels of {type(self).__name__} is {out_channels}; it must be a multiple '
                f'of the expansion, {expansion}.'
            )
        if style not in ('pytorch', 'caffe'):
            raise ValueError(f"style is {style!r}; choose 'pytorch' or 'caffe'.")
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.expansion = expansion
        self.mid_channels = mid = mid_channels or out_channels // expansion
        self.stride = stride
        self.dilation = dilation
        self.style = style
        self.with_cp = with_cp
        self.conv1_stride, self.conv2_stride = (1, stride) if style == 'pytorch' else (stride, 1)

        self.conv1 = build_conv_layer(
            conv_cfg, in_channels, mid, 1, stride=self.conv1_stride, bias=False
        )
        self.add_norm(1, norm_cfg, mid)
        self.conv2 = build_conv_layer(
            conv_cfg,
            mid,
            mid,
            3,
            stride=self.conv2_stride,
            padding=dilation,
            dilation=dilation,
            groups=groups,
            bias=False,
        )
        self.add_norm(2, norm_cfg, mid)
        self.conv3 = build_conv_layer(conv_cfg, mid, out_channels, 1, bias=False)
        self.add_norm(3, norm_cfg, out_channels)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = downsample

    def residual(self, x: Tensor) -> Tensor:
        """The three convolutions."""
        out = self.relu(self.norm1(self.conv1(x)))
        out = self.relu(self.norm2(self.conv2(out)))
        return self.norm3(self.conv3(out))


def get_expansion(block: type[nn.Module], expansion: int | None = None) -> int:
    """The ratio of output to inner channels: ``expansion``, or the block's own when ``None``.

    Raises:
        ValueError: ``expansion`` is not positive.
        TypeError: ``expansion`` is no integer, or the block declares none.
    """
    if expansion is None:
        expansion = getattr(block, 'expansion', None)
        if expansion is None:
            raise TypeError(f'{block.__name__} declares no expansion; pass `expansion`.')
    if not isinstance(expansion, int):
        raise TypeError(f'expansion is {expansion!r}; it must be an integer or None.')
    if expansion < 1:
        raise ValueError(f'expansion is {expansion}; it must be positive.')
    return expansion


class ResLayer(nn.Sequential):
    """A stage of residual blocks, one of which changes the resolution and the channels.

    Args:
        block: Class of the blocks.
        num_blocks: Number of blocks.
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        expansion: Ratio of output to inner channels; ``None`` for the block's own.
        stride: Stride of the stage.
        avg_down: Whether the shortcut takes its stride by average pooling, not in its convolution.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Kind of norm layer.
        downsample_first: Whether the first block makes the change, not the last.
        **kwargs: Passed to every block.
    """

    def __init__(
        self,
        block: type[ResidualBlock],
        num_blocks: int,
        in_channels: int,
        out_channels: int,
        expansion: int | None = None,
        stride: int = 1,
        avg_down: bool = False,
        conv_cfg: OptConfigType = None,
        norm_cfg: dict = dict(type='BN'),
        downsample_first: bool = True,
        **kwargs,
    ) -> None:
        self.block = block
        self.expansion = get_expansion(block, expansion)
        common = dict(kwargs, expansion=self.expansion, conv_cfg=conv_cfg, norm_cfg=norm_cfg)

        downsample = None
        if stride != 1 or in_channels != out_channels:
            downsample = _shortcut(in_channels, out_channels, stride, avg_down, conv_cfg, norm_cfg)
        change = dict(common, stride=stride, downsample=downsample)

        if downsample_first:
            layers = [block(in_channels, out_channels, **change)]
            layers += [block(out_channels, out_channels, **common) for _ in range(num_blocks - 1)]
        else:
            layers = [block(in_channels, in_channels, **common) for _ in range(num_blocks - 1)]
            layers += [block(in_channels, out_channels, **change)]
        super().__init__(*layers)


def _shortcut(
    in_channels: int,
    out_channels: int,
    stride: int,
    avg_down: bool,
    conv_cfg: OptConfigType,
    norm_cfg: dict,
) -> nn.Sequential:
    """The projection of a block's input to the shape of its output."""
    pool = []
    if avg_down and stride != 1:
        pool = [nn.AvgPool2d(stride, stride, ceil_mode=True, count_include_pad=False)]
        stride = 1
    return nn.Sequential(
        *pool,
        build_conv_layer(conv_cfg, in_channels, out_channels, 1, stride=stride, bias=False),
        build_norm_layer(norm_cfg, out_channels)[1],
    )


@MODELS.register_module()
class ResNet(NumberedNorms, BaseBackbone):
    """Feature maps of a residual network.

    Paper: `He et al., 2016, Deep Residual Learning <https://arxiv.org/abs/1512.03385>`_. A variant
    overrides :attr:`arch_settings` and, where its blocks take more arguments,
    :meth:`make_res_layer`.

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
        50: (Bottleneck, (3, 4, 6, 3)),
        101: (Bottleneck, (3, 4, 23, 3)),
        152: (Bottleneck, (3, 8, 36, 3)),
    }

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
        self.block, blocks = pick_arch(self, 'depth', depth, self.arch_settings)
        if not 1 <= num_stages <= len(blocks):
            raise ValueError(f'num_stages is {num_stages}; it must be 1 to {len(blocks)}.')
        check_stages(self, num_stages, out_indices, frozen_stages)
        check_lengths(self, num_stages, strides=strides, dilations=dilations)
        self.depth = depth
        self.stage_blocks = blocks[:num_stages]
        self.expansion = get_expansion(self.block, expansion)
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
        self._make_stages(stem_channels, base_channels * self.expansion, strides, dilations)
        self.freeze_stages()

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
            self.conv1 = build_conv_layer(
                self.conv_cfg, in_channels, stem_channels, 7, stride=2, padding=3, bias=False
            )
            self.add_norm(1, self.norm_cfg, stem_channels)
            self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)

    def _make_stages(
        self, in_channels: int, width: int, strides: Sequence[int], dilations: Sequence[int]
    ) -> None:
        self.res_layers = []
        channels, out_strides, out_stride = [], [], 4
        for i, num_blocks in enumerate(self.stage_blocks):
            layer = self.make_res_layer(
                block=self.block,
                num_blocks=num_blocks,
                in_channels=in_channels,
                out_channels=width * 2**i,
                expansion=self.expansion,
                stride=strides[i],
                dilation=dilations[i],
                style=self.style,
                avg_down=self.avg_down,
                with_cp=self.with_cp,
                conv_cfg=self.conv_cfg,
                norm_cfg=self.norm_cfg,
            )
            self.add_module(f'layer{i + 1}', layer)
            self.res_layers.append(f'layer{i + 1}')
            in_channels, out_stride = width * 2**i, out_stride * strides[i]
            channels.append(in_channels)
            out_strides.append(out_stride)
        self.feat_dim = in_channels
        self.out_channels = tuple(channels[i] for i in sorted(self.out_indices))
        self.out_strides = tuple(out_strides[i] for i in sorted(self.out_indices))

    def make_res_layer(self, **kwargs) -> ResLayer:
        """A stage; ``kwargs`` are those of :class:`ResLayer` and the blocks."""
        return ResLayer(**kwargs)

    def init_weights(self) -> None:
        """Initialise by ``init_cfg``, then make the blocks start as the identity."""
        super().init_weights()
        if self.zero_init_residual and not is_pretrained(self.init_cfg):
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

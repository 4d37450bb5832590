"""Residual blocks and stages, which most convolutional backbones are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmcv.cnn import build_conv_layer
from mmengine.model import BaseModule, constant_init
from torch import Tensor, nn

from .utils import NumberedNorms, conv_norm, run_block

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
        return self.relu(run_block(self._sum, x, self.with_cp))

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

    A variant replaces the first convolution (:meth:`_make_narrow`), the middle one
    (:meth:`_make_middle`) and how they follow each other (:meth:`inner`).

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
        kernel_size: Odd size of the middle convolution, in place of 3.
        groups: Groups of the middle convolution.

    Raises:
        ValueError: ``out_channels`` is no multiple of ``expansion``, the kernel size is even, or
            there is no such style.
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
        kernel_size: int = 3,
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
        if kernel_size % 2 == 0:
            raise ValueError(f'kernel_size is {kernel_size}; it must be odd.')
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.expansion = expansion
        self.mid_channels = mid_channels or out_channels // expansion
        self.kernel_size = kernel_size
        self.groups = groups
        self.stride = stride
        self.dilation = dilation
        self.style = style
        self.with_cp = with_cp
        self.conv1_stride, self.conv2_stride = (1, stride) if style == 'pytorch' else (stride, 1)

        self._make_narrow(conv_cfg, norm_cfg)
        self._make_middle(conv_cfg, norm_cfg)
        self.conv3 = build_conv_layer(conv_cfg, self.mid_channels, out_channels, 1, bias=False)
        self.add_norm(3, norm_cfg, out_channels)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = downsample

    def _make_narrow(self, conv_cfg: OptConfigType, norm_cfg: dict) -> None:
        self.conv1 = build_conv_layer(
            conv_cfg, self.in_channels, self.mid_channels, 1, stride=self.conv1_stride, bias=False
        )
        self.add_norm(1, norm_cfg, self.mid_channels)

    def _make_middle(self, conv_cfg: OptConfigType, norm_cfg: dict) -> None:
        self.conv2 = build_conv_layer(
            conv_cfg,
            self.mid_channels,
            self.mid_channels,
            self.kernel_size,
            stride=self.conv2_stride,
            padding=self.kernel_size // 2 * self.dilation,
            dilation=self.dilation,
            groups=self.groups,
            bias=False,
        )
        self.add_norm(2, norm_cfg, self.mid_channels)

    def inner(self, x: Tensor) -> Tensor:
        """What the last convolution widens: (B, ``mid_channels``, H, W)."""
        out = self.relu(self.norm1(self.conv1(x)))
        return self.relu(self.norm2(self.conv2(out)))

    def residual(self, x: Tensor) -> Tensor:
        """The three convolutions."""
        return self.norm3(self.conv3(self.inner(x)))


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
        *conv_norm(
            in_channels, out_channels, conv_cfg, norm_cfg, stride, relu=False, kernel_size=1
        ),
    )

"""What vision transformers share: maps and tokens, patches; and their layers, re-exported."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mmcv.cnn import build_conv_layer, build_norm_layer
from mmengine.model import BaseModule
from mmengine.utils import to_2tuple
from torch import Tensor, nn
from torch.nn.functional import pad

from .detr_encoder import DetrTransformerEncoder
from .gau import GAUEncoder, ScaleNorm
from .positional_encoding import SinePositionalEncoding
from .transformer_layers import (
    FFN,
    LayerScale,
    SelfAttention,
    attend,
    check_heads,
    drop_path_rates,
    make_layer_scale,
)

if TYPE_CHECKING:
    from mmpose.utils.typing import OptConfigType, OptMultiConfig

__all__ = [
    'FFN',
    'AdaptivePadding',
    'DetrTransformerEncoder',
    'GAUEncoder',
    'LayerScale',
    'PatchEmbed',
    'PatchMerging',
    'ScaleNorm',
    'SelfAttention',
    'SinePositionalEncoding',
    'attend',
    'check_heads',
    'drop_path_rates',
    'make_layer_scale',
    'nchw_to_nlc',
    'nlc_to_nchw',
]

Size = int | Sequence[int]
"""One number for both sides, or (height, width)."""


def nlc_to_nchw(x: Tensor, hw_shape: tuple[int, int]) -> Tensor:
    """Tokens (B, H*W, C), row by row, as maps (B, C, H, W): a view whose channels are innermost.

    Args:
        x: The tokens.
        hw_shape: (H, W).

    Raises:
        ValueError: There are not H*W tokens.
    """
    H, W = hw_shape
    if x.shape[1] != H * W:
        raise ValueError(f'{x.shape[1]} tokens do not fill a map of {H}x{W} (h x w) cells.')
    return x.transpose(1, 2).unflatten(2, (H, W))


def nchw_to_nlc(x: Tensor) -> Tensor:
    """Maps (B, C, H, W) as tokens (B, H*W, C), row by row."""
    return x.flatten(2).transpose(1, 2)


class AdaptivePadding(nn.Module):
    """Zeros around maps, so that a strided window covers every cell.

    Args:
        kernel_size: Size of the window.
        stride: Its stride.
        dilation: Its dilation.
        padding: ``'corner'`` pads on the right and at the bottom, ``'same'`` evenly on all sides.

    Raises:
        ValueError: There is no such padding.

    Example:
        >>> AdaptivePadding(kernel_size=16, stride=16).amounts(15, 17)  # left, right, top, bottom
        (0, 15, 0, 1)
    """

    def __init__(
        self,
        kernel_size: Size = 1,
        stride: Size = 1,
        dilation: Size = 1,
        padding: str = 'corner',
    ) -> None:
        super().__init__()
        if padding not in ('corner', 'same'):
            raise ValueError(f"padding is {padding!r}; give 'corner', 'same' or numbers of cells.")
        self.kernel_size = to_2tuple(kernel_size)
        self.stride = to_2tuple(stride)
        self.dilation = to_2tuple(dilation)
        self.padding = padding

    def amounts(self, H: int, W: int) -> tuple[int, int, int, int]:
        """The cells to add to an (H, W) map: left, right, top, bottom."""
        pads: tuple[int, ...] = ()
        for side, kernel, stride, dilation in zip(
            (W, H), self.kernel_size[::-1], self.stride[::-1], self.dilation[::-1], strict=True
        ):
            last = (side - 1) // stride * stride  # where the last window starts
            missing = max(last + (kernel - 1) * dilation + 1 - side, 0)
            before = missing // 2 if self.padding == 'same' else 0
            pads += (before, missing - before)
        return pads

    def forward(self, x: Tensor) -> Tensor:
        """The padded maps, from (B, C, H, W)."""
        pads = self.amounts(*x.shape[-2:])
        return pad(x, pads) if any(pads) else x


class PatchEmbed(BaseModule):
    """Tokens of a picture, one per patch, by a strided convolution.

    Args:
        in_channels: Channels of the picture.
        embed_dims: Channels of the tokens.
        conv_type: Kind of convolution.
        kernel_size: Size of a patch.
        stride: Distance between patches; ``None`` for ``kernel_size``.
        padding: Cells added to each side, or how :class:`AdaptivePadding` adds as many as needed.
        dilation: Dilation of the convolution.
        bias: Whether the convolution has a bias.
        norm_cfg: Kind of norm layer that follows; ``None`` for none.
        input_size: (height, width) of the pictures that ``init_out_size`` is worked out for.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Attributes:
        init_out_size: (H, W) of the patches for ``input_size``; ``None`` without it.
    """

    def __init__(
        self,
        in_channels: int = 3,
        embed_dims: int = 768,
        conv_type: str = 'Conv2d',
        kernel_size: Size = 16,
        stride: Size | None = 16,
        padding: Size | str = 'corner',
        dilation: Size = 1,
        bias: bool = True,
        norm_cfg: OptConfigType = None,
        input_size: Size | None = None,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        self.embed_dims = embed_dims
        stride = kernel_size if stride is None else stride
        self.adaptive_padding = None
        if isinstance(padding, str):
            self.adaptive_padding = AdaptivePadding(kernel_size, stride, dilation, padding)
            padding = 0
        self.projection = build_conv_layer(
            dict(type=conv_type),
            in_channels,
            embed_dims,
            kernel_size=to_2tuple(kernel_size),
            stride=to_2tuple(stride),
            padding=to_2tuple(padding),
            dilation=to_2tuple(dilation),
            bias=bias,
        )
        self.norm = build_norm_layer(norm_cfg, embed_dims)[1] if norm_cfg else None
        self.init_input_size = None if input_size is None else to_2tuple(input_size)
        self.init_out_size = input_size and self.out_size(*self.init_input_size)

    @property
    def least_size(self) -> int:
        """Least side of a picture, pixels."""
        if self.adaptive_padding is not None:
            return 1
        conv = self.projection
        spans = zip(conv.kernel_size, conv.dilation, conv.padding, strict=True)
        return max((kernel - 1) * dilation + 1 - 2 * pad for kernel, dilation, pad in spans)

    def out_size(self, height: int, width: int) -> tuple[int, int]:
        """(H, W) of the patches of pictures of ``height`` and ``width``."""
        sides, conv = (height, width), self.projection
        if self.adaptive_padding is not None:
            left, right, top, bottom = self.adaptive_padding.amounts(height, width)
            sides = (height + top + bottom, width + left + right)
        return tuple(
            (side + 2 * conv.padding[i] - conv.dilation[i] * (conv.kernel_size[i] - 1) - 1)
            // conv.stride[i]
            + 1
            for i, side in enumerate(sides)
        )

    def forward(self, x: Tensor) -> tuple[Tensor, tuple[int, int]]:
        """The tokens (B, H*W, C) of pictures (B, C, height, width), and (H, W)."""
        if self.adaptive_padding is not None:
            x = self.adaptive_padding(x)
        x = self.projection(x)
        hw_shape = (x.shape[2], x.shape[3])
        x = nchw_to_nlc(x)
        return (x if self.norm is None else self.norm(x)), hw_shape


class PatchMerging(BaseModule):
    """Tokens of a coarser map, each a projection of the window of tokens that it replaces.

    Paper: `Liu et al., 2021, Swin Transformer <https://arxiv.org/abs/2103.14030>`_. A window is
    read channel by channel, each row by row, as :class:`torch.nn.Unfold` does and as weights
    published for MMDetection and MMPose expect; the authors' own weights are reordered by
    :func:`mmpose.models.utils.ckpt_convert.swin_convert`.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        kernel_size: Size of the window.
        stride: Distance between windows; ``None`` for ``kernel_size``.
        padding: How :class:`AdaptivePadding` makes the windows cover the map.
        dilation: Dilation of the window.
        bias: Whether the projection has a bias.
        norm_cfg: Kind of norm layer before the projection; ``None`` for none.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size = 2,
        stride: Size | None = None,
        padding: str = 'corner',
        dilation: Size = 1,
        bias: bool = False,
        norm_cfg: OptConfigType = dict(type='LN'),
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        self.in_channels = in_channels
        self.out_channels = out_channels
        stride = kernel_size if stride is None else stride
        self.adaptive_padding = AdaptivePadding(kernel_size, stride, dilation, padding)
        merged = in_channels * math.prod(to_2tuple(kernel_size))
        self.norm = build_norm_layer(norm_cfg, merged)[1] if norm_cfg else nn.Identity()
        self.reduction = nn.Linear(merged, out_channels, bias=bias)

    def forward(self, x: Tensor, hw_shape: tuple[int, int]) -> tuple[Tensor, tuple[int, int]]:
        """The tokens of the coarser map for tokens (B, H*W, C) of an (H, W) map, and its shape."""
        window = self.adaptive_padding
        x = nlc_to_nchw(x, hw_shape).permute(0, 2, 3, 1)
        pads = window.amounts(*hw_shape)
        if any(pads):
            x = pad(x, (0, 0, *pads))
        for axis, (kernel, stride, dilation) in enumerate(
            zip(window.kernel_size, window.stride, window.dilation, strict=True), start=1
        ):
            x = x.unfold(axis, (kernel - 1) * dilation + 1, stride)[..., ::dilation]
        hw_shape = (x.shape[1], x.shape[2])
        return self.reduction(self.norm(x.flatten(3).flatten(1, 2))), hw_shape

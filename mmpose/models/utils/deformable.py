"""Convolution and attention at places that are computed from the features."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from mmengine.model import BaseModule, constant_init, xavier_init
from torch import Tensor, nn
from torch.nn.functional import grid_sample

from .ops import to_float32
from .transformer import check_heads

if TYPE_CHECKING:
    from mmpose.utils.typing import OptMultiConfig


class DeformConv2d(nn.Module):
    """A convolution without bias whose kernel samples at offset places.

    Paper: `Dai et al., 2017, Deformable Convolutional Networks
    <https://arxiv.org/abs/1703.06211>`_. Half precision is computed in single precision.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        kernel_size: Side of the kernel.
        stride: Stride of the convolution.
        padding: Zeros around the input, cells.
        dilation: Cells between the places of the kernel.
        groups: Groups of the convolution.
        deform_groups: Groups of the input's channels that have offsets of their own.
        im2col_step: Without effect; compiled kernels split the batch by it.

    Raises:
        ValueError: Groups cannot share the channels evenly.

    Example:
        >>> import torch
        >>> conv = DeformConv2d(1, 1, kernel_size=1)
        >>> nn.init.ones_(conv.weight).shape
        torch.Size([1, 1, 1, 1])
        >>> offset = torch.zeros(1, 2, 1, 3)  # dy, dx
        >>> offset[:, 1] = 1
        >>> conv(torch.tensor([[[[1.0, 2.0, 3.0]]]]), offset).tolist()
        [[[[2.0, 3.0, 0.0]]]]
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
        padding: int = 0,
        dilation: int = 1,
        groups: int = 1,
        deform_groups: int = 1,
        im2col_step: int = 32,
    ) -> None:
        super().__init__()
        for key, value, channels in (
            ('groups', groups, in_channels),
            ('groups', groups, out_channels),
            ('deform_groups', deform_groups, in_channels),
        ):
            if channels % value:
                raise ValueError(
                    f'{key} of DeformConv2d is {value}, which cannot share {channels} channels '
                    'evenly; give a divisor of them.'
                )
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.im2col_step = im2col_step
        self.weight = nn.Parameter(
            torch.empty(out_channels, in_channels // groups, kernel_size, kernel_size)
        )
        nn.init.kaiming_uniform_(self.weight, nonlinearity='relu')

    def forward(self, x: Tensor, offset: Tensor) -> Tensor:
        """The output (B, ``out_channels``, h, w).

        Args:
            x: (B, ``in_channels``, H, W).
            offset: (B, deform_groups * kernel_size**2 * 2, h, w) cells of ``x``, for each group and
                each place of the kernel, row by row, (y, x).

        Raises:
            ImportError: torchvision is not there, or does not fit this PyTorch.
        """
        try:
            from torchvision.ops import deform_conv2d
        except Exception as error:  # one built for another PyTorch fails in ways of its own
            raise ImportError(
                'Deformable convolution needs torchvision, which cannot be imported; install the '
                'one that belongs to your PyTorch: pip install torchvision.'
            ) from error
        out = deform_conv2d(
            to_float32(x),
            to_float32(offset),
            to_float32(self.weight),
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
        )
        return out.to(x.dtype)


def sample_levels(
    values: Tensor,
    spatial_shapes: Sequence[tuple[int, int]],
    locations: Tensor,
    weights: Tensor,
) -> Tensor:
    """Weighted sums of feature maps sampled at places, (B, N, heads * C).

    Args:
        values: (B, S, heads, C), the cells of all levels, level by level and row by row.
        spatial_shapes: (h, w) of each of the L levels.
        locations: (B, N, heads, L, P, 2), (x, y) in shares of the map's width and height. Beyond
            the map, values are zero.
        weights: (B, N, heads, L, P).
    """
    B, N = locations.shape[:2]
    levels = values.permute(0, 2, 3, 1).flatten(0, 1).split([h * w for h, w in spatial_shapes], -1)
    grids = (2 * locations - 1).permute(3, 0, 2, 1, 4, 5).flatten(1, 2)
    weights = weights.permute(3, 0, 2, 1, 4).flatten(1, 2)[:, :, None]
    # level by level: sums take less memory than all levels' samples at once
    total = 0
    for level, shape, grid, weight in zip(levels, spatial_shapes, grids, weights, strict=True):
        samples = grid_sample(level.unflatten(-1, tuple(shape)), grid, align_corners=False)
        total = total + (samples * weight).sum(-1)
    return total.view(B, -1, N).transpose(1, 2)


class MultiScaleDeformableAttention(BaseModule):
    """Attention of each query to few places, which it chooses itself, on several feature maps.

    Paper: `Zhu et al., 2021, Deformable DETR <https://arxiv.org/abs/2010.04159>`_. Places are
    computed and sampled in single precision, also where the rest is in half.

    Args:
        embed_dims: Channels of queries, values and output.
        num_heads: Number of heads.
        num_levels: Number of feature maps.
        num_points: Number of places per head and feature map.
        im2col_step: Without effect; compiled kernels split the batch by it.
        dropout: Share of the output that is set to zero in training, before the sum with
            ``identity``.
        batch_first: Whether tensors are (B, N, C), not (N, B, C).
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Raises:
        ValueError: ``embed_dims`` is no multiple of ``num_heads``.
    """

    def __init__(
        self,
        embed_dims: int = 256,
        num_heads: int = 8,
        num_levels: int = 4,
        num_points: int = 4,
        im2col_step: int = 64,
        dropout: float = 0.1,
        batch_first: bool = False,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg)
        check_heads(embed_dims, num_heads)
        self.embed_dims = embed_dims
        self.num_heads = num_heads
        self.num_levels = num_levels
        self.num_points = num_points
        self.im2col_step = im2col_step
        self.batch_first = batch_first
        places = num_heads * num_levels * num_points
        self.sampling_offsets = nn.Linear(embed_dims, 2 * places)
        self.attention_weights = nn.Linear(embed_dims, places)
        self.value_proj = nn.Linear(embed_dims, embed_dims)
        self.output_proj = nn.Linear(embed_dims, embed_dims)
        self.dropout = nn.Dropout(dropout)
        self._reset()

    def init_weights(self) -> None:
        """Initialise as the constructor does, then by ``init_cfg``."""
        self._reset()
        super().init_weights()

    def _reset(self) -> None:
        """Weigh all places alike; a head's lie in a direction of its own, one cell after another.

        The directions divide the circle, and a step's longer side is a cell.
        """
        constant_init(self.sampling_offsets, 0)
        angles = torch.arange(self.num_heads) * (2 * math.pi / self.num_heads)
        steps = torch.stack([angles.cos(), angles.sin()], dim=-1)
        steps = steps / steps.abs().amax(dim=-1, keepdim=True)
        cells = torch.arange(1, self.num_points + 1)[:, None] * steps[:, None, None]
        offsets = cells.expand(-1, self.num_levels, -1, -1)
        with torch.no_grad():
            self.sampling_offsets.bias.copy_(offsets.flatten())
        constant_init(self.attention_weights, 0)
        xavier_init(self.value_proj, distribution='uniform')
        xavier_init(self.output_proj, distribution='uniform')

    def forward(
        self,
        query: Tensor,
        key: Tensor | None = None,
        value: Tensor | None = None,
        identity: Tensor | None = None,
        query_pos: Tensor | None = None,
        key_padding_mask: Tensor | None = None,
        *,
        reference_points: Tensor,
        spatial_shapes: Sequence[tuple[int, int]] | Tensor,
        level_start_index: Tensor | None = None,
    ) -> Tensor:
        """The attended queries plus ``identity``, in the queries' shape.

        Args:
            query: (B, N, C); as ``value``, ``identity`` and ``query_pos`` with B and N exchanged
                unless ``batch_first``.
            key: Without effect: places are chosen by the query alone.
            value: (B, S, C), the cells of all feature maps, map by map and row by row; ``None`` for
                the queries.
            identity: (B, N, C); ``None`` for the queries.
            query_pos: (B, N, C) is added to the queries; ``None`` adds nothing.
            key_padding_mask: (B, S), true where a cell is no part of a picture; ``None`` for
                nowhere.
            reference_points: (B, N, L, 2) (x, y) in shares of each map's width and height, offsets
                being in its cells; or (B, N, L, 4) boxes (cx, cy, w, h), offsets being in halves of
                their sides over ``num_points``.
            spatial_shapes: (h, w) of the L maps. As numbers they keep the host from waiting for the
                device, which it does for a tensor (L, 2).
            level_start_index: Without effect: it follows from ``spatial_shapes``.

        Raises:
            ValueError: Shapes do not agree.
        """
        value = query if value is None else value
        identity = query if identity is None else identity
        query = query if query_pos is None else query + query_pos
        if not self.batch_first:
            query, value = query.transpose(0, 1), value.transpose(0, 1)
        if isinstance(spatial_shapes, Tensor):
            spatial_shapes = spatial_shapes.tolist()
        self._check_shapes(value, reference_points, spatial_shapes)

        value = self.value_proj(value)
        if key_padding_mask is not None:
            value = value.masked_fill(key_padding_mask[..., None], 0)
        per_head = (self.num_heads, self.num_levels, self.num_points)
        weights = self.attention_weights(query).unflatten(-1, (self.num_heads, -1)).softmax(-1)
        offsets = self.sampling_offsets(query).unflatten(-1, (*per_head, 2))
        out = sample_levels(
            to_float32(value).unflatten(-1, (self.num_heads, -1)),
            spatial_shapes,
            self._locations(to_float32(reference_points), to_float32(offsets), spatial_shapes),
            to_float32(weights).unflatten(-1, per_head[1:]),
        )
        out = self.output_proj(out.to(value.dtype))
        if not self.batch_first:
            out = out.transpose(0, 1)
        return self.dropout(out) + identity

    def _locations(
        self, references: Tensor, offsets: Tensor, spatial_shapes: Sequence[tuple[int, int]]
    ) -> Tensor:
        """The places (B, N, heads, L, P, 2) in shares of the maps' sides."""
        references = references[:, :, None, :, None]
        if references.shape[-1] == 4:
            centers, sides = references.split(2, dim=-1)
            return centers + offsets / self.num_points * sides * 0.5
        # filled one by one, since the host would wait for a list to be copied
        sizes = [offsets.new_full((), side) for h, w in spatial_shapes for side in (w, h)]
        return references + offsets / torch.stack(sizes).view(-1, 1, 2)

    def _check_shapes(
        self, value: Tensor, references: Tensor, spatial_shapes: Sequence[tuple[int, int]]
    ) -> None:
        cells = sum(h * w for h, w in spatial_shapes)
        if len(spatial_shapes) != self.num_levels or cells != value.shape[1]:
            raise ValueError(
                f'spatial_shapes is {[tuple(s) for s in spatial_shapes]}, {cells} cells; it must '
                f'describe {self.num_levels} maps with the {value.shape[1]} cells of the values.'
            )
        if references.shape[-2] != self.num_levels or references.shape[-1] not in (2, 4):
            raise ValueError(
                f'reference_points has the shape {tuple(references.shape)}; give points (B, N, '
                f'{self.num_levels}, 2) or boxes (B, N, {self.num_levels}, 4).'
            )

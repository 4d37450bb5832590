"""The layers of Deformable DETR, in which tokens are read at few places.

Paper: `Zhu et al., ICLR 2021, Deformable DETR <https://arxiv.org/abs/2010.04159>`_.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor, nn

from ....utils.deformable import MultiScaleDeformableAttention
from .detr_layers import (
    DetrTransformerDecoder,
    DetrTransformerDecoderLayer,
    DetrTransformerEncoder,
    DetrTransformerEncoderLayer,
)
from .utils import refine

deformable_attention = partial(MultiScaleDeformableAttention, batch_first=True)


def scale_references(references: Tensor, valid_ratios: Tensor) -> Tensor:
    """References as shares of each padded map, (B, N, L, D).

    Args:
        references: (B, N, D) shares of the picture: points (x, y), or boxes (cx, cy, w, h).
        valid_ratios: (B, L, 2) (w, h) of the picture as shares of each of the L maps.
    """
    ratios = valid_ratios.repeat(1, 1, references.shape[-1] // 2)
    return references[:, :, None] * ratios[:, None]


class DeformableDetrTransformerEncoderLayer(DetrTransformerEncoderLayer):
    """As :class:`DetrTransformerEncoderLayer`, with :class:`MultiScaleDeformableAttention`."""

    attention = staticmethod(deformable_attention)


class DeformableDetrTransformerEncoder(DetrTransformerEncoder):
    """The cells of several maps after layers in which each reads few others.

    The arguments are those of :class:`DetrTransformerEncoder`.
    """

    layer = DeformableDetrTransformerEncoderLayer

    def forward(
        self,
        query: Tensor,
        query_pos: Tensor | None,
        key_padding_mask: Tensor | None,
        spatial_shapes: Sequence[tuple[int, int]],
        level_start_index: Sequence[int] | None,
        valid_ratios: Tensor,
        **kwargs,
    ) -> Tensor:
        """The cells (B, S, C) after all layers.

        Args:
            query: (B, S, C), the cells of all maps, map by map and row by row.
            query_pos: (B, S, C) positions of the cells; ``None`` for none.
            key_padding_mask: (B, S), true for cells that are no part of a picture; ``None``: all
                are.
            spatial_shapes: (h, w) of each of the L maps.
            level_start_index: Without effect: it follows from ``spatial_shapes``.
            valid_ratios: (B, L, 2) (w, h) of the picture as shares of each map.
            **kwargs: Passed to the layers.
        """
        references = self.get_encoder_reference_points(spatial_shapes, valid_ratios, query.device)
        return super().forward(
            query,
            query_pos,
            key_padding_mask,
            reference_points=references,
            spatial_shapes=spatial_shapes,
            **kwargs,
        )

    @staticmethod
    def get_encoder_reference_points(
        spatial_shapes: Sequence[tuple[int, int]],
        valid_ratios: Tensor,
        device: torch.device | str,
    ) -> Tensor:
        """The centre of each cell as shares of each of the L maps, (B, S, L, 2).

        Args:
            spatial_shapes: (h, w) of each map.
            valid_ratios: (B, L, 2) (w, h) of the picture as shares of each map.
            device: Where the centres are wanted.
        """
        centers = [
            cell_centers(shape, device) / ratio[:, None]
            for shape, ratio in zip(spatial_shapes, valid_ratios.unbind(1), strict=True)
        ]
        return scale_references(torch.cat(centers, dim=1), valid_ratios)


def cell_centers(shape_hw: tuple[int, int], device: torch.device | str) -> Tensor:
    """The centres (H * W, 2) of a map's cells, row by row, (x, y) in shares of its sides."""
    H, W = (int(side) for side in shape_hw)
    y = (torch.arange(H, device=device) + 0.5) / H
    x = (torch.arange(W, device=device) + 0.5) / W
    return torch.cartesian_prod(y, x).flip(-1)


class DeformableDetrTransformerDecoderLayer(DetrTransformerDecoderLayer):
    """As :class:`DetrTransformerDecoderLayer`; tokens by :class:`MultiScaleDeformableAttention`."""

    cross_attention = staticmethod(deformable_attention)


class DeformableDetrTransformerDecoder(DetrTransformerDecoder):
    """Queries after layers in which they attend to each other and read maps around references.

    The arguments are those of :class:`DetrTransformerDecoder`. Published code knows no
    ``post_norm_cfg`` here but ``None``, though it is not the default.
    """

    layer = DeformableDetrTransformerDecoderLayer

    def forward(
        self,
        query: Tensor,
        query_pos: Tensor | None,
        value: Tensor,
        key_padding_mask: Tensor | None,
        reference_points: Tensor,
        spatial_shapes: Sequence[tuple[int, int]],
        level_start_index: Sequence[int] | None,
        valid_ratios: Tensor,
        reg_branches: Sequence[nn.Module] | None = None,
        **kwargs,
    ) -> tuple[Tensor, Tensor]:
        """The queries and their references after each of L layers, (L, B, N, C) and (L, B, N, D).

        Without ``return_intermediate`` they are (B, N, C) and (B, N, D), after the last.

        Args:
            query: (B, N, C).
            query_pos: (B, N, C) positions of the queries; ``None`` for none.
            value: (B, S, C), the cells of all maps, map by map and row by row.
            key_padding_mask: (B, S), true for cells that are no part of a picture; ``None``: all
                are.
            reference_points: (B, N, 2) points (x, y) or (B, N, 4) boxes (cx, cy, w, h), shares of
                the picture.
            spatial_shapes: (h, w) of each map.
            level_start_index: Without effect: it follows from ``spatial_shapes``.
            valid_ratios: (B, levels, 2) (w, h) of the picture as shares of each map.
            reg_branches: Networks, one per layer, of how to :func:`refine` the references; ``None``
                leaves them. With four numbers, points become boxes.
            **kwargs: Passed to the layers, such as ``self_attn_mask``.
        """
        queries, references = [], []
        for i, layer in enumerate(self.layers):
            query = layer(
                query,
                value=value,
                query_pos=query_pos,
                key_padding_mask=key_padding_mask,
                reference_points=scale_references(reference_points, valid_ratios),
                spatial_shapes=spatial_shapes,
                **kwargs,
            )
            if reg_branches is not None:
                # layers learn their own step alone
                reference_points = refine(reference_points, reg_branches[i](query)).detach()
            queries.append(self.post_norm(query))
            references.append(reference_points)
        if self.return_intermediate:
            return torch.stack(queries), torch.stack(references)
        return queries[-1], references[-1]

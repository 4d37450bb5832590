"""Boxes that cells of feature maps propose, of which queries start with the best."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from .base_transformer_head import TransformerHead
from .transformers.deformable_detr_layers import cell_centers


def cell_proposals(
    memory_mask: Tensor, spatial_shapes: Sequence[tuple[int, int]]
) -> tuple[Tensor, Tensor]:
    """Logits of a box around each cell, (B, S, 4), and which cells are blank, (B, S).

    A box has its centre in its cell, and sides of 0.05 on the first map, twice as much on each that
    follows. Padding is blank, and so are cells too close to the border; their logits are infinite.

    Args:
        memory_mask: (B, S), true for cells that are no part of a picture.
        spatial_shapes: (h, w) of each of the maps, whose cells stand in a row.
    """
    masks = memory_mask.split([h * w for h, w in spatial_shapes], dim=1)
    proposals = []
    for level, (shape, mask) in enumerate(zip(spatial_shapes, masks, strict=True)):
        ratios = TransformerHead.get_valid_ratio(mask.unflatten(1, tuple(shape)))
        centers = cell_centers(shape, mask.device) / ratios[:, None]
        sides = torch.full_like(centers, 0.05 * 2**level)
        proposals.append(torch.cat([centers, sides], dim=-1))
    proposals = torch.cat(proposals, dim=1)
    inside = ((proposals > 0.01) & (proposals < 0.99)).all(-1)
    blank = memory_mask | ~inside
    return proposals.logit().masked_fill(blank[..., None], torch.inf), blank

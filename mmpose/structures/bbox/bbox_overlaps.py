"""How much boxes overlap."""

from __future__ import annotations

import torch
from torch import Tensor


def bbox_overlaps(
    bboxes1: Tensor,
    bboxes2: Tensor,
    mode: str = 'iou',
    is_aligned: bool = False,
    eps: float = 1e-6,
) -> Tensor:
    """Overlaps (..., M, N) of all pairs of boxes, or (..., M) of aligned ones.

    Args:
        bboxes1: (..., M, 4) left, top, right, bottom.
        bboxes2: (..., N, 4), with the leading axes of ``bboxes1``; N = M if ``is_aligned``.
        mode: 'iou', intersection over union; 'iof', intersection over the area of ``bboxes1``;
            'giou', IoU less the unused share of the enclosing box, in -1..1, from Rezatofighi et
            al., 2019, `Generalized Intersection over Union <https://arxiv.org/abs/1902.09630>`_.
        is_aligned: Whether to pair each box with the one at the same index only.
        eps: Lower limit of the denominators.

    Raises:
        ValueError: Unknown ``mode``, or shapes that do not go together.
    """
    _check(bboxes1, bboxes2, mode, is_aligned)
    if not is_aligned:
        bboxes1, bboxes2 = bboxes1[..., :, None, :], bboxes2[..., None, :, :]
    area1, area2 = _area(bboxes1), _area(bboxes2)
    top_left = torch.maximum(bboxes1[..., :2], bboxes2[..., :2])
    bottom_right = torch.minimum(bboxes1[..., 2:], bboxes2[..., 2:])
    overlap = (bottom_right - top_left).clamp(min=0).prod(-1)
    if mode == 'iof':
        return overlap / area1.clamp(min=eps)
    union = (area1 + area2 - overlap).clamp(min=eps)
    iou = overlap / union
    if mode == 'iou':
        return iou
    enclosing_top_left = torch.minimum(bboxes1[..., :2], bboxes2[..., :2])
    enclosing_bottom_right = torch.maximum(bboxes1[..., 2:], bboxes2[..., 2:])
    enclosing = (enclosing_bottom_right - enclosing_top_left).prod(-1).clamp(min=eps)
    return iou - (enclosing - union) / enclosing


def _area(bboxes: Tensor) -> Tensor:
    return (bboxes[..., 2:] - bboxes[..., :2]).prod(-1)


def _check(bboxes1: Tensor, bboxes2: Tensor, mode: str, is_aligned: bool) -> None:
    if mode not in ('iou', 'iof', 'giou'):
        raise ValueError(f"mode must be 'iou', 'iof' or 'giou', not {mode!r}.")
    shape1, shape2 = tuple(bboxes1.shape), tuple(bboxes2.shape)
    if shape1[-1] != 4 or shape2[-1] != 4 or shape1[:-2] != shape2[:-2]:
        raise ValueError(
            f'Boxes have shapes {shape1} and {shape2}; both must be (..., 4) with the same '
            'leading axes.'
        )
    if is_aligned and shape1 != shape2:
        raise ValueError(
            f'Aligned boxes need equal shapes, not {shape1} and {shape2}; '
            'use is_aligned=False to compare all pairs.'
        )

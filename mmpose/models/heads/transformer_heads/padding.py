"""Which cells of feature maps belong to the pictures, and which to their padding."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, log2
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from mmpose.utils.typing import OptSampleList


def picture_shape(metainfo: dict) -> tuple[int, int]:
    """(h, w) of a sample's picture as the network was given it, without padding, pixels.

    Raises:
        KeyError: The sample knows neither ``img_shape`` nor ``input_size``.
    """
    if 'img_shape' in metainfo:
        h, w = metainfo['img_shape'][:2]
    elif 'input_size' in metainfo:
        w, h = metainfo['input_size']
    else:
        raise KeyError(
            'The sample has neither `img_shape` (h, w) nor `input_size` (w, h); add one to '
            '`meta_keys` of `PackPoseInputs`.'
        )
    return int(h), int(w)


def valid_cells(size: int, padded: int, cells: int) -> int:
    """How many cells along a side belong to the picture.

    They are as many as the picture has without padding, so that its predictions do not depend on
    the batch, provided that the stride is a power of two.

    Args:
        size: Side of the picture, pixels.
        padded: The same side with padding.
        cells: Cells of the map along the padded side.

    Example:
        >>> valid_cells(63, 100, 13)  # stride 8
        8
    """
    stride = 2 ** ceil(log2(padded / cells))
    if ceil(padded / stride) != cells:
        stride = padded / cells
    return ceil(size / stride)


def padding_masks(feats: Sequence[Tensor], batch_data_samples: OptSampleList) -> list[Tensor]:
    """For each map (B, H, W), true where a cell is no part of the picture.

    Args:
        feats: Maps (B, C, H, W).
        batch_data_samples: The samples, with ``img_shape`` (h, w) in their metainfo, and
            ``batch_input_shape`` (h, w) unless that is the largest of them; ``None`` where there is
            no padding.

    Raises:
        KeyError: A sample does not know the shape of its picture.
        ValueError: The samples are not as many as the maps' batch, or a picture is larger than
            ``batch_input_shape``.
    """
    if batch_data_samples is None:
        return [feat.new_zeros(feat.shape[0], *feat.shape[2:], dtype=torch.bool) for feat in feats]
    shapes = [picture_shape(sample.metainfo) for sample in batch_data_samples]
    padded = tuple(map(max, zip(*shapes, strict=True)))
    padded = batch_data_samples[0].metainfo.get('batch_input_shape', padded)
    _check_shapes(shapes, padded, len(feats[0]))
    masks = []
    for feat in feats:
        sides = tuple(feat.shape[2:])
        mask = feat.new_ones(len(shapes), *sides, dtype=torch.bool)
        # slices are filled on the device, without a list to be copied there
        for i, shape in enumerate(shapes):
            h, w = map(valid_cells, shape, padded, sides)
            mask[i, :h, :w] = False
        masks.append(mask)
    return masks


def _check_shapes(
    shapes: Sequence[tuple[int, int]], padded: tuple[int, int], batch_size: int
) -> None:
    if len(shapes) != batch_size:
        raise ValueError(
            f'There are {len(shapes)} samples for feature maps of {batch_size} pictures; give one '
            'for each.'
        )
    for h, w in shapes:
        if h > padded[0] or w > padded[1]:
            raise ValueError(
                f'img_shape of a sample is {(h, w)}, more than batch_input_shape={tuple(padded)}, '
                '(h, w); `img_shape` must be that of the picture the network is given.'
            )

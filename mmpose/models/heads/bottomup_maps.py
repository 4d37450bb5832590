"""What heads share that read all instances off the maps of a whole picture.

In a test with several sizes, the smaller and larger pictures show the same scene with other
margins: each holds the picture in its middle, as large as it fits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample, pad

from ..utils.ops import resize

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType, Features, SampleList

    from .base_head import BaseHead


def feature_views(
    feats: Features | Sequence[Features] | Sequence[Sequence[Features]], test_cfg: ConfigType
) -> list[list[Features]]:
    """The feature maps of each size of the picture: [plain], or [plain, those of its mirror image].

    Args:
        feats: Feature maps; with ``flip_test`` a pair of them, with ``multiscale_test`` a list of
            one or the other.
        test_cfg: Reads ``flip_test`` and ``multiscale_test``.
    """
    sizes = feats if test_cfg.get('multiscale_test', False) else [feats]
    return [list(size) if test_cfg.get('flip_test', False) else [size] for size in sizes]


def fed_shape(metainfo: dict) -> tuple[int, int]:
    """(h, w) of the input that the network was given, with all padding."""
    if 'batch_input_shape' in metainfo:
        return tuple(metainfo['batch_input_shape'])
    w, h = metainfo['input_size']
    return int(h), int(w)


def check_cells(head: BaseHead, shape_hw: Sequence[int], metainfo: dict, hint: str = '') -> None:
    """Check that a cell of the maps has as many pixels as the head's decoder takes it to have.

    Args:
        head: The head.
        shape_hw: (h, w) of its maps.
        metainfo: Of a sample.
        hint: A further way to mend it, which begins with a comma.

    Raises:
        RuntimeError: The head has no decoder.
        ValueError: The decoder is for other cells.
    """
    head.check_decoder()
    decoder, (h, w), (H, W) = head.decoder, fed_shape(metainfo), shape_hw
    wanted = np.divide(decoder.input_size, decoder.heatmap_size)
    if not np.allclose(np.divide((w, h), (W, H)), wanted):
        raise ValueError(
            f'{type(head).__name__} has maps of {W}x{H} cells for an input of {w}x{h} pixels, but '
            f'its decoder takes input_size={tuple(decoder.input_size)} and heatmap_size='
            f'{tuple(decoder.heatmap_size)}, {wanted[0]:g}x{wanted[1]:g} pixels a cell; change '
            f'`heatmap_size` of the decoder{hint}.'
        )


def relative_extents(
    shapes_hw: Sequence[Sequence[int]], batch_metainfo: Sequence[dict]
) -> list[np.ndarray]:
    """For each size (B, 2), how much of the scene it shows along x and y, compared with the first.

    Args:
        shapes_hw: (h, w) of each size, in pixels or in cells.
        batch_metainfo: Of the samples, with ``ori_shape`` (h, w) of the picture. Where it is
            missing, all sizes are taken to show the same.
    """
    shapes = [metainfo.get('ori_shape', shapes_hw[0]) for metainfo in batch_metainfo]
    pictures_wh = np.array([shape[1::-1] for shape in shapes], dtype=float)
    sizes_wh = [np.array(shape[::-1], dtype=float) for shape in shapes_hw]
    # a size's sides times the picture's pixels in one of its own
    extents = [size * (pictures_wh / size).max(axis=1, keepdims=True) for size in sizes_wh]
    known = np.array(['ori_shape' in metainfo for metainfo in batch_metainfo])[:, None]
    return [np.where(known, extent / extents[0], 1.0) for extent in extents]


def merged_maps(
    maps: Sequence[Tensor],
    batch_metainfo: Sequence[dict],
    shape_hw: Sequence[int] | None = None,
    align_corners: bool = False,
) -> Tensor:
    """The mean (B, C, h, w) of maps of several sizes, on the grid of the first.

    Args:
        maps: (B, C, ...) of each size.
        batch_metainfo: As in :func:`relative_extents`, B or one for all.
        shape_hw: (h, w) of the result; ``None`` for that of the first.
        align_corners: Whether the centres of the corner cells stay in the corners.
    """
    shape_hw = tuple(shape_hw or maps[0].shape[-2:])
    extents = relative_extents([each.shape[-2:] for each in maps], batch_metainfo)
    total = 0
    for each, extent in zip(maps, extents, strict=True):
        total = total + _resampled(each, shape_hw, 1 / extent, align_corners)
    return total / len(maps)


def _resampled(
    maps: Tensor, shape_hw: tuple[int, int], shares: np.ndarray, align_corners: bool
) -> Tensor:
    """What lies in the middle of maps, ``shares`` (B, 2) of their width and height, resized."""
    if (shares == 1).all():
        if tuple(maps.shape[-2:]) == shape_hw:
            return maps
        return resize(maps, shape_hw, mode='bilinear', align_corners=align_corners, warning=False)
    theta = pad(maps.new_tensor(shares).diag_embed(), (0, 1)).expand(len(maps), -1, -1)
    grid = affine_grid(theta, [*maps.shape[:2], *shape_hw], align_corners=align_corners)
    return grid_sample(maps, grid, padding_mode='border', align_corners=align_corners)


def to_first_size(
    points: Tensor, shape_hw: Sequence[int], first_hw: Sequence[int], extent: np.ndarray
) -> Tensor:
    """Points (..., 2) of one size's picture, (x, y), where the first size shows them.

    Args:
        points: In the units of the shapes, pixels or cells.
        shape_hw: (h, w) of their picture.
        first_hw: (h, w) of the first size.
        extent: (2,) of :func:`relative_extents`.
    """
    size, first = (points.new_tensor([*shape][::-1]) for shape in (shape_hw, first_hw))
    return (points / size - 0.5) * points.new_tensor(extent) * first + first / 2


def from_first_size(
    points: Tensor, shape_hw: Sequence[int], first_hw: Sequence[int], extent: np.ndarray
) -> Tensor:
    """The inverse of :func:`to_first_size`."""
    size, first = (points.new_tensor([*shape][::-1]) for shape in (shape_hw, first_hw))
    return (points / first - 0.5) / points.new_tensor(extent) * size + size / 2


def heatmap_masks(batch_data_samples: SampleList) -> Tensor | None:
    """Which cells count, (B, 1, H, W); ``None`` where no sample has a ``heatmap_mask``."""
    masks = [sample.gt_fields.get('heatmap_mask') for sample in batch_data_samples]
    given = next((mask for mask in masks if mask is not None), None)
    if given is None:
        return None
    everywhere = torch.ones_like(given)
    return torch.stack([everywhere if mask is None else mask for mask in masks])

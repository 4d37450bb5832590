"""Masks of the regions whose people are not labelled."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from mmpose.registry import TRANSFORMS

from .sample import flip_picture, require_keys

# The level of a marked pixel: half of it is a whole number, and is not above a half.
_MARKED = 200


@TRANSFORMS.register_module()
class BottomupGetHeatmapMask(BaseTransform):
    """Adds ``heatmap_mask``, bool: where the heatmaps can be learnt.

    That is where the picture shows no crowd and no person without keypoints, by the COCO
    segmentations in ``invalid_segs``. The mask has the size of ``heatmaps`` (K, H, W), and is a
    list where they are a list; a sample without them gets one mask of the input's size. It
    follows the picture through ``warp_mat`` and ``flip``; what lies outside of the loaded picture
    is False.

    Needs ``img_shape`` (h, w), the size in which the segmentations are drawn; after a warp that
    is ``ori_shape``, where the sample has it.

    Args:
        get_invalid: Whether to mark the invalid regions instead of the others.

    Raises:
        KeyError: A sample has no ``img_shape``.
        ValueError: A segmentation has another form or size.
    """

    def __init__(self, get_invalid: bool = False) -> None:
        super().__init__()
        self.get_invalid = get_invalid

    def transform(self, results: dict) -> dict:
        """The sample with its mask."""
        remedy = 'Begin the pipeline with LoadImage.'
        require_keys(results, 'BottomupGetHeatmapMask', ('img_shape',), remedy)
        mask = self._draw(results)
        heatmaps = results.get('heatmaps')
        if heatmaps is None:
            results['heatmap_mask'] = _is_marked(mask)
        elif isinstance(heatmaps, list):
            results['heatmap_mask'] = [_is_marked(_resized(mask, level)) for level in heatmaps]
        else:
            results['heatmap_mask'] = _is_marked(_resized(mask, heatmaps))
        return results

    def _draw(self, results: dict) -> np.ndarray:
        """The mask (H, W) at the size of the input, uint8 from 0 to ``_MARKED``."""
        is_warped = results.get('warp_mat') is not None
        shape = results['img_shape']
        if is_warped:
            shape = results.get('ori_shape', shape)
        mask = segmentation_mask(results.get('invalid_segs') or [], shape[:2])
        mask = np.uint8(_MARKED) * (mask if self.get_invalid else 1 - mask)
        if is_warped:
            # a matrix of a perspective warp, (3, 3), is affine too
            mask = cv2.warpAffine(mask, results['warp_mat'][:2], results['input_size'])
        return flip_picture(results['flip_direction'], mask) if results.get('flip') else mask


def _is_marked(mask: np.ndarray) -> np.ndarray:
    return mask > _MARKED // 2


def _resized(mask: np.ndarray, heatmaps: np.ndarray) -> np.ndarray:
    H, W = heatmaps.shape[-2:]
    return mask if mask.shape == (H, W) else cv2.resize(mask, (W, H))


def segmentation_mask(segs: list, shape_hw: tuple[int, int]) -> np.ndarray:
    """The union of COCO segmentations, (H, W) uint8, 1 inside of any.

    Args:
        segs: Polygons [x, y, x, y, ...], lists of such, or run-length codes
            ``dict(size=[h, w], counts=...)``, compressed or not. ``None`` and polygons of fewer
            than three points cover nothing.
        shape_hw: (h, w) of the picture.

    Raises:
        ValueError: A segmentation is something else, or is coded for another size.
    """
    codes = [code for seg in segs if seg for code in _run_lengths(seg, shape_hw)]
    if not codes:
        return np.zeros(shape_hw, dtype=np.uint8)
    from pycocotools import mask as coco_mask

    # comes column by column; this copies several times faster than ascontiguousarray
    return cv2.transpose(coco_mask.decode(coco_mask.merge(codes)).T)


def _run_lengths(seg: Any, shape_hw: tuple[int, int]) -> list[dict]:
    """The compressed run-length codes of one segmentation."""
    from pycocotools import mask as coco_mask

    if isinstance(seg, dict) and {'size', 'counts'} <= seg.keys():
        if tuple(seg['size']) != tuple(shape_hw):
            raise ValueError(
                f'A run-length code in invalid_segs is for a picture of {tuple(seg["size"])} '
                f'(h, w), but this one has {tuple(shape_hw)}. Put BottomupGetHeatmapMask behind '
                'a transform that keeps `warp_mat`, such as BottomupRandomAffine.'
            )
        is_compressed = isinstance(seg['counts'], (str, bytes))
        return [seg if is_compressed else coco_mask.frPyObjects(seg, *shape_hw)]
    if not isinstance(seg, (list, tuple)):
        raise ValueError(
            f'invalid_segs holds {seg!r}; expected polygons [[x, y, x, y, ...], ...] or a '
            "run-length code with 'size' and 'counts'."
        )
    polygons = [seg] if np.isscalar(seg[0]) else seg
    # four numbers would be taken for a box
    polygons = [list(polygon) for polygon in polygons if len(polygon) >= 6]
    return coco_mask.frPyObjects(polygons, *shape_hw) if polygons else []

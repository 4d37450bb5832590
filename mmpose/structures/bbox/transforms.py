"""Conversions of boxes, and the matrices that map the image region of a box to an input.

Boxes come in four forms, all in pixels: xyxy (left, top, right, bottom), xywh (left, top, width,
height), center and scale ((x, y) and (width, height) times a padding factor), and corners.
Functions keep the input's dtype, accept any leading axes and never write into their input.
"""

from __future__ import annotations

import math

import numpy as np

# The share of its box that a person covers, by the published convention; it stands in where an
# annotation has no area, or where its area is not to be used.
BODY_SHARE_OF_BOX = 0.53


def bbox_xyxy2xywh(bbox_xyxy: np.ndarray) -> np.ndarray:
    """Boxes as left, top, width, height.

    Args:
        bbox_xyxy: (..., 4) left, top, right, bottom; further columns, such as a score, are kept.
    """
    bbox_xywh = bbox_xyxy.copy()
    bbox_xywh[..., 2:4] -= bbox_xyxy[..., :2]
    return bbox_xywh


def bbox_xywh2xyxy(bbox_xywh: np.ndarray) -> np.ndarray:
    """Boxes as left, top, right, bottom.

    Args:
        bbox_xywh: (..., 4) left, top, width, height; further columns are kept.
    """
    bbox_xyxy = bbox_xywh.copy()
    bbox_xyxy[..., 2:4] += bbox_xywh[..., :2]
    return bbox_xyxy


def bbox_xyxy2cs(bbox: np.ndarray, padding: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Box centers (..., 2) as (x, y), and box scales (..., 2) as padded (w, h).

    Args:
        bbox: (..., 4) left, top, right, bottom.
        padding: Factor on the width and height.
    """
    top_left, bottom_right = bbox[..., :2], bbox[..., 2:4]
    return (top_left + bottom_right) * 0.5, (bottom_right - top_left) * padding


def bbox_xywh2cs(bbox: np.ndarray, padding: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Box centers (..., 2) as (x, y), and box scales (..., 2) as padded (w, h).

    Args:
        bbox: (..., 4) left, top, width, height.
        padding: Factor on the width and height.
    """
    size_wh = bbox[..., 2:4]
    return bbox[..., :2] + size_wh * 0.5, size_wh * padding


def bbox_cs2xyxy(center: np.ndarray, scale: np.ndarray, padding: float = 1.0) -> np.ndarray:
    """Boxes (..., 4) as left, top, right, bottom.

    Args:
        center: (..., 2) x, y.
        scale: (..., 2) padded width and height.
        padding: The factor that ``scale`` contains and that is taken out.
    """
    half_wh = scale / padding * 0.5
    return np.concatenate((center - half_wh, center + half_wh), axis=-1)


def bbox_cs2xywh(center: np.ndarray, scale: np.ndarray, padding: float = 1.0) -> np.ndarray:
    """Boxes (..., 4) as left, top, width, height.

    Args:
        center: (..., 2) x, y.
        scale: (..., 2) padded width and height.
        padding: The factor that ``scale`` contains and that is taken out.
    """
    size_wh = scale / padding
    return np.concatenate((center - size_wh * 0.5, size_wh), axis=-1)


def bbox_xyxy2corner(bbox: np.ndarray) -> np.ndarray:
    """Box corners (..., 4, 2): top left, bottom left, top right, bottom right.

    Args:
        bbox: (..., 4) left, top, right, bottom.
    """
    corners = bbox.take([0, 1, 0, 3, 2, 1, 2, 3], axis=-1)
    return corners.reshape(*bbox.shape[:-1], 4, 2)


def bbox_corner2xyxy(bbox: np.ndarray) -> np.ndarray:
    """The upright boxes (..., 4), left, top, right, bottom, that hold the given corners.

    Args:
        bbox: (..., 4, 2) corners of a box that may be turned or sheared.
    """
    return np.concatenate((bbox.min(axis=-2), bbox.max(axis=-2)), axis=-1)


def bbox_clip_border(bbox: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Boxes or corners moved into the image.

    Args:
        bbox: (..., 4) left, top, right, bottom, or (..., 2) points.
        shape: (w, h) of the image.
    """
    limits_wh = np.resize(shape[:2], bbox.shape[-1])
    return np.clip(bbox, 0, limits_wh).astype(bbox.dtype, copy=False)


def flip_bbox(
    bbox: np.ndarray,
    image_size: tuple[int, int],
    bbox_format: str = 'xywh',
    direction: str = 'horizontal',
) -> np.ndarray:
    """Boxes on the flipped image: x becomes w - 1 - x, y becomes h - 1 - y.

    Args:
        bbox: (..., 4), or (..., 2) if ``bbox_format`` is 'center'.
        image_size: (w, h) of the image.
        bbox_format: 'xyxy' swaps the flipped sides to stay ordered. 'center' flips points. 'xywh'
            flips (x, y) and keeps (w, h), so (x, y) must be the center of the box; a left top
            corner would come out as a right or bottom one.
        direction: 'horizontal', 'vertical' or 'diagonal' (both).

    Raises:
        ValueError: Unknown ``bbox_format`` or ``direction``.
    """
    if bbox_format not in ('xywh', 'xyxy', 'center'):
        raise ValueError(f"bbox_format must be 'xywh', 'xyxy' or 'center', not {bbox_format!r}.")
    flipped = bbox.copy()
    for axis in flip_axes(direction):
        last = image_size[axis] - 1
        flipped[..., axis] = last - bbox[..., axis]
        if bbox_format == 'xyxy':
            flipped[..., axis] = last - bbox[..., axis + 2]
            flipped[..., axis + 2] = last - bbox[..., axis]
    return flipped


def flip_axes(direction: str) -> tuple[int, ...]:
    """The coordinates that a flip mirrors: 0 for x, 1 for y.

    Args:
        direction: 'horizontal', 'vertical' or 'diagonal'.

    Raises:
        ValueError: Another ``direction``.
    """
    axes = dict(horizontal=(0,), vertical=(1,), diagonal=(0, 1))
    if direction not in axes:
        raise ValueError(
            f"direction must be 'horizontal', 'vertical' or 'diagonal', not {direction!r}."
        )
    return axes[direction]


def get_warp_matrix(
    center: np.ndarray,
    scale: np.ndarray,
    rot: float,
    output_size: tuple[int, int],
    shift: tuple[float, float] = (0.0, 0.0),
    inv: bool = False,
    fix_aspect_ratio: bool = True,
) -> np.ndarray:
    """Affine matrix (2, 3), float64, from image pixels to the pixels of a crop.

    The region's center goes to the center of the output, (w / 2, h / 2).

    Args:
        center: (2,) center of the region, (x, y).
        scale: (2,) size of the region, (w, h).
        rot: Counter-clockwise rotation of the crop's contents in degrees.
        output_size: (w, h) of the crop.
        shift: Offset of the region in units of its own size, (x, y).
        inv: Whether to return the matrix from the crop back to the image.
        fix_aspect_ratio: Whether to scale x and y alike, by the widths. Otherwise each axis is
            scaled to fit.

    Raises:
        ValueError: ``scale`` is not positive.
    """
    scale_w, scale_h = _positive_size(scale)
    x, y = float(center[0]) + scale_w * shift[0], float(center[1]) + scale_h * shift[1]
    w, h = output_size[:2]
    zoom_x = w / scale_w
    zoom_y = zoom_x if fix_aspect_ratio else h / scale_h
    cos, sin = math.cos(math.radians(rot)), math.sin(math.radians(rot))
    if inv:
        a, b, c, d = cos / zoom_x, -sin / zoom_y, sin / zoom_x, cos / zoom_y
        from_x, from_y, to_x, to_y = 0.5 * w, 0.5 * h, x, y
    else:
        a, b, c, d = cos * zoom_x, sin * zoom_x, -sin * zoom_y, cos * zoom_y
        from_x, from_y, to_x, to_y = x, y, 0.5 * w, 0.5 * h
    return np.array(
        [
            [a, b, to_x - a * from_x - b * from_y],
            [c, d, to_y - c * from_x - d * from_y],
        ]
    )


def get_udp_warp_matrix(
    center: np.ndarray, scale: np.ndarray, rot: float, output_size: tuple[int, int]
) -> np.ndarray:
    """Affine matrix (2, 3), float32, from image to crop under unbiased data processing.

    Lengths are measured between pixel centers, so the region's left border goes to pixel 0 and
    its right border to pixel w - 1. The turn is opposite to that of :func:`get_warp_matrix`.
    From Huang et al., 2020, `The Devil is in the Details <https://arxiv.org/abs/1911.07524>`_.

    Args:
        center: (2,) center of the region, (x, y).
        scale: (2,) size of the region, (w, h).
        rot: Clockwise rotation of the crop's contents in degrees.
        output_size: (w, h) of the crop.

    Raises:
        ValueError: ``scale`` is not positive.
    """
    x, y = float(center[0]), float(center[1])
    scale_w, scale_h = _positive_size(scale)
    zoom_x, zoom_y = (output_size[0] - 1) / scale_w, (output_size[1] - 1) / scale_h
    cos, sin = math.cos(math.radians(rot)), math.sin(math.radians(rot))
    return np.array(
        [
            [zoom_x * cos, -zoom_x * sin, zoom_x * (0.5 * scale_w - x * cos + y * sin)],
            [zoom_y * sin, zoom_y * cos, zoom_y * (0.5 * scale_h - x * sin - y * cos)],
        ],
        dtype=np.float32,
    )


def _positive_size(scale: np.ndarray) -> tuple[float, float]:
    w, h = float(scale[0]), float(scale[1])
    if not (w > 0 and h > 0):
        raise ValueError(
            f'scale is ({w}, {h}); a region needs a positive width and height, '
            'so drop boxes without area.'
        )
    return w, h


def get_pers_warp_matrix(
    center: np.ndarray,
    translate: np.ndarray,
    scale: float,
    rot: float,
    shear: np.ndarray,
) -> np.ndarray:
    """Matrix (3, 3), float32, that scales, turns and shears about a point, then moves.

    Args:
        center: (2,) the point kept in place but for ``translate``, (x, y).
        translate: (2,) offset in pixels, (x, y).
        scale: Zoom factor.
        rot: Clockwise rotation in degrees.
        shear: (2,) shear angles in degrees along x and y.
    """
    cos, sin = math.cos(math.radians(rot)) * scale, math.sin(math.radians(rot)) * scale
    turn = np.array([[cos, -sin], [sin, cos]])
    tan_x, tan_y = (math.tan(math.radians(float(angle))) for angle in shear)
    center = np.asarray(center, dtype=np.float64)
    matrix = np.eye(3)
    matrix[:2, :2] = np.array([[1.0, tan_x], [tan_y, 1.0]]) @ turn
    matrix[:2, 2] = center + translate - matrix[:2, :2] @ center
    return matrix.astype(np.float32)

"""Pinhole projections between the space of a camera and its image, without distortion.

The camera looks along z; x points right and y down. Intrinsics and positions in the image share a
unit, pixels or a multiple of them, and positions in space share another, such as metres.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

_DEPTH_SHIFT = 1e-8
_ROOT_BOX_SIZE = 2.0  # metres; wide enough for a person, after MotionBERT
PIXELS_PER_IMAGE_UNIT = 1000.0
# Keeps the factor finite for a camera so far away that the box has no width; published as such.
_MIN_BOX_WIDTH = 0.001


def camera_to_pixel(
    kpts_3d: np.ndarray, fx: float, fy: float, cx: float, cy: float, shift: bool = False
) -> np.ndarray:
    """Positions (..., 2) in the image, (x, y).

    Args:
        kpts_3d: (..., 3) positions in the space of the camera.
        fx: Focal length along x, pixels.
        fy: Focal length along y, pixels.
        cx: The principal point's x, pixels.
        cy: The principal point's y, pixels.
        shift: Whether to add 1e-8 to the depths, so that a depth of 0 gives a number.
    """
    depth = kpts_3d[..., 2:3] + _DEPTH_SHIFT if shift else kpts_3d[..., 2:3]
    return kpts_3d[..., :2] / depth * _pair(fx, fy, kpts_3d) + _pair(cx, cy, kpts_3d)


def pixel_to_camera(
    kpts_3d: np.ndarray,
    fx: float | np.ndarray,
    fy: float | np.ndarray,
    cx: float | np.ndarray,
    cy: float | np.ndarray,
) -> np.ndarray:
    """Positions (..., 3) in the space of the camera, the inverse of :func:`camera_to_pixel`.

    Args:
        kpts_3d: (..., 3) x and y in the image, pixels, and the depth, kept as it is.
        fx: Focal length along x, pixels; like the following for all positions, or (...) for each.
        fy: Focal length along y, pixels.
        cx: The principal point's x, pixels.
        cy: The principal point's y, pixels.
    """
    depth = kpts_3d[..., 2:3]
    xy = (kpts_3d[..., :2] - _pair(cx, cy, kpts_3d)) / _pair(fx, fy, kpts_3d) * depth
    return np.concatenate([xy, depth], axis=-1)


def camera_to_image_coord(
    root_index: int | Sequence[int], kpts_3d_cam: np.ndarray, camera_param: Mapping[str, Any]
) -> tuple[np.ndarray, np.ndarray]:
    """Poses with x and y in the image and depths in its unit, and the metres of that unit.

    A box of two metres around the root, facing the camera, is projected; its width gives the scale
    of the depths, which are relative to the root's (MotionBERT, `Zhu et al., ICCV 2023
    <https://arxiv.org/abs/2210.06551>`_). The unit is a thousand pixels.

    Args:
        root_index: The root keypoint, or several whose mean is the root.
        kpts_3d_cam: (..., K, 3) metres in the space of the camera.
        camera_param: The camera's ``f``, focal lengths, and ``c``, principal point: two values in
            pixels each.

    Returns:
        kpts_3d_image: (..., K, 3) x and y from the left top corner, depth from the root.
        factor: (...,) metres per unit at the root, one per pose; (1,) for a single pose.
    """
    # plain numbers, which leave arrays in single precision
    fx, fy, cx, cy = (
        float(x) / PIXELS_PER_IMAGE_UNIT for key in 'fc' for x in np.ravel(camera_param[key])
    )
    root = kpts_3d_cam[..., np.atleast_1d(root_index), :].mean(axis=-2, keepdims=True)
    box_width = fx * _ROOT_BOX_SIZE / root[..., 2] + _MIN_BOX_WIDTH
    xy = camera_to_pixel(kpts_3d_cam, fx, fy, cx, cy, shift=True)
    depth = (kpts_3d_cam[..., 2] - root[..., 2]) * box_width / _ROOT_BOX_SIZE
    factor = np.atleast_1d((_ROOT_BOX_SIZE / box_width)[..., 0])
    return np.concatenate([xy, depth[..., None]], axis=-1), factor


def _pair(x: float | np.ndarray, y: float | np.ndarray, like: np.ndarray) -> np.ndarray:
    return np.stack([x, y], axis=-1).astype(np.result_type(like, np.float32))

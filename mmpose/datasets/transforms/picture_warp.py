"""Labels under an affine warp of the picture, and the account of where its pixels come from."""

from __future__ import annotations

import math

import numpy as np

from mmpose.structures.bbox import bbox_clip_border, bbox_corner2xyxy, bbox_xyxy2corner
from mmpose.structures.bbox.transforms import flip_axes
from mmpose.structures.keypoint import keypoint_clip_border


def warp_labels(
    results: dict,
    matrix: np.ndarray,
    size_wh: tuple[int, int],
    clip: bool,
    keep_corner: bool | None = None,
) -> None:
    """Moves ``keypoints``, ``bbox`` and ``area`` of a sample, those that are there.

    Args:
        results: The sample, with boxes (N, 4) or their corners (N, 4, 2).
        matrix: (2, 3), from picture to warped picture.
        size_wh: (w, h) of the warped picture.
        clip: Whether to move boxes into the warped picture, and to mark the keypoints outside of
            it as not visible.
        keep_corner: Whether ``bbox`` becomes the corners, which may be turned, or the upright
            boxes around them; ``None``: it stays what it is.
    """
    if results.get('keypoints') is not None:
        keypoints = warp_points(results['keypoints'], matrix)
        results['keypoints'] = keypoints
        if clip and results.get('keypoints_visible') is not None:
            visible = results['keypoints_visible']
            _, results['keypoints_visible'] = keypoint_clip_border(keypoints, visible, size_wh)
    if results.get('bbox') is not None:
        bbox = results['bbox']
        keep_corner = bbox.ndim == 3 if keep_corner is None else keep_corner
        bbox = warp_points(bbox if bbox.ndim == 3 else bbox_xyxy2corner(bbox), matrix)
        if not keep_corner:
            bbox = bbox_corner2xyxy(bbox)
        results['bbox'] = bbox_clip_border(bbox, size_wh) if clip else bbox
    if results.get('area') is not None:
        growth = abs(_determinant(matrix))  # of a mirror it is negative
        results['area'] = (results['area'] * growth).astype(results['area'].dtype)


def warp_points(points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """The points in the warped picture, a copy.

    Args:
        points: (..., D), (x, y) first; further coordinates are kept.
        matrix: (2, 3), from picture to warped picture.
    """
    warped = points.copy()
    warped[..., :2] = points[..., :2].dot(matrix[:, :2].T) + matrix[:, 2]
    return warped


def record_warp(
    results: dict, matrix: np.ndarray, size_wh: tuple[int, int], input_size: tuple[int, int]
) -> None:
    """Adds to a sample how its picture was warped.

    ``warp_mat`` (2, 3) leads from the loaded picture to the input, through all warps so far.
    Flips are left out, wherever they stand in the pipeline: what is drawn on the loaded picture
    is warped first and flipped afterwards. ``input_size`` is (w, h); ``input_center`` and
    ``input_scale``, (2,), are the region of the loaded picture that the input shows, which is
    exact where nothing was turned or sheared.

    Args:
        results: The sample.
        matrix: (2, 3), from the sample's picture to the warped one.
        size_wh: (w, h) of the picture before the warp.
        input_size: (w, h) of the warped picture.
    """
    if results.get('flip'):
        direction = results['flip_direction']
        matrix = _then(_flip_matrix(size_wh, direction), matrix)
        matrix = _then(matrix, _flip_matrix(input_size, direction))
    if results.get('warp_mat') is not None:
        matrix = _then(results['warp_mat'], matrix)
    results['warp_mat'] = matrix
    results['input_size'] = input_size
    # numpy.linalg takes a tenth of the warp's time for two by two numbers
    (a, b, x), (c, d, y) = matrix.tolist()
    determinant, to_x, to_y = _determinant(matrix), input_size[0] / 2 - x, input_size[1] / 2 - y
    center = ((d * to_x - b * to_y) / determinant, (a * to_y - c * to_x) / determinant)
    scale = (input_size[0] / math.hypot(a, b), input_size[1] / math.hypot(c, d))
    results['input_center'] = np.array(center, dtype=np.float32)
    results['input_scale'] = np.array(scale, dtype=np.float32)


def _determinant(matrix: np.ndarray) -> float:
    (a, b, _), (c, d, _) = matrix.tolist()
    return a * d - b * c


def _then(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The matrix (2, 3) of one warp after another."""
    both = second[:, :2] @ first[:2]
    both[:, 2] += second[:, 2]
    return both


def _flip_matrix(size_wh: tuple[int, int], direction: str) -> np.ndarray:
    matrix = np.eye(2, 3)
    for axis in flip_axes(direction):
        matrix[axis, axis], matrix[axis, 2] = -1, size_wh[axis] - 1
    return matrix

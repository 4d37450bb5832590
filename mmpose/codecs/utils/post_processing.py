"""Reading and smoothing predicted heatmaps."""

from __future__ import annotations

import math
from collections.abc import Iterator

import cv2
import numpy as np
import torch

from .blur_weights import gaussian_kernel
from .checks import check_maps, check_odd
from .window_maximum import window_maximum

_MAPS_AT_ONCE = 32


def get_heatmap_maximum(heatmaps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Place and value of the maximum of each heatmap.

    Args:
        heatmaps: (K, H, W) or (B, K, H, W).

    Returns:
        locs: (K, 2) or (B, K, 2) float32 cells, (x, y); (-1, -1) where the maximum is not
            positive.
        vals: (K,) or (B, K), the maxima.

    Raises:
        ValueError: ``heatmaps`` has another number of axes, or maps without cells.
    """
    check_maps('heatmaps', heatmaps)
    width = heatmaps.shape[-1]
    flat = heatmaps.reshape(*heatmaps.shape[:-2], heatmaps.shape[-2] * width)
    index = flat.argmax(axis=-1)
    vals = np.take_along_axis(flat, index[..., None], axis=-1)[..., 0]
    locs = np.stack([index % width, index // width], axis=-1).astype(np.float32)
    locs[vals <= 0] = -1
    return locs, vals


def gaussian_blur(heatmaps: np.ndarray, kernel: int = 11) -> np.ndarray:
    """Blurred copy of the heatmaps, each scaled back to the maximum that it had.

    This is the modulation step of DARK (`Zhang et al., CVPR 2020
    <https://arxiv.org/abs/1910.06278>`_). Cells outside a map count as 0.

    Args:
        heatmaps: (..., H, W) float.
        kernel: Size of the Gaussian kernel, odd; its sigma is ``0.3 * (kernel / 2 - 1.5) + 0.8``,
            which is 2 for 11 and 2.9 for 17.

    Raises:
        ValueError: ``kernel`` is even.
    """
    check_odd('kernel', kernel)
    H, W = heatmaps.shape[-2:]
    maps = heatmaps.reshape(math.prod(heatmaps.shape[:-2]), H, W)
    blurred = np.empty(maps.shape, dtype=np.promote_types(maps.dtype, np.float32))
    for part, out in _blurred_parts(maps, kernel):
        ratios = _scale_back(maps[part].max(axis=(1, 2)), out.max(axis=(1, 2)))
        np.multiply(out, ratios[:, None, None], out=blurred[part])
    return blurred.reshape(heatmaps.shape)


def blur_ratios(maps: np.ndarray, kernel: int) -> np.ndarray:
    """The factors (M,) by which :func:`gaussian_blur` scales each of (M, H, W) maps back."""
    peaks = [out.max(axis=(1, 2)) for _, out in _blurred_parts(maps, kernel)]
    return _scale_back(maps.max(axis=(1, 2)), np.concatenate(peaks))


def _blurred_parts(maps: np.ndarray, kernel: int) -> Iterator[tuple[slice, np.ndarray]]:
    """Slices of (M, H, W) maps with the blurred maps, which the next slice overwrites."""
    _, H, W = maps.shape
    # Several maps in one tall picture, kept apart by zeros: few calls, yet it stays in the cache.
    border, weights = kernel // 2, gaussian_kernel(kernel)
    dtype = np.promote_types(maps.dtype, np.float32)
    tall = np.zeros((min(len(maps), _MAPS_AT_ONCE), H + 2 * border, W + 2 * border), dtype)
    for start in range(0, len(maps), _MAPS_AT_ONCE):
        part = slice(start, min(start + _MAPS_AT_ONCE, len(maps)))
        used = tall[: part.stop - start]
        used[:, border : border + H, border : border + W] = maps[part]
        out = cv2.sepFilter2D(used.reshape(-1, W + 2 * border), -1, weights, weights)
        yield part, out.reshape(used.shape)[:, border : border + H, border : border + W]


def _scale_back(wanted: np.ndarray, peaks: np.ndarray) -> np.ndarray:
    return np.divide(wanted, peaks, out=np.ones_like(peaks), where=peaks != 0)


def batch_heatmap_nms(batch_heatmaps: torch.Tensor, kernel_size: int = 5) -> torch.Tensor:
    """Heatmaps with every cell at 0 that is not the maximum of the window around it.

    Args:
        batch_heatmaps: (B, K, H, W).
        kernel_size: Size of the window, odd, cells.

    Raises:
        ValueError: ``kernel_size`` is even.
    """
    return batch_heatmaps * (window_maximum(batch_heatmaps, kernel_size) == batch_heatmaps)


def get_simcc_maximum(
    simcc_x: np.ndarray, simcc_y: np.ndarray, apply_softmax: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Places of the maxima of SimCC vectors along both axes, and the lower of the two maxima.

    Args:
        simcc_x: (..., K, Wx), such as (N, K, Wx).
        simcc_y: (..., K, Wy).
        apply_softmax: Whether the values are maxima of the softmax of each vector.

    Returns:
        locs: (..., K, 2) float32 bins, (x, y); (-1, -1) where the value is not positive.
        vals: (..., K).

    Raises:
        ValueError: The shapes disagree, or the vectors are empty.
    """
    check_simcc(simcc_x, simcc_y)
    places, values = zip(*(_row_maximum(s, apply_softmax) for s in (simcc_x, simcc_y)), strict=True)
    vals = np.minimum(*values)
    locs = np.stack(places, axis=-1).astype(np.float32)
    locs[vals <= 0] = -1
    return locs, vals


def check_simcc(simcc_x: np.ndarray | torch.Tensor, simcc_y: np.ndarray | torch.Tensor) -> None:
    """Passes SimCC vectors (..., K, Wx) and (..., K, Wy) of the same keypoints.

    Raises:
        ValueError: The shapes are others.
    """
    shape_x, shape_y = tuple(simcc_x.shape), tuple(simcc_y.shape)
    if len(shape_x) < 2 or shape_x[:-1] != shape_y[:-1] or 0 in (shape_x[-1], shape_y[-1]):
        raise ValueError(
            f'simcc_x and simcc_y have the shapes {shape_x} and {shape_y}; expected '
            '(..., K, Wx) and (..., K, Wy), the vectors of the same keypoints, with Wx, Wy > 0.'
        )


def with_instance_axis(batch: np.ndarray | torch.Tensor) -> np.ndarray | torch.Tensor:
    """Predictions (B, N, K, D) of a batch, also where (B, K, D) stands for one instance each.

    Raises:
        ValueError: The batch has another number of axes.
    """
    if batch.ndim not in (3, 4):
        raise ValueError(
            f'The batch has shape {tuple(batch.shape)}; expected (B, N, K, D), or (B, K, D) for '
            'one instance each, where a single sample has B = 1.'
        )
    return batch[:, None] if batch.ndim == 3 else batch


def _row_maximum(simcc: np.ndarray, apply_softmax: bool) -> tuple[np.ndarray, np.ndarray]:
    rows = simcc.reshape(-1, simcc.shape[-1])
    places = rows.argmax(axis=-1)
    vals = rows[np.arange(len(rows)), places]
    if apply_softmax:
        vals = 1 / np.exp(rows - vals[:, None]).sum(axis=-1)
    return places.reshape(simcc.shape[:-1]), vals.reshape(simcc.shape[:-1])


def get_simcc_normalized(
    batch_pred_simcc: torch.Tensor, sigma: float | None = None
) -> torch.Tensor:
    """SimCC vectors between 0 and 1, for display.

    Negative values become 0. A vector that still exceeds 1 is divided by its maximum.

    Args:
        batch_pred_simcc: (B, K, W).
        sigma: Standard deviation, in bins, of the Gaussian whose area to divide by first; ``None``
            for vectors that were trained with Gaussians of area 1.
    """
    if sigma is not None:
        batch_pred_simcc = batch_pred_simcc / (sigma * math.sqrt(2 * math.pi))
    simcc = batch_pred_simcc.clamp(min=0)
    return simcc / simcc.amax(dim=-1, keepdim=True).clamp(min=1)


def gaussian_blur1d(simcc: np.ndarray, kernel: int = 11) -> np.ndarray:
    """Blurred copy of SimCC vectors, each scaled back to the maximum that it had.

    The blur of :func:`gaussian_blur` along one axis. A vector whose maximum loses its sign in the
    blur cannot be scaled back and stays as blurred.

    Args:
        simcc: (..., W) float.
        kernel: Size of the Gaussian kernel, odd.

    Raises:
        ValueError: ``kernel`` is even.
    """
    check_odd('kernel', kernel)
    rows = simcc.reshape(-1, simcc.shape[-1])
    rows = rows.astype(np.promote_types(rows.dtype, np.float32), copy=False)
    if not rows.size:
        return rows.reshape(simcc.shape)
    blurred = cv2.GaussianBlur(rows, (kernel, 1), 0, borderType=cv2.BORDER_CONSTANT)
    wanted, peaks = (r.max(axis=-1, keepdims=True) for r in (rows, blurred))
    blurred *= np.divide(wanted, peaks, out=np.ones_like(peaks), where=wanted * np.sign(peaks) > 0)
    return blurred.reshape(simcc.shape)


def get_heatmap_3d_maximum(heatmaps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Place and value of the maximum of each volume.

    Args:
        heatmaps: (K, D, H, W) or (B, K, D, H, W).

    Returns:
        locs: (K, 3) or (B, K, 3) float32 cells, (x, y, z); (-1, -1, -1) where the maximum is not
            positive.
        vals: (K,) or (B, K), the maxima.

    Raises:
        ValueError: ``heatmaps`` has another number of axes.
    """
    if heatmaps.ndim not in (4, 5):
        raise ValueError(
            f'heatmaps has shape {heatmaps.shape}; expected (K, D, H, W) or (B, K, D, H, W).'
        )
    flat = heatmaps.reshape(*heatmaps.shape[:-3], -1)
    index = flat.argmax(axis=-1)
    vals = np.take_along_axis(flat, index[..., None], axis=-1)[..., 0]
    z, y, x = np.unravel_index(index, heatmaps.shape[-3:])
    locs = np.stack([x, y, z], axis=-1).astype(np.float32)
    locs[vals <= 0] = -1
    return locs, vals

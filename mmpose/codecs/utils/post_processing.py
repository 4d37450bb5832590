"""Reading and smoothing predicted heatmaps."""

from __future__ import annotations

import math

import cv2
import numpy as np
import torch
from torch.nn.functional import max_pool2d

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
        ValueError: ``heatmaps`` has another number of axes.
    """
    if heatmaps.ndim not in (3, 4):
        raise ValueError(
            f'heatmaps has shape {heatmaps.shape}; expected (K, H, W) or (B, K, H, W).'
        )
    width = heatmaps.shape[-1]
    flat = heatmaps.reshape(*heatmaps.shape[:-2], -1)
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
    if kernel % 2 == 0:
        raise ValueError(f'kernel is {kernel}, but a blur centred on a cell needs an odd size.')
    H, W = heatmaps.shape[-2:]
    maps = heatmaps.reshape(math.prod(heatmaps.shape[:-2]), H, W)
    blurred = np.empty(maps.shape, dtype=np.promote_types(maps.dtype, np.float32))
    # Several maps in one tall picture, kept apart by zeros: few calls, yet it stays in the cache.
    border = kernel // 2
    tall = np.zeros((_MAPS_AT_ONCE, H + 2 * border, W + 2 * border), blurred.dtype)
    for start in range(0, len(maps), _MAPS_AT_ONCE):
        chunk = maps[start : start + _MAPS_AT_ONCE]
        used = tall[: len(chunk)]
        used[:, border : border + H, border : border + W] = chunk
        out = cv2.GaussianBlur(used.reshape(-1, W + 2 * border), (kernel, kernel), 0)
        out = out.reshape(used.shape)[:, border : border + H, border : border + W]
        peaks, wanted = (m.max(axis=(1, 2), keepdims=True) for m in (out, chunk))
        ratios = np.divide(wanted, peaks, out=np.ones_like(peaks), where=peaks != 0)
        np.multiply(out, ratios, out=blurred[start : start + len(chunk)])
    return blurred.reshape(heatmaps.shape)


def batch_heatmap_nms(batch_heatmaps: torch.Tensor, kernel_size: int = 5) -> torch.Tensor:
    """Heatmaps with every cell at 0 that is not the maximum of the window around it.

    Args:
        batch_heatmaps: (B, K, H, W).
        kernel_size: Size of the window, odd, cells.

    Raises:
        ValueError: ``kernel_size`` is even.
    """
    if kernel_size % 2 == 0:
        raise ValueError(
            f'kernel_size is {kernel_size}, but a window around a cell needs an odd one.'
        )
    maximum = max_pool2d(batch_heatmaps, kernel_size, stride=1, padding=kernel_size // 2)
    return batch_heatmaps * (maximum == batch_heatmaps)

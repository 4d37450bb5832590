"""Reading heatmaps on the device where they were computed.

The functions bear the names of those for arrays and give the same positions. On an accelerator
nothing waits for it: no step depends on values. Sums are taken in double precision, which neither
an autocast nor a reduced precision of matrix products touches.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .blur_weights import blur_matrix, patch_weights
from .checks import check_odd
from .neighbourhood import repeated_border_index, window_index
from .parabola import CORNERS_ACROSS_MAPS, DARK, UDP, Parabola, newton_step

_MAPS_AT_ONCE = 4096


def get_heatmap_maximum(heatmaps: Tensor) -> tuple[Tensor, Tensor]:
    """Place and value of the maximum of each heatmap.

    Args:
        heatmaps: (B, K, H, W).

    Returns:
        locs: (B, K, 2) float32 cells, (x, y); (-1, -1) where the maximum is not positive.
        vals: (B, K), the maxima.
    """
    W = heatmaps.shape[-1]
    flat = heatmaps.flatten(-2)
    index = flat.argmax(dim=-1, keepdim=True)
    vals = flat.gather(-1, index)
    locs = torch.cat([index % W, index // W], dim=-1).float()
    return locs.masked_fill(vals <= 0, -1), vals[..., 0]


def get_heatmap_3d_maximum(heatmaps: Tensor) -> tuple[Tensor, Tensor]:
    """Place and value of the maximum of each volume.

    Args:
        heatmaps: (B, K, D, H, W).

    Returns:
        locs: (B, K, 3) float32 cells, (x, y, z); (-1, -1, -1) where the maximum is not positive.
        vals: (B, K), the maxima.
    """
    H = heatmaps.shape[-2]
    # the slices of a volume below each other are one map
    locs, vals = get_heatmap_maximum(heatmaps.flatten(-3, -2))
    x, rows = locs.unbind(dim=-1)
    return torch.stack([x, rows % H, rows // H], dim=-1).masked_fill(vals[..., None] <= 0, -1), vals


def gaussian_blur(heatmaps: Tensor, kernel: int = 11) -> Tensor:
    """See :func:`.post_processing.gaussian_blur`.

    Args:
        heatmaps: (..., H, W) float32.
        kernel: Size of the Gaussian kernel, odd.
    """
    blurred = _blur(heatmaps, kernel)
    return (blurred * _scale_back(heatmaps.amax((-2, -1)), blurred)[..., None, None]).float()


def mirrored_blur(maps: Tensor, kernel_size: int) -> Tensor:
    """See :func:`.blur_weights.mirrored_blur`.

    Args:
        maps: (..., H, W).
        kernel_size: Size of the Gaussian kernel, odd.
    """
    return _blur(maps, kernel_size, mirrored=True).float()


def refine_keypoints(keypoints: Tensor, heatmaps: Tensor) -> Tensor:
    """See :func:`.refinement.refine_keypoints`.

    Args:
        keypoints: (B, K, 2) cells of the maxima, (x, y).
        heatmaps: (B, K, H, W).
    """
    cells = keypoints.long()
    x, y, (W, H) = cells[..., 0], cells[..., 1], _size_wh(heatmaps)
    in_map = (x > 0) & (y > 0) & (x < W) & (y < H)
    movable = torch.stack([in_map & (x > 1) & (x < W - 1), in_map & (y > 1) & (y < H - 1)], dim=-1)
    return keypoints + 0.25 * _slopes(cells, heatmaps).sign() * movable


def refine_keypoints_megvii(keypoints: Tensor, heatmaps: Tensor) -> Tensor:
    """See :func:`.refinement.refine_keypoints_megvii`.

    Args:
        keypoints: (B, K, 2) cells of the maxima, (x, y).
        heatmaps: (B, K, H, W).
    """
    cells = keypoints.long()
    movable = _at_least_from_border(cells, heatmaps, before=2, after=1)
    return keypoints + (0.25 * _slopes(cells, heatmaps).sign() + 0.5) * movable


def refine_keypoints_dark(keypoints: Tensor, heatmaps: Tensor, blur_kernel_size: int) -> Tensor:
    """See :func:`.refinement.refine_keypoints_dark`.

    Args:
        keypoints: (B, K, 2) cells of the maxima, (x, y).
        heatmaps: (B, K, H, W).
        blur_kernel_size: Size of the blur, odd, cells.
    """
    cells = keypoints.long()
    patches, _ = _blurred_patches(cells, heatmaps, blur_kernel_size, DARK)
    step = _newton_step(patches, DARK)
    interior = _at_least_from_border(cells, heatmaps, before=2, after=2)
    return keypoints + torch.where(interior, step, 0)


def refine_keypoints_dark_udp(keypoints: Tensor, heatmaps: Tensor, blur_kernel_size: int) -> Tensor:
    """See :func:`.refinement.refine_keypoints_dark_udp`.

    Args:
        keypoints: (B, K, 2) cells of the maxima, (x, y).
        heatmaps: (B, K, H, W).
        blur_kernel_size: Size of the blur, odd, cells.
    """
    cells = keypoints.long()
    undetected = (cells == -1).all(dim=-1)
    needed = undetected | undetected.roll(-1, dims=1)
    patches, ratios = _blurred_patches(cells, heatmaps, blur_kernel_size, UDP, needed)
    along = _constant(_offsets, cells.device, 1)
    patches = patches.gather(-1, repeated_border_index(cells, along, _size_wh(heatmaps)))
    across = _patches_across_maps(heatmaps, ratios, blur_kernel_size)
    patches = torch.where(undetected[..., None], across, patches)
    movable = _at_least_from_border(cells, heatmaps, before=0, after=0) | undetected[..., None]
    return keypoints + torch.where(movable, _newton_step(patches, UDP), 0)


def _patches_across_maps(heatmaps: Tensor, ratios: Tensor, blur_kernel_size: int) -> Tensor:
    """Blurred cells (B, K, 9), whose logarithms are :func:`.refinement._logs_across_maps`.

    Args:
        heatmaps: (B, K, H, W).
        ratios: (B, K) factors that scale blurred maps back to their maxima.
        blur_kernel_size: Size of the blur, odd, cells.
    """
    W, H = _size_wh(heatmaps)
    weights = _constant(patch_weights, heatmaps.device, blur_kernel_size, 0)
    places = _constant(np.array, heatmaps.device, ((0, 0), (0, H - 1), (W - 1, H - 1)))
    places = places.expand(*heatmaps.shape[:2], 3, 2)
    blurred = [
        (_windows(cells, heatmaps, blur_kernel_size // 2).double() @ weights)[..., 0] * ratios
        for cells in places.unbind(dim=2)
    ]
    corner, *before = blurred
    corners = torch.stack([corner, *(x.roll(1, dims=1) for x in before)], dim=-1)
    index = _constant(np.array, corners.device, tuple(CORNERS_ACROSS_MAPS))
    return corners[..., index]


def refine_keypoints_by_offsets(keypoints: Tensor, offsets: Tensor, radius: float) -> Tensor:
    """See :func:`.refinement.refine_keypoints_by_offsets`.

    Args:
        keypoints: (B, K, 2) cells, (x, y), in the map or (-1, -1).
        offsets: (B, K, 2, H, W), along x and along y.
        radius: Unit of the offsets, cells.
    """
    cells = keypoints.long()
    (W, H), K = _size_wh(offsets), offsets.shape[1]
    first = torch.arange(K, device=cells.device) * (H * W)
    place = (cells[..., 0] + cells[..., 1] * W + first) % (K * H * W)
    rows = offsets.transpose(1, 2).flatten(2)
    step = rows.gather(-1, place[:, None].expand(-1, 2, -1)).transpose(1, 2)
    return keypoints + step * radius


def _blurred_patches(
    cells: Tensor,
    heatmaps: Tensor,
    blur_kernel_size: int,
    parabola: Parabola,
    needed: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Blurred cells (B, K, P * P) around centres, and the factors (B, K) they are scaled by.

    Scaling back to the maximum is left out where it makes no difference to the derivatives of the
    logarithms, as for arrays, save for the maps that are ``needed``, (B, K) booleans.
    """
    check_odd('blur_kernel_size', blur_kernel_size)
    weights = _constant(patch_weights, cells.device, blur_kernel_size, parabola.reach)
    windows = _windows(cells, heatmaps, parabola.reach + blur_kernel_size // 2)
    # rounded: cells that are equal stay so whatever the order of a sum
    patches = (windows.double() @ weights).float()
    maxima = heatmaps.amax(dim=(-2, -1))
    unsure = ((patches.amin(dim=-1) < parabola.low) & (maxima > 0)) | (maxima > parabola.high)
    if needed is not None:
        unsure = unsure | needed
    ratios = _blur_ratios(heatmaps, maxima, unsure, blur_kernel_size)
    return patches * ratios[..., None], ratios


def _blur_ratios(maps: Tensor, maxima: Tensor, unsure: Tensor, kernel_size: int) -> Tensor:
    """The factors (B, K) that scale blurred maps back to their maxima, at least where unsure."""
    flat, wanted = maps.flatten(0, 1), maxima.flatten()
    ratios = torch.ones_like(wanted, dtype=torch.float64)
    chosen = _where_unsure(unsure.flatten())
    flat, wanted = flat[chosen], wanted[chosen]
    if len(flat):
        parts = zip(wanted.split(_MAPS_AT_ONCE), flat.split(_MAPS_AT_ONCE), strict=True)
        ratios[chosen] = torch.cat([_scale_back(w, _blur(f, kernel_size)) for w, f in parts])
    return ratios.reshape(maxima.shape)


def _blur(maps: Tensor, kernel_size: int, mirrored: bool = False) -> Tensor:
    W, H = _size_wh(maps)
    along_x = _constant(blur_matrix, maps.device, W, kernel_size, mirrored)
    along_y = _constant(blur_matrix, maps.device, H, kernel_size, mirrored)
    return along_y @ (maps.double() @ along_x.T)


def _where_unsure(unsure: Tensor) -> Tensor | slice:
    # On a CPU it costs nothing to ask; elsewhere the answer would have to be waited for.
    return unsure.nonzero()[:, 0] if unsure.device.type == 'cpu' else slice(None)


def _scale_back(wanted: Tensor, blurred: Tensor) -> Tensor:
    peaks = blurred.amax(dim=(-2, -1))
    return torch.where(peaks != 0, wanted / peaks, 1)


def _windows(cells: Tensor, heatmaps: Tensor, reach: int) -> Tensor:
    """The cells around centres, (B, K, S * S) with ``S = 2 * reach + 1``; 0 outside the maps."""
    along = _constant(_offsets, cells.device, reach)
    index, inside = window_index(cells, along, _size_wh(heatmaps))
    return heatmaps.flatten(-2).gather(-1, index) * inside


def _slopes(cells: Tensor, heatmaps: Tensor) -> Tensor:
    _, above, _, left, _, right, _, below, _ = _windows(cells, heatmaps, reach=1).unbind(dim=-1)
    return torch.stack([right - left, below - above], dim=-1)


def _newton_step(patches: Tensor, parabola: Parabola) -> Tensor:
    """Ways (B, K, 2) to the maximum of the parabola through the logarithms of patches."""
    logs = patches.clip(parabola.low, parabola.high).log()
    derivatives = logs @ _constant(_derivatives, logs.device, parabola)
    return torch.stack(newton_step(derivatives, parabola.damping), dim=-1).float()


def _at_least_from_border(cells: Tensor, maps: Tensor, before: int, after: int) -> Tensor:
    """Which cells (B, K, 1) have so many cells before them, and after them, along both axes."""
    x, y, (W, H) = cells[..., :1], cells[..., 1:2], _size_wh(maps)
    return (x >= before) & (y >= before) & (x < W - after) & (y < H - after)


def _size_wh(maps: Tensor) -> tuple[int, int]:
    return maps.shape[-1], maps.shape[-2]


def _offsets(reach: int) -> np.ndarray:
    return np.arange(-reach, reach + 1)


def _derivatives(parabola: Parabola) -> np.ndarray:
    return parabola.derivatives


@lru_cache(maxsize=128)
def _constant(make: Callable[..., np.ndarray], device: torch.device, *args: Any) -> Tensor:
    """What a function makes, on a device; kept there, as copying waits for the device."""
    with torch.inference_mode(False):
        return torch.from_numpy(make(*args)).to(device)

"""Reading SimCC vectors on the device of the network, without waiting for it.

The functions have the names and the results of those on arrays, to stand in for them.
"""

from __future__ import annotations

import cv2
import torch
from torch import Tensor
from torch.nn.functional import pad

from .post_processing import check_simcc
from .refinement import simcc_dark_step


def get_simcc_maximum(
    simcc_x: Tensor, simcc_y: Tensor, apply_softmax: bool = False
) -> tuple[Tensor, Tensor]:
    """Bins (..., K, 2) and values (..., K) of the maxima; see the function on arrays.

    Args:
        simcc_x: (..., K, Wx).
        simcc_y: (..., K, Wy).
        apply_softmax: Whether the values are maxima of the softmax of each vector.

    Raises:
        ValueError: The shapes disagree, or the vectors are empty.
    """
    check_simcc(simcc_x, simcc_y)
    if apply_softmax:
        simcc_x, simcc_y = simcc_x.softmax(dim=-1), simcc_y.softmax(dim=-1)
    (vals_x, x), (vals_y, y) = simcc_x.max(dim=-1), simcc_y.max(dim=-1)
    vals = torch.minimum(vals_x, vals_y)
    locs = torch.stack([x, y], dim=-1).float()
    return locs.masked_fill((vals <= 0)[..., None], -1), vals


def refine_simcc_dark(keypoints: Tensor, simcc: Tensor, blur_kernel_size: int) -> Tensor:
    """Bins (...) moved to the maximum between bins; see the function on arrays.

    Which vectors need to be blurred whole is known on the device alone, so all of them are.

    Args:
        keypoints: (...) bins of the maxima.
        simcc: (..., W).
        blur_kernel_size: Size of the blur, odd, bins.
    """
    W = simcc.shape[-1]
    bins = torch.floor(keypoints + 0.5).long()
    around = bins[..., None] + torch.arange(-2, 3, device=simcc.device)
    blurred = _blur(simcc, blur_kernel_size).gather(-1, around.clamp(0, W - 1))
    step = simcc_dark_step(blurred.clamp(1e-3, 50).log())
    return keypoints + step * ((bins > 1) & (bins < W - 2))


def _blur(simcc: Tensor, kernel: int) -> Tensor:
    W, radius = simcc.shape[-1], kernel // 2
    weights = cv2.getGaussianKernel(kernel, 0)[:, 0].tolist()
    padded = pad(simcc, (radius, radius))
    # Sums of shifted copies: a convolution may round to TensorFloat-32, too coarse for a logarithm.
    blurred = torch.zeros_like(simcc)
    for shift, weight in enumerate(weights):
        blurred.add_(padded[..., shift : shift + W], alpha=weight)
    wanted, peaks = (v.amax(dim=-1, keepdim=True) for v in (simcc, blurred))
    return blurred * torch.where(wanted * peaks.sign() > 0, wanted / peaks, 1)

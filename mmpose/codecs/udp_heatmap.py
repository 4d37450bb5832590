"""Heatmaps of unbiased data processing: Gaussians, or discs with offsets."""

from __future__ import annotations

from types import ModuleType

import numpy as np

from mmpose.registry import KEYPOINT_CODECS

from .base_heatmap import BaseHeatmapCodec
from .utils.checks import check_choice, check_odd, check_positive
from .utils.gaussian_heatmap import generate_udp_gaussian_heatmaps
from .utils.neighbourhood import Values
from .utils.offset_heatmap import generate_offset_heatmap


@KEYPOINT_CODECS.register_module()
class UDPHeatmap(BaseHeatmapCodec):
    """Heatmaps whose first and last cells are the first and last pixels of the input.

    UDP, `Huang et al., CVPR 2020 <https://arxiv.org/abs/1911.07524>`_. The type 'gaussian' gives
    each keypoint a Gaussian of peak 1 at its exact place and decodes with UDP's version of DARK.
    The type 'combined' gives it three maps, see :func:`generate_offset_heatmap`: a disc, whose
    blurred maximum tells the cell, and the offset from each cell to the keypoint along x and y.

    A heatmap cell ``c`` is encoded from the input pixel ``c * (input - 1) / (heatmap - 1)`` and
    decoded to ``c * input / (heatmap - 1)``, as published: at most a pixel more, at the far border.

    The scores are the maxima of the heatmaps, of the blurred ones for 'combined'.

    Args:
        input_size: (w, h) of the network's input, pixels.
        heatmap_size: (w, h) of the heatmaps, cells; at least 2.
        heatmap_type: 'gaussian' or 'combined'.
        sigma: Standard deviation of the Gaussian, cells.
        radius_factor: Radius of the disc as a share of the heatmap's longer side.
        blur_kernel_size: Size of the blur, odd. Discs are blurred by twice as much and one cell.

    Raises:
        ValueError: The type is another, ``blur_kernel_size`` is even, or a size, ``sigma`` or
            ``radius_factor`` is not positive.
    """

    def __init__(
        self,
        input_size: tuple[int, int],
        heatmap_size: tuple[int, int],
        heatmap_type: str = 'gaussian',
        sigma: float = 2.0,
        radius_factor: float = 0.0546875,
        blur_kernel_size: int = 11,
    ) -> None:
        super().__init__(input_size, heatmap_size)
        if min(heatmap_size) < 2:
            raise ValueError(
                f'heatmap_size is {heatmap_size!r}, but needs at least 2 cells along each axis to '
                'have a first and a last one.'
            )
        check_choice('heatmap_type', heatmap_type, ('gaussian', 'combined'))
        check_positive('sigma', sigma, several=False)
        check_positive('radius_factor', radius_factor)
        check_odd('blur_kernel_size', blur_kernel_size)
        self.heatmap_type = heatmap_type
        self.sigma = sigma
        self.radius_factor = radius_factor
        self.blur_kernel_size = blur_kernel_size
        self.maps_per_keypoint = 3 if heatmap_type == 'combined' else 1
        steps = np.subtract(heatmap_size, 1, dtype=np.float32)
        self.scale_factor = np.subtract(input_size, 1, dtype=np.float32) / steps
        self.decode_scale = np.divide(input_size, steps, dtype=np.float32)

    def generate(
        self, cells: np.ndarray, keypoints_visible: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """See :meth:`BaseHeatmapCodec.generate`; (3 * K, H, W) maps for 'combined'."""
        if self.heatmap_type == 'combined':
            return generate_offset_heatmap(
                self.heatmap_size, cells, keypoints_visible, self.radius_factor
            )
        return generate_udp_gaussian_heatmaps(
            self.heatmap_size, cells, keypoints_visible, self.sigma
        )

    def locate(self, heatmaps: Values, ops: ModuleType) -> tuple[Values, Values]:
        """See :meth:`BaseHeatmapCodec.locate`; (B, 3 * K, H, W) maps for 'combined'."""
        if self.heatmap_type == 'combined':
            return self._locate_discs(heatmaps, ops)
        cells, scores = ops.get_heatmap_maximum(heatmaps)
        return ops.refine_keypoints_dark_udp(cells, heatmaps, self.blur_kernel_size), scores

    def _locate_discs(self, heatmaps: Values, ops: ModuleType) -> tuple[Values, Values]:
        B, C, H, W = heatmaps.shape
        maps = heatmaps.reshape(B, C // 3, 3, H, W)
        discs = ops.mirrored_blur(maps[:, :, 0], 2 * self.blur_kernel_size + 1)
        cells, scores = ops.get_heatmap_maximum(discs)
        radius = self.radius_factor * max(H, W)
        return ops.refine_keypoints_by_offsets(cells, maps[:, :, 1:], radius), scores

"""Gaussian heatmaps of the simple baselines, with DARK's unbiased variant."""

from __future__ import annotations

from types import ModuleType

import numpy as np

from mmpose.registry import KEYPOINT_CODECS

from .base_heatmap import BaseHeatmapCodec
from .utils.checks import check_odd, check_positive
from .utils.gaussian_heatmap import (
    generate_gaussian_heatmaps,
    generate_unbiased_gaussian_heatmaps,
)
from .utils.neighbourhood import Values


@KEYPOINT_CODECS.register_module()
class MSRAHeatmap(BaseHeatmapCodec):
    """One heatmap per keypoint, a Gaussian of peak 1 at its place.

    The plain variant centres the Gaussian on the nearest cell and decodes to a quarter of a cell
    (`Xiao et al., ECCV 2018 <https://arxiv.org/abs/1804.06208>`_). The unbiased variant keeps the
    position within the cell and finds it again by a second-order expansion of the blurred
    log-heatmap (DARK, `Zhang et al., CVPR 2020 <https://arxiv.org/abs/1910.06278>`_).

    A heatmap cell ``c`` stands for the input pixel ``c * scale_factor``. The weight is 0 for
    keypoints further than 3 sigma outside the map; the score is the maximum of the heatmap.

    Args:
        input_size: (w, h) of the network's input, pixels.
        heatmap_size: (w, h) of the heatmaps, cells.
        sigma: Standard deviation of the Gaussian, cells.
        unbiased: Whether to use DARK's encoding and decoding.
        blur_kernel_size: Size of DARK's blur, odd. The original takes 11 for sigma 2 and 17 for
            sigma 3.

    Raises:
        ValueError: ``blur_kernel_size`` is even, or a size or ``sigma`` is not positive.
    """

    def __init__(
        self,
        input_size: tuple[int, int],
        heatmap_size: tuple[int, int],
        sigma: float,
        unbiased: bool = False,
        blur_kernel_size: int = 11,
    ) -> None:
        super().__init__(input_size, heatmap_size)
        check_positive('sigma', sigma, several=False)
        check_odd('blur_kernel_size', blur_kernel_size)
        self.sigma = sigma
        self.unbiased = unbiased
        self.blur_kernel_size = blur_kernel_size

    def generate(
        self, cells: np.ndarray, keypoints_visible: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """See :meth:`BaseHeatmapCodec.generate`."""
        generate = (
            generate_unbiased_gaussian_heatmaps if self.unbiased else generate_gaussian_heatmaps
        )
        return generate(self.heatmap_size, cells, keypoints_visible, self.sigma)

    def locate(self, heatmaps: Values, ops: ModuleType) -> tuple[Values, Values]:
        """See :meth:`BaseHeatmapCodec.locate`."""
        cells, scores = ops.get_heatmap_maximum(heatmaps)
        if self.unbiased:
            cells = ops.refine_keypoints_dark(cells, heatmaps, self.blur_kernel_size)
        else:
            cells = ops.refine_keypoints(cells, heatmaps)
        return cells, scores

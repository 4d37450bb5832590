"""Blurred points as heatmaps, with a peak of 255."""

from __future__ import annotations

from types import ModuleType

import numpy as np

from mmpose.registry import KEYPOINT_CODECS

from .base_heatmap import BaseHeatmapCodec
from .utils.checks import check_odd
from .utils.gaussian_heatmap import generate_blurred_point_heatmaps
from .utils.neighbourhood import Values


@KEYPOINT_CODECS.register_module()
class MegviiHeatmap(BaseHeatmapCodec):
    """One heatmap per keypoint: its cell, blurred and scaled to 255 there.

    CPN, `Chen et al., CVPR 2018 <https://arxiv.org/abs/1711.07319>`_, and MSPN, `Li et al., 2019
    <https://arxiv.org/abs/1901.00148>`_. A heatmap cell ``c`` stands for the input pixels from
    ``c * scale_factor`` up to those of the next cell. A keypoint is decoded from the maximum of
    the heatmap, blurred once more: to the middle of the cell, and from there a quarter of a cell
    towards the higher neighbours. In the first two cells and the last one of either axis it is
    decoded to the cell's upper left corner, as published.

    The weight is 0 for keypoints outside the map; the score is the maximum of the heatmap over
    255, plus 0.5.

    Args:
        input_size: (w, h) of the network's input, pixels.
        heatmap_size: (w, h) of the heatmaps, cells.
        kernel_size: Size of the blur, odd. MSPN takes 15, 11, 9, 7 and 5 for targets from coarse
            to fine.

    Raises:
        ValueError: ``kernel_size`` is even, or a size is not positive.
    """

    def __init__(
        self, input_size: tuple[int, int], heatmap_size: tuple[int, int], kernel_size: int
    ) -> None:
        super().__init__(input_size, heatmap_size)
        check_odd('kernel_size', kernel_size)
        self.kernel_size = kernel_size

    def generate(
        self, cells: np.ndarray, keypoints_visible: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """See :meth:`BaseHeatmapCodec.generate`."""
        return generate_blurred_point_heatmaps(
            self.heatmap_size, cells, keypoints_visible, self.kernel_size
        )

    def locate(self, heatmaps: Values, ops: ModuleType) -> tuple[Values, Values]:
        """See :meth:`BaseHeatmapCodec.locate`."""
        heatmaps = ops.gaussian_blur(heatmaps, self.kernel_size)
        cells, scores = ops.get_heatmap_maximum(heatmaps)
        return ops.refine_keypoints_megvii(cells, heatmaps), scores / 255 + 0.5

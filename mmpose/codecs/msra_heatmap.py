"""Gaussian heatmaps of the simple baselines, with DARK's unbiased variant."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from mmpose.registry import KEYPOINT_CODECS
from mmpose.utils.tensor_utils import to_numpy

from .base import BaseKeypointCodec
from .utils.gaussian_heatmap import (
    generate_gaussian_heatmaps,
    generate_unbiased_gaussian_heatmaps,
)
from .utils.post_processing import get_heatmap_maximum
from .utils.refinement import refine_keypoints, refine_keypoints_dark


@KEYPOINT_CODECS.register_module()
class MSRAHeatmap(BaseKeypointCodec):
    """One heatmap per keypoint, a Gaussian of peak 1 at its place.

    The plain variant centres the Gaussian on the nearest cell and decodes to a quarter of a cell
    (`Xiao et al., ECCV 2018 <https://arxiv.org/abs/1804.06208>`_). The unbiased variant keeps the
    position within the cell and finds it again by a second-order expansion of the blurred
    log-heatmap (DARK, `Zhang et al., CVPR 2020 <https://arxiv.org/abs/1910.06278>`_).

    A heatmap cell ``c`` stands for the input pixel ``c * scale_factor``.

    Args:
        input_size: (w, h) of the network's input, pixels.
        heatmap_size: (w, h) of the heatmaps, cells.
        sigma: Standard deviation of the Gaussian, cells.
        unbiased: Whether to use DARK's encoding and decoding.
        blur_kernel_size: Size of DARK's blur, odd. The original takes 11 for sigma 2 and 17 for
            sigma 3.

    Raises:
        ValueError: ``blur_kernel_size`` is even.
    """

    field_mapping_table: ClassVar[dict[str, str]] = dict(heatmaps='heatmaps')
    label_mapping_table: ClassVar[dict[str, str]] = dict(keypoint_weights='keypoint_weights')

    def __init__(
        self,
        input_size: tuple[int, int],
        heatmap_size: tuple[int, int],
        sigma: float,
        unbiased: bool = False,
        blur_kernel_size: int = 11,
    ) -> None:
        super().__init__()
        if blur_kernel_size % 2 == 0:
            raise ValueError(
                f'blur_kernel_size is {blur_kernel_size}, but a blur centred on a cell needs an '
                f'odd size; set {blur_kernel_size + 1}.'
            )
        self.input_size = input_size
        self.heatmap_size = heatmap_size
        self.sigma = sigma
        self.unbiased = unbiased
        self.blur_kernel_size = blur_kernel_size
        self.scale_factor = np.divide(input_size, heatmap_size, dtype=np.float32)

    def encode(self, keypoints: np.ndarray, keypoints_visible: np.ndarray | None = None) -> dict:
        """Heatmaps and weights of the keypoints of one sample.

        Args:
            keypoints: (N, K, 2) pixels of the input, (x, y). NaN means not labelled.
            keypoints_visible: (N, K), at least 0.5 where a keypoint is drawn; ``None``: all are.

        Returns:
            dict with

            - heatmaps: (K, H, W) float32; instances that share a cell contribute their maximum.
            - keypoint_weights: (N, K), ``keypoints_visible`` with 0 for keypoints further than
              3 sigma outside the map and for NaN.
        """
        if keypoints_visible is None:
            keypoints_visible = np.ones(keypoints.shape[:2], dtype=np.float32)
        generate = (
            generate_unbiased_gaussian_heatmaps if self.unbiased else generate_gaussian_heatmaps
        )
        heatmaps, keypoint_weights = generate(
            heatmap_size=self.heatmap_size,
            keypoints=keypoints / self.scale_factor,
            keypoints_visible=keypoints_visible,
            sigma=self.sigma,
        )
        return dict(heatmaps=heatmaps, keypoint_weights=keypoint_weights)

    def decode(self, encoded: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Keypoints (1, K, 2) in pixels of the input and scores (1, K) of one sample.

        Args:
            encoded: (K, H, W) heatmaps.
        """
        keypoints, scores = self.batch_decode(encoded[None])
        return keypoints[0], scores[0]

    def batch_decode(self, batch_encoded: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Keypoints (B, 1, K, 2) in pixels of the input and scores (B, 1, K) of a batch.

        The score is the maximum of the heatmap. A heatmap without a positive value has its
        keypoint at cell (-1, -1), outside the input.

        Args:
            batch_encoded: (B, K, H, W) heatmaps, an array or a tensor.
        """
        heatmaps = to_numpy(batch_encoded)
        keypoints, scores = get_heatmap_maximum(heatmaps)
        if self.unbiased:
            keypoints = refine_keypoints_dark(keypoints, heatmaps, self.blur_kernel_size)
        else:
            keypoints = refine_keypoints(keypoints, heatmaps)
        return (keypoints * self.scale_factor)[:, None], scores[:, None]

"""Targets of integral regression: heatmaps and the coordinates that their mean should have."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from torch import Tensor

from mmpose.registry import KEYPOINT_CODECS

from .base import BaseKeypointCodec
from .msra_heatmap import MSRAHeatmap
from .regression_label import RegressionLabel


@KEYPOINT_CODECS.register_module()
class IntegralRegressionLabel(BaseKeypointCodec):
    """Gaussian heatmaps beside the keypoints as fractions of the input.

    For networks that predict the mean of a heatmap (`Sun et al., ECCV 2018
    <https://arxiv.org/abs/1711.08229>`_). The heatmaps are those of :class:`MSRAHeatmap`; labels,
    weights and decoding are those of :class:`RegressionLabel`.

    Args:
        input_size: (w, h) of the network's input, pixels.
        heatmap_size: (w, h) of the heatmaps, cells.
        sigma: Standard deviation of the Gaussian, cells.
        unbiased: As in :class:`MSRAHeatmap`.
        blur_kernel_size: As in :class:`MSRAHeatmap`.
        normalize: Whether to scale each heatmap to a sum of 1; one without a keypoint stays 0.
    """

    field_mapping_table: ClassVar[dict[str, str]] = dict(heatmaps='heatmaps')
    label_mapping_table: ClassVar[dict[str, str]] = dict(
        keypoint_labels='keypoint_labels', keypoint_weights='keypoint_weights'
    )

    def __init__(
        self,
        input_size: tuple[int, int],
        heatmap_size: tuple[int, int],
        sigma: float,
        unbiased: bool = False,
        blur_kernel_size: int = 11,
        normalize: bool = True,
    ) -> None:
        super().__init__()
        self.heatmap_codec = MSRAHeatmap(
            input_size, heatmap_size, sigma, unbiased, blur_kernel_size
        )
        self.keypoint_codec = RegressionLabel(input_size)
        self.normalize = normalize

    def encode(self, keypoints: np.ndarray, keypoints_visible: np.ndarray | None = None) -> dict:
        """Heatmaps, fractions and weights of the keypoints of one sample.

        Args:
            keypoints: (N, K, 2) pixels of the input, (x, y). NaN means not labelled.
            keypoints_visible: (N, K), above 0.5 where a keypoint counts; ``None``: all do.

        Returns:
            dict with

            - heatmaps: (K, H, W) float32.
            - keypoint_labels: (N, K, 2) float32, from 0 to 1 inside the input; 0 for NaN.
            - keypoint_weights: (N, K) float32, 1 where a keypoint counts, 0 elsewhere.
        """
        labels = self.keypoint_codec.encode(keypoints, keypoints_visible)
        heatmaps = self.heatmap_codec.encode(keypoints, keypoints_visible)['heatmaps']
        if self.normalize:
            sums = heatmaps.sum(axis=(-2, -1), keepdims=True)
            heatmaps /= np.where(sums > 0, sums, 1)
        return dict(heatmaps=heatmaps, **labels)

    def decode(self, encoded: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """As :meth:`RegressionLabel.decode`; the network predicts coordinates."""
        return self.keypoint_codec.decode(encoded)

    def batch_decode(self, batch_encoded: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """As :meth:`RegressionLabel.batch_decode`."""
        return self.keypoint_codec.batch_decode(batch_encoded)

    def decode_tensors(self, batch_encoded: Tensor) -> tuple[Tensor, Tensor]:
        """As :meth:`RegressionLabel.decode_tensors`."""
        return self.keypoint_codec.decode_tensors(batch_encoded)

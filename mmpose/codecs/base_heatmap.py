"""What the codecs share that give each keypoint of one person a heatmap of its own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from types import ModuleType
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from mmpose.utils.tensor_utils import to_numpy

from . import utils
from .base import BaseKeypointCodec
from .utils import tensor_decoding
from .utils.checks import check_keypoints, check_maps, check_size
from .utils.neighbourhood import Values


class BaseHeatmapCodec(BaseKeypointCodec):
    """The skeleton of codecs between keypoints and heatmaps (K, H, W).

    A codec writes ``generate`` and ``locate``, which work in cells of the heatmaps. ``locate`` is
    written once for arrays and tensors.

    Args:
        input_size: (w, h) of the network's input, pixels.
        heatmap_size: (w, h) of the heatmaps, cells.

    Attributes:
        scale_factor: (2,) float32, pixels per cell when encoding.
        decode_scale: (2,) float32, pixels per cell when decoding.

    Raises:
        ValueError: A size is not a pair of positive numbers.
    """

    field_mapping_table: ClassVar[dict[str, str]] = dict(heatmaps='heatmaps')
    label_mapping_table: ClassVar[dict[str, str]] = dict(keypoint_weights='keypoint_weights')

    maps_per_keypoint = 1

    def __init__(self, input_size: Sequence[int], heatmap_size: Sequence[int]) -> None:
        super().__init__()
        check_size('input_size', input_size)
        check_size('heatmap_size', heatmap_size)
        self.input_size = input_size
        self.heatmap_size = heatmap_size
        self.scale_factor = np.divide(input_size, heatmap_size, dtype=np.float32)
        self.decode_scale = self.scale_factor

    @abstractmethod
    def generate(
        self, cells: np.ndarray, keypoints_visible: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Heatmaps (K, H, W) float32 and weights (N, K).

        Args:
            cells: (N, K, 2) positions in cells, (x, y), all of them numbers.
            keypoints_visible: (N, K), at least 0.5 where a keypoint is drawn.
        """

    @abstractmethod
    def locate(self, heatmaps: Values, ops: ModuleType) -> tuple[Values, Values]:
        """Positions (B, K, 2) in cells, (x, y), and scores (B, K).

        Args:
            heatmaps: (B, K, H, W).
            ops: The functions that read heatmaps: :mod:`mmpose.codecs.utils` for arrays,
                :mod:`mmpose.codecs.utils.tensor_decoding` with the same names for tensors.
        """

    def encode(self, keypoints: np.ndarray, keypoints_visible: np.ndarray | None = None) -> dict:
        """Heatmaps and weights of the keypoints of one sample.

        Args:
            keypoints: (N, K, 2) pixels of the input, (x, y). NaN means not labelled.
            keypoints_visible: (N, K), at least 0.5 where a keypoint is drawn; ``None``: all are.

        Returns:
            dict with

            - heatmaps: (K, H, W) float32; instances that share a cell contribute their maximum.
            - keypoint_weights: (N, K), ``keypoints_visible`` with 0 for keypoints that are too far
              outside the map and for NaN.

        Raises:
            ValueError: The shapes are others.
        """
        keypoints, keypoints_visible = check_keypoints(keypoints, keypoints_visible, num_dims=2)
        heatmaps, weights = self.generate(keypoints / self.scale_factor, keypoints_visible)
        return dict(heatmaps=heatmaps, keypoint_weights=weights)

    def decode(self, encoded: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Keypoints (1, K, 2) in pixels of the input and scores (1, K) of one sample.

        Args:
            encoded: (K, H, W) heatmaps.

        Raises:
            ValueError: ``encoded`` has another number of axes.
        """
        check_maps('encoded', encoded, ndim=3, maps_per_keypoint=self.maps_per_keypoint)
        keypoints, scores = self.batch_decode(encoded[None])
        return keypoints[0], scores[0]

    def batch_decode(self, batch_encoded: np.ndarray | Tensor) -> tuple[np.ndarray, np.ndarray]:
        """Keypoints (B, 1, K, 2) in pixels of the input and scores (B, 1, K) of a batch.

        A heatmap without a positive value has its keypoint at cell (-1, -1), outside the input.

        Args:
            batch_encoded: (B, K, H, W) heatmaps, an array or a tensor.

        Raises:
            ValueError: ``batch_encoded`` has another number of axes.
        """
        self._check_batch(batch_encoded)
        cells, scores = self.locate(to_numpy(batch_encoded), utils)
        return (cells * self.decode_scale)[:, None], scores[:, None]

    @torch.no_grad()
    def decode_tensors(self, batch_encoded: Tensor) -> tuple[Tensor, Tensor]:
        """See :meth:`batch_decode`; computed on the device of the tensor, in single precision.

        Args:
            batch_encoded: (B, K, H, W) heatmaps.

        Raises:
            ValueError: ``batch_encoded`` has another number of axes.
        """
        self._check_batch(batch_encoded)
        cells, scores = self.locate(batch_encoded.float(), tensor_decoding)
        x_scale, y_scale = self.decode_scale.tolist()
        keypoints = torch.stack([cells[..., 0] * x_scale, cells[..., 1] * y_scale], dim=-1)
        return keypoints[:, None], scores[:, None]

    def _check_batch(self, heatmaps: np.ndarray | Tensor) -> None:
        check_maps('batch_encoded', heatmaps, 4, self.maps_per_keypoint)

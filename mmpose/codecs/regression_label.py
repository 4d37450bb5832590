"""Keypoints as fractions of the input."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from mmpose.registry import KEYPOINT_CODECS
from mmpose.utils.tensor_utils import to_numpy

from .base import BaseKeypointCodec
from .utils.checks import check_keypoints, check_size
from .utils.post_processing import with_instance_axis


@KEYPOINT_CODECS.register_module()
class RegressionLabel(BaseKeypointCodec):
    """Keypoints divided by the input's size, for a network that predicts coordinates.

    DeepPose, `Toshev and Szegedy, CVPR 2014 <https://arxiv.org/abs/1312.4659>`_. A network may
    predict the deviation of each coordinate as well (RLE, `Li et al., ICCV 2021
    <https://arxiv.org/abs/2107.11291>`_); the scores are then what is left of 1.

    Args:
        input_size: (w, h) of the network's input, pixels.

    Raises:
        ValueError: ``input_size`` is not two positive numbers.
    """

    label_mapping_table: ClassVar[dict[str, str]] = dict(
        keypoint_labels='keypoint_labels', keypoint_weights='keypoint_weights'
    )

    def __init__(self, input_size: tuple[int, int]) -> None:
        super().__init__()
        check_size('input_size', input_size)
        self.input_size = input_size

    def encode(self, keypoints: np.ndarray, keypoints_visible: np.ndarray | None = None) -> dict:
        """Fractions and weights of the keypoints of one sample.

        Args:
            keypoints: (N, K, 2) pixels of the input, (x, y). NaN means not labelled.
            keypoints_visible: (N, K), above 0.5 where a keypoint counts; ``None``: all do.

        Returns:
            dict with

            - keypoint_labels: (N, K, 2) float32, from 0 to 1 inside the input; 0 for NaN.
            - keypoint_weights: (N, K) float32, 1 where a keypoint counts and lies between the
              centres of the first and the last pixel, 0 elsewhere.

        Raises:
            ValueError: The shapes are others.
        """
        keypoints, visible = check_keypoints(keypoints, keypoints_visible, num_dims=2)
        last_pixel = np.subtract(self.input_size, 1)
        inside = ((keypoints >= 0) & (keypoints <= last_pixel)).all(axis=-1)
        return dict(
            keypoint_labels=(keypoints / self.input_size).astype(np.float32),
            keypoint_weights=(inside & (visible > 0.5)).astype(np.float32),
        )

    def decode(self, encoded: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Keypoints (N, K, 2) in pixels of the input and scores (N, K) of one sample.

        Args:
            encoded: (N, K, 2) fractions, whose scores are 1; or (N, K, 4) with the deviations
                from 0 to 1 along x and y behind them, whose scores are 1 minus their mean.

        Raises:
            ValueError: ``encoded`` has another number of columns.
        """
        encoded = to_numpy(encoded)
        has_deviations = _has_deviations(encoded)
        scores = (
            1 - encoded[..., 2:].mean(axis=-1)
            if has_deviations
            else np.ones(encoded.shape[:-1], dtype=np.float32)
        )
        return encoded[..., :2] * np.array(self.input_size, dtype=np.float32), scores

    def batch_decode(self, batch_encoded: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Keypoints (B, N, K, 2) in pixels of the input and scores (B, N, K) of a batch.

        Args:
            batch_encoded: (B, N, K, 2 or 4), an array or a tensor, or (B, K, 2 or 4) for N = 1.
        """
        return self.decode(with_instance_axis(to_numpy(batch_encoded)))

    def decode_tensors(self, batch_encoded: Tensor) -> tuple[Tensor, Tensor]:
        """What :meth:`batch_decode` returns, as tensors.

        Args:
            batch_encoded: (B, N, K, 2 or 4), or (B, K, 2 or 4) for N = 1.
        """
        encoded = with_instance_axis(batch_encoded).float()
        W, H = self.input_size
        keypoints = torch.stack([encoded[..., 0] * W, encoded[..., 1] * H], dim=-1)
        if _has_deviations(encoded):
            return keypoints, 1 - encoded[..., 2:].mean(dim=-1)
        return keypoints, torch.ones_like(encoded[..., 0])


def _has_deviations(encoded: np.ndarray | Tensor) -> bool:
    if encoded.ndim < 2 or encoded.shape[-1] not in (2, 4):
        raise ValueError(
            f'encoded has shape {tuple(encoded.shape)}; expected (..., K, 2) coordinates, or '
            '(..., K, 4) with the deviations along x and y behind them.'
        )
    return encoded.shape[-1] == 4

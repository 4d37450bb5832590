"""Keypoints as classes along the axes of the input."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import ceil, floor, pi, sqrt
from types import ModuleType
from typing import ClassVar

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from torch import Tensor

from mmpose.registry import KEYPOINT_CODECS
from mmpose.utils.tensor_utils import to_numpy

from . import utils
from .base import BaseKeypointCodec
from .utils import simcc_tensors
from .utils.checks import check_choice, check_keypoints, check_positive, check_size
from .utils.neighbourhood import Values
from .utils.post_processing import with_instance_axis


@KEYPOINT_CODECS.register_module()
class SimCCLabel(BaseKeypointCodec):
    """Two vectors per keypoint, whose bins are classes of its x and of its y.

    SimCC, `Li et al., ECCV 2022 <https://arxiv.org/abs/2107.03332>`_. A bin ``b`` stands for the
    input pixel ``b / simcc_split_ratio``; a keypoint belongs to the nearest bin.

    Args:
        input_size: (w, h) of the network's input, pixels.
        smoothing_type: How the classes beside the true one share in it: ``'gaussian'`` by their
            distance, ``'standard'`` equally.
        sigma: Standard deviation of the Gaussian, bins; one for both axes or (x, y).
        simcc_split_ratio: Bins per pixel.
        label_smooth_weight: What standard smoothing takes from the true class, from 0 to 1.
        normalize: Whether a Gaussian has the area 1 instead of the peak 1.
        use_dark: Whether to decode between bins, by DARK along each axis (`Zhang et al., CVPR 2020
            <https://arxiv.org/abs/1910.06278>`_).
        decode_visibility: Whether to decode the visibility as well, which is the probability of
            the likeliest class along its less certain axis (as for RTMW, `Jiang et al., 2024
            <https://arxiv.org/abs/2407.08634>`_).
        decode_beta: Factor of the vectors, beside sigma, in the softmax of that probability.

    Raises:
        ValueError: A number is outside its range, ``smoothing_type`` is unknown, or
            ``label_smooth_weight`` is given with Gaussian smoothing.
    """

    label_mapping_table: ClassVar[dict[str, str]] = dict(
        keypoint_x_labels='keypoint_x_labels',
        keypoint_y_labels='keypoint_y_labels',
        keypoint_weights='keypoint_weights',
    )

    def __init__(
        self,
        input_size: tuple[int, int],
        smoothing_type: str = 'gaussian',
        sigma: float | tuple[float, float] = 6.0,
        simcc_split_ratio: float = 2.0,
        label_smooth_weight: float = 0.0,
        normalize: bool = True,
        use_dark: bool = False,
        decode_visibility: bool = False,
        decode_beta: float = 150.0,
    ) -> None:
        super().__init__()
        check_size('input_size', input_size)
        check_choice('smoothing_type', smoothing_type, ('gaussian', 'standard'))
        check_positive('sigma', sigma)
        check_positive('simcc_split_ratio', simcc_split_ratio)
        check_positive('decode_beta', decode_beta)
        if np.size(sigma) > 2:
            raise ValueError(f'sigma is {sigma!r}; expected one number for both axes, or (x, y).')
        if not 0 <= label_smooth_weight <= 1:
            raise ValueError(f'label_smooth_weight is {label_smooth_weight}; expected 0 to 1.')
        if label_smooth_weight > 0 and smoothing_type == 'gaussian':
            raise ValueError(
                f'label_smooth_weight is {label_smooth_weight}, but Gaussian smoothing does not '
                "use it; leave it at 0, or set smoothing_type='standard'."
            )
        self.input_size = input_size
        self.smoothing_type = smoothing_type
        self.sigma = np.broadcast_to(sigma, 2).astype(float)
        self.simcc_split_ratio = simcc_split_ratio
        self.label_smooth_weight = label_smooth_weight
        self.normalize = normalize
        self.use_dark = use_dark
        self.decode_visibility = decode_visibility
        self.decode_beta = decode_beta

    def encode(self, keypoints: np.ndarray, keypoints_visible: np.ndarray | None = None) -> dict:
        """Vectors and weights of the keypoints of one sample.

        Args:
            keypoints: (N, K, 2) pixels of the input, (x, y). NaN means not labelled.
            keypoints_visible: (N, K), at least 0.5 where a keypoint is drawn; ``None``: all are.

        Returns:
            dict with

            - keypoint_x_labels: (N, K, w * simcc_split_ratio) float32, 0 where nothing is drawn.
            - keypoint_y_labels: (N, K, h * simcc_split_ratio) float32.
            - keypoint_weights: (N, K), ``keypoints_visible`` with 0 for NaN and for keypoints
              outside: further than 3 sigma with Gaussian smoothing, else outside the bins.

        Raises:
            ValueError: The shapes are others.
        """
        keypoints, visible = check_keypoints(keypoints, keypoints_visible, num_dims=2)
        centres = np.around(keypoints * self.simcc_split_ratio)
        tables = self._label_tables()
        ends = np.array([(first, last) for first, last, _ in tables])
        inside = ((centres >= ends[:, 0]) & (centres <= ends[:, 1])).all(axis=-1)
        # row -1 of a table is empty
        rows = np.where((inside & (visible >= 0.5))[..., None], ends[:, 1] - centres, -1)
        rows = rows.astype(int)
        return dict(
            keypoint_x_labels=tables[0][2][rows[..., 0]],
            keypoint_y_labels=tables[1][2][rows[..., 1]],
            keypoint_weights=np.where(inside | (visible < 0.5), visible, np.zeros_like(visible)),
        )

    def decode(
        self, simcc_x: np.ndarray, simcc_y: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray | tuple[np.ndarray, np.ndarray]]:
        """Keypoints (N, K, 2) in pixels of the input and scores (N, K) of one sample.

        Args:
            simcc_x: (N, K, Wx), or (K, Wx) for N = 1.
            simcc_y: (N, K, Wy), or (K, Wy) for N = 1.

        Returns:
            keypoints: (N, K, 2).
            scores: (N, K), the lower of the maxima along x and y; with ``decode_visibility`` a
                tuple of it and the visibility (N, K), from 0 to 1.

        Raises:
            ValueError: The shapes are others or disagree.
        """
        keypoints, scores = self.batch_decode(simcc_x[None], simcc_y[None])
        if self.decode_visibility:
            return keypoints[0], (scores[0][0], scores[1][0])
        return keypoints[0], scores[0]

    def batch_decode(
        self, simcc_x: np.ndarray, simcc_y: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray | tuple[np.ndarray, np.ndarray]]:
        """What :meth:`decode` returns, with a leading axis B, for a batch.

        A keypoint whose maximum along an axis is not positive has its place at bin (-1, -1),
        outside the input.

        Args:
            simcc_x: (B, N, K, Wx), or (B, K, Wx) for N = 1, an array or a tensor.
            simcc_y: (B, N, K, Wy), or (B, K, Wy) for N = 1.

        Raises:
            ValueError: The shapes are others or disagree.
        """
        vectors = (with_instance_axis(to_numpy(v)) for v in (simcc_x, simcc_y))
        floats = [v.astype(np.promote_types(v.dtype, np.float32), copy=False) for v in vectors]
        keypoints, scores, *visibility = self._locate(floats, utils)
        return keypoints, ((scores, *visibility) if self.decode_visibility else scores)

    @torch.no_grad()
    def decode_tensors(self, simcc_x: Tensor, simcc_y: Tensor) -> tuple[Tensor, ...]:
        """Keypoints (B, N, K, 2), scores (B, N, K) and, if decoded, visibility (B, N, K).

        Args:
            simcc_x: (B, N, K, Wx), or (B, K, Wx) for N = 1.
            simcc_y: (B, N, K, Wy), or (B, K, Wy) for N = 1.

        Raises:
            ValueError: The shapes are others or disagree.
        """
        vectors = [with_instance_axis(v).float() for v in (simcc_x, simcc_y)]
        return self._locate(vectors, simcc_tensors)

    def _locate(self, vectors: Sequence[Values], ops: ModuleType) -> tuple[Values, ...]:
        """Keypoints (B, N, K, 2), scores (B, N, K) and, if decoded, visibility (B, N, K).

        Args:
            vectors: (B, N, K, Wx) and (B, N, K, Wy).
            ops: The functions that read vectors: :mod:`mmpose.codecs.utils` for arrays,
                :mod:`mmpose.codecs.utils.simcc_tensors` with the same names for tensors.
        """
        keypoints, scores = ops.get_simcc_maximum(*vectors)
        if self.use_dark:
            for axis, (simcc, kernel) in enumerate(zip(vectors, self._blur_kernels, strict=True)):
                bins = keypoints[..., axis]
                keypoints[..., axis] = ops.refine_simcc_dark(bins, simcc, kernel)
        keypoints = keypoints / self.simcc_split_ratio
        if not self.decode_visibility:
            return keypoints, scores
        betas = (self.decode_beta * self.sigma).tolist()
        sharpened = (v * beta for v, beta in zip(vectors, betas, strict=True))
        return keypoints, scores, ops.get_simcc_maximum(*sharpened, apply_softmax=True)[1]

    @property
    def _blur_kernels(self) -> list[int]:
        """Sizes of DARK's blur along x and y, bins."""
        sizes = [int((20 * sigma - 7) // 3) for sigma in self.sigma.tolist()]
        return [max(size - (size % 2 == 0), 1) for size in sizes]

    def _label_tables(self) -> list[tuple[int, int, np.ndarray]]:
        """What :func:`_label_table` returns for x and for y."""
        bins = [round(length * self.simcc_split_ratio) for length in self.input_size]
        if self.smoothing_type == 'standard':
            return [_standard_table(b, self.label_smooth_weight) for b in bins]
        return [
            _gaussian_table(b, sigma, self.normalize)
            for b, sigma in zip(bins, self.sigma.tolist(), strict=True)
        ]


@lru_cache
def _gaussian_table(bins: int, sigma: float, normalize: bool) -> tuple[int, int, np.ndarray]:
    # One that ends in the bin before the first still counts, as in every published training.
    first, last = -floor(3 * sigma + 1), ceil(bins + 3 * sigma) - 1
    distances = np.arange(-last, bins - first)
    peak = 1 / (sigma * sqrt(2 * pi)) if normalize else 1
    return _label_table(bins, first, last, peak * np.exp(-(distances**2) / (2 * sigma**2)))


@lru_cache
def _standard_table(bins: int, smooth_weight: float) -> tuple[int, int, np.ndarray]:
    distances = np.arange(1 - bins, bins)
    others = smooth_weight / max(bins - 1, 1)
    return _label_table(bins, 0, bins - 1, np.where(distances == 0, 1 - smooth_weight, others))


def _label_table(
    bins: int, first: int, last: int, values: np.ndarray
) -> tuple[int, int, np.ndarray]:
    """Labels for every place of a keypoint, without a copy of what they share.

    Args:
        bins: How many bins a label has.
        first: The first bin that a keypoint may lie in.
        last: The last bin that a keypoint may lie in.
        values: The label by the distance from the keypoint, from ``-last`` on.

    Returns:
        first: As given.
        last: As given.
        labels: (R, bins) float32; row ``last - bin`` is the label of a keypoint in ``bin``, and
            row -1 is all 0.
    """
    row = np.concatenate([values, np.zeros(bins)]).astype(np.float32)
    return first, last, sliding_window_view(row, bins)

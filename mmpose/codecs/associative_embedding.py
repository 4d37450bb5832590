"""Heatmaps of the keypoints of all instances, and tags that tell the instances apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from mmpose.registry import KEYPOINT_CODECS
from mmpose.utils.tensor_utils import to_numpy

from .base import BaseKeypointCodec
from .utils.checks import check_keypoints, check_odd, check_positive, check_size
from .utils.gaussian_heatmap import generate_gaussian_heatmaps, generate_udp_gaussian_heatmaps
from .utils.refinement import refine_keypoints, refine_keypoints_dark_udp
from .utils.tag_grouping import Peaks, fill_missing, group_peaks
from .utils.window_maximum import window_maximum


@KEYPOINT_CODECS.register_module()
class AssociativeEmbedding(BaseKeypointCodec):
    """One heatmap per keypoint, shared by the instances, and the cells whose tags must agree.

    A network predicts beside each heatmap a map of tags, alike within an instance and different
    between instances (`Newell et al., NeurIPS 2017 <https://arxiv.org/abs/1611.05424>`_; as used
    by HigherHRNet, `Cheng et al., CVPR 2020 <https://arxiv.org/abs/1908.10357>`_). Decoding finds
    the peaks, groups them by tag one keypoint after the other, and gives every instance the
    keypoints that it lacks.

    A cell ``c`` stands for the input pixel ``c * scale_factor``, with the size ratio as the factor;
    with UDP it is the ratio of the sizes less one.

    Args:
        input_size: (w, h) of the network's input, pixels.
        heatmap_size: (w, h) of the heatmaps, cells.
        sigma: Standard deviation of the Gaussian, cells; ``None``: 1/64 of the geometric mean of
            the heatmap's sides.
        use_udp: Whether Gaussians keep the position within the cell, and peaks are refined
            accordingly (UDP, `Huang et al., CVPR 2020 <https://arxiv.org/abs/1911.07524>`_).
        decode_keypoint_order: All keypoint indices in the order of grouping, the most reliable
            first. Needed to decode.
        decode_nms_kernel: Size of the window in which a peak is the maximum, odd, cells.
        decode_gaussian_kernel: Size of the blur before UDP's refinement, odd, cells.
        decode_keypoint_thr: Value that a peak must exceed, not below 0.
        decode_tag_thr: Distance to the mean tag of an instance from which on a peak cannot belong
            to it.
        decode_topk: How many peaks of each keypoint are considered.
        decode_center_shift: What is added to the grouped positions, cells; 0.5 where cell ``c``
            stands for the area from ``c`` to ``c + 1``.
        decode_max_instances: How many instances come out at most; ``None``: all.

    Raises:
        ValueError: A size, a kernel or a number is not of the kind described here.
    """

    field_mapping_table: ClassVar[dict[str, str]] = dict(heatmaps='heatmaps')
    label_mapping_table: ClassVar[dict[str, str]] = dict(
        keypoint_indices='keypoint_indices', keypoint_weights='keypoint_weights'
    )

    def __init__(
        self,
        input_size: tuple[int, int],
        heatmap_size: tuple[int, int],
        sigma: float | None = None,
        use_udp: bool = False,
        decode_keypoint_order: Sequence[int] = [],
        decode_nms_kernel: int = 5,
        decode_gaussian_kernel: int = 3,
        decode_keypoint_thr: float = 0.1,
        decode_tag_thr: float = 1.0,
        decode_topk: int = 30,
        decode_center_shift: float = 0.0,
        decode_max_instances: int | None = None,
    ) -> None:
        super().__init__()
        check_size('input_size', input_size)
        check_size('heatmap_size', heatmap_size)
        if sigma is None:
            sigma = (heatmap_size[0] * heatmap_size[1]) ** 0.5 / 64
        check_positive('sigma', sigma, several=False)
        if use_udp and min(heatmap_size) < 2:
            raise ValueError(
                f'heatmap_size is {heatmap_size!r}, but UDP needs at least 2 cells along each '
                'axis to have a first and a last one.'
            )
        check_odd('decode_nms_kernel', decode_nms_kernel)
        check_odd('decode_gaussian_kernel', decode_gaussian_kernel)
        if decode_keypoint_thr < 0:
            raise ValueError(
                f'decode_keypoint_thr is {decode_keypoint_thr!r}, but a peak is above 0; set 0 or '
                'more.'
            )
        check_positive('decode_tag_thr', decode_tag_thr)
        check_positive('decode_topk', decode_topk)
        if decode_max_instances is not None:
            check_positive('decode_max_instances', decode_max_instances)
        self.input_size = input_size
        self.heatmap_size = heatmap_size
        self.sigma = sigma
        self.use_udp = use_udp
        self.decode_keypoint_order = list(decode_keypoint_order)
        self.decode_nms_kernel = decode_nms_kernel
        self.decode_gaussian_kernel = decode_gaussian_kernel
        self.decode_keypoint_thr = decode_keypoint_thr
        self.decode_tag_thr = decode_tag_thr
        self.decode_topk = decode_topk
        self.decode_center_shift = decode_center_shift
        self.decode_max_instances = decode_max_instances
        less = 1 if use_udp else 0
        self.scale_factor = np.divide(
            np.subtract(input_size, less), np.subtract(heatmap_size, less), dtype=np.float32
        )

    def encode(self, keypoints: np.ndarray, keypoints_visible: np.ndarray | None = None) -> dict:
        """Heatmaps, cells and weights of the keypoints of one sample.

        Args:
            keypoints: (N, K, 2) pixels of the input, (x, y). NaN means not labelled.
            keypoints_visible: (N, K), at least 0.5 where a keypoint is drawn; ``None``: all are.

        Returns:
            dict with

            - heatmaps: (K, H, W) float32; instances that share a cell contribute their maximum.
            - keypoint_indices: (N, K, 2) int64, the index ``y * W + x`` of the nearest cell, 0
              outside the map, and 1 where the keypoint is visible in the map, else 0.
            - keypoint_weights: (N, K), ``keypoints_visible`` with 0 for keypoints further than
              3 sigma outside the map and for NaN.

        Raises:
            ValueError: The shapes disagree.
        """
        keypoints, keypoints_visible = check_keypoints(keypoints, keypoints_visible, num_dims=2)
        positions = keypoints / self.scale_factor
        generate = generate_udp_gaussian_heatmaps if self.use_udp else generate_gaussian_heatmaps
        heatmaps, keypoint_weights = generate(
            self.heatmap_size, positions, keypoints_visible, self.sigma
        )
        return dict(
            heatmaps=heatmaps,
            keypoint_indices=self._keypoint_indices(positions, keypoints_visible),
            keypoint_weights=keypoint_weights,
        )

    def _keypoint_indices(self, positions: np.ndarray, visible: np.ndarray) -> np.ndarray:
        """Indices of the nearest cells and whether they count, (N, K, 2)."""
        W, H = self.heatmap_size
        x, y = np.moveaxis((positions + 0.5).astype(np.int64), -1, 0)
        in_map = (x >= 0) & (x < W) & (y >= 0) & (y < H)
        return np.stack([np.where(in_map, y * W + x, 0), in_map & (visible >= 0.5)], axis=-1)

    def decode(
        self, encoded: tuple[Tensor | np.ndarray, Tensor | np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Keypoints (N, K, 2), their scores (N, K) and scores (N,) of the instances of a sample.

        Args:
            encoded: Heatmaps (K, H, W) and tags (L * K, H, W), as in :meth:`batch_decode`.

        Raises:
            ValueError: The shapes disagree, or ``decode_keypoint_order`` does not fit them.
        """
        heatmaps, tags = encoded
        keypoints, scores, instance_scores = self.batch_decode(heatmaps[None], tags[None])
        return keypoints[0], scores[0], instance_scores[0]

    def batch_decode(
        self, batch_heatmaps: Tensor | np.ndarray, batch_tags: Tensor | np.ndarray
    ) -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray]]:
        """Keypoints and scores of the instances of each sample of a batch.

        Args:
            batch_heatmaps: (B, K, H, W).
            batch_tags: (B, L * K, H, W), L tags for each cell, all keypoints of the first tag
                before those of the second; L is 2 where the tags of the flipped picture follow.

        Returns:
            keypoints: B arrays (N, K, 2), pixels of the input.
            scores: B arrays (N, K), the values of the heatmaps there.
            instance_scores: B arrays (N,), the means over the K keypoints, with 0 for those that
                no peak was found for.

        Raises:
            ValueError: The shapes disagree, or ``decode_keypoint_order`` does not fit them.
        """
        self._check_maps(batch_heatmaps, batch_tags)
        B, K, H, W = batch_heatmaps.shape
        heatmaps = torch.as_tensor(batch_heatmaps).detach().float()
        tags = torch.as_tensor(batch_tags).detach().float().reshape(B, -1, K, H, W)
        peaks = self._find_peaks(heatmaps, tags)
        decoded = [
            self._decode_sample(*sample)
            for sample in zip(peaks, to_numpy(heatmaps), to_numpy(tags), strict=True)
        ]
        keypoints, scores, instance_scores = map(list, zip(*decoded, strict=True))
        return keypoints, scores, instance_scores

    def _check_maps(self, heatmaps: Tensor | np.ndarray, tags: Tensor | np.ndarray) -> None:
        shape, tag_shape = tuple(heatmaps.shape), tuple(tags.shape)
        if (
            len(shape) != 4
            or 0 in shape
            or 0 in tag_shape
            or tag_shape[1] % shape[1]
            or tag_shape != (shape[0], tag_shape[1], *shape[2:])
        ):
            raise ValueError(
                f'The heatmaps have shape {shape} and the tags {tag_shape}; expected (B, K, H, W) '
                'and (B, L * K, H, W), one or more tags for each cell.'
            )
        K = shape[1]
        if sorted(self.decode_keypoint_order) != list(range(K)):
            raise ValueError(
                f'decode_keypoint_order is {self.decode_keypoint_order}, but must name each of '
                f'the {K} keypoints once to decode their heatmaps; list 0 to {K - 1}, the most '
                'reliable first.'
            )

    def _find_peaks(self, heatmaps: Tensor, tags: Tensor) -> list[Peaks]:
        """The peaks of each sample of a batch, the highest of each keypoint first."""
        is_peak = heatmaps == window_maximum(heatmaps, self.decode_nms_kernel)
        is_peak &= heatmaps > self.decode_keypoint_thr
        b, k, y, x = places = is_peak.nonzero().unbind(1)
        values = to_numpy(heatmaps[places])
        tags = to_numpy(tags[b, :, k, y, x])
        b, k, y, x = map(to_numpy, places)

        by_height = np.lexsort((-values, k, b))
        b, k = b[by_height], k[by_height]
        maps = b * heatmaps.shape[1] + k
        rank = np.arange(len(maps)) - np.searchsorted(maps, maps)
        kept = rank < self.decode_topk
        cells = np.stack([x, y], axis=-1)
        b, columns = b[kept], (k[kept], *(v[by_height][kept] for v in (cells, values, tags)))
        return [Peaks(*(v[b == i] for v in columns)) for i in range(len(heatmaps))]

    def _decode_sample(
        self, peaks: Peaks, heatmaps: np.ndarray, tags: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Keypoints (N, K, 2) in pixels, their scores (N, K) and scores (N,) of one sample.

        Args:
            peaks: The highest ones of each keypoint.
            heatmaps: (K, H, W).
            tags: (L, K, H, W).
        """
        keypoints, scores = group_peaks(
            peaks, self.decode_keypoint_order, self.decode_tag_thr, self.decode_max_instances
        )
        instance_scores = scores.mean(axis=1)
        if len(keypoints):
            if self.use_udp:
                keypoints = refine_keypoints_dark_udp(
                    keypoints, heatmaps, self.decode_gaussian_kernel
                )
            else:
                keypoints = refine_keypoints(keypoints, heatmaps)
            keypoints += np.float32(self.decode_center_shift)
            keypoints, scores = fill_missing(keypoints, scores, heatmaps, tags)
        return keypoints * self.scale_factor, scores, instance_scores

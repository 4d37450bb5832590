"""Volumes of heatmaps for two hands, which hands there are, and how far apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from mmpose.registry import KEYPOINT_CODECS
from mmpose.utils.tensor_utils import to_numpy

from .base import BaseKeypointCodec
from .utils import tensor_decoding
from .utils.checks import check_keypoints, check_positive, check_size
from .utils.gaussian_heatmap import generate_3d_gaussian_heatmaps
from .utils.neighbourhood import Values
from .utils.post_processing import get_heatmap_3d_maximum


@KEYPOINT_CODECS.register_module()
class Hand3DHeatmap(BaseKeypointCodec):
    """One volume per keypoint with a Gaussian at its place, of the keypoints of both hands.

    Follows InterNet, `Moon et al., ECCV 2020 <https://arxiv.org/abs/2008.09309>`_: the depth of a
    keypoint is relative to the root of its hand, and that of the left hand's root to the right
    hand's. ``decode`` finds a keypoint to half a cell, in each of the three directions.

    A cell ``c`` stands for the input pixel ``c * image_size / heatmap_size`` and for the depth
    ``(c / heatmap_size - 0.5) * heatmap3d_depth_bound``.

    Args:
        image_size: (w, h) of the network's input, pixels.
        root_heatmap_size: Length of the heatmap of the relative depth of the roots, cells.
        heatmap_size: (w, h, d) of the volumes, cells.
        heatmap3d_depth_bound: Extent of the volumes along the depth, millimetres.
        heatmap_size_root: Not used; ``root_heatmap_size`` decides.
        root_depth_bound: Extent of the heatmap of the roots, millimetres.
        depth_size: Not used; the d of ``heatmap_size`` decides.
        use_different_joint_weights: Whether to multiply the weights with the data set's.
        sigma: Standard deviation of a Gaussian, cells.
        joint_indices: The keypoints to use; ``None``: all.
        max_bound: Peak of a Gaussian at a cell.

    Raises:
        ValueError: A size, bound or sigma is not positive.
    """

    auxiliary_encode_keys: ClassVar[set[str]] = {
        'dataset_keypoint_weights',
        'rel_root_depth',
        'rel_root_valid',
        'hand_type',
        'hand_type_valid',
        'focal',
        'principal_pt',
    }
    instance_mapping_table: ClassVar[dict[str, str]] = dict(
        keypoints='keypoints', keypoints_visible='keypoints_visible', keypoints_cam='keypoints_cam'
    )
    label_mapping_table: ClassVar[dict[str, str]] = dict(
        keypoint_weights='keypoint_weights',
        root_depth_weight='root_depth_weight',
        type_weight='type_weight',
        root_depth='root_depth',
        type='type',
    )

    def __init__(
        self,
        image_size: tuple[int, int] = [256, 256],
        root_heatmap_size: int = 64,
        heatmap_size: tuple[int, int, int] = [64, 64, 64],
        heatmap3d_depth_bound: float = 400.0,
        heatmap_size_root: int = 64,
        root_depth_bound: float = 400.0,
        depth_size: int = 64,
        use_different_joint_weights: bool = False,
        sigma: float = 2,
        joint_indices: Sequence[int] | None = None,
        max_bound: float = 1.0,
    ) -> None:
        super().__init__()
        check_size('image_size', image_size)
        check_size('heatmap_size', heatmap_size, num_axes=3)
        check_positive('root_heatmap_size', root_heatmap_size)
        check_positive('heatmap3d_depth_bound', heatmap3d_depth_bound)
        check_positive('root_depth_bound', root_depth_bound)
        check_positive('sigma', sigma)
        self.image_size = np.array(image_size)
        self.root_heatmap_size = root_heatmap_size
        self.heatmap_size = np.array(heatmap_size)
        self.heatmap3d_depth_bound = heatmap3d_depth_bound
        self.root_depth_bound = root_depth_bound
        self.depth_size = depth_size
        self.use_different_joint_weights = use_different_joint_weights
        self.sigma = sigma
        self.joint_indices = joint_indices
        self.max_bound = max_bound
        self.scale_factor = np.divide(image_size, heatmap_size[:2], dtype=np.float32)

    def encode(
        self,
        keypoints: np.ndarray,
        keypoints_visible: np.ndarray | None = None,
        dataset_keypoint_weights: np.ndarray | None = None,
        rel_root_depth: float | np.ndarray | None = None,
        rel_root_valid: float | np.ndarray | None = None,
        hand_type: np.ndarray | None = None,
        hand_type_valid: np.ndarray | None = None,
        focal: np.ndarray | None = None,
        principal_pt: np.ndarray | None = None,
    ) -> dict:
        """Volumes, relative depth of the roots and type of the hands, with weights.

        Args:
            keypoints: (N, K, 3) x and y in pixels of the input, and millimetres of depth from the
                root of the hand. NaN means not labelled.
            keypoints_visible: (N, K), at least 0.5 where a keypoint is drawn; ``None``: all are.
            dataset_keypoint_weights: (K,), needed with ``use_different_joint_weights``.
            rel_root_depth: Depth of the left hand's root from the right hand's, millimetres; a
                number or (N,). ``None``: not labelled.
            rel_root_valid: Whether ``rel_root_depth`` holds, 1 or 0; ``None``: it does.
            hand_type: (N, 2), 1 where there is a right hand and a left one. ``None``: not labelled.
            hand_type_valid: (N,), whether ``hand_type`` holds; ``None``: it does.
            focal: Focal lengths of the camera, not needed.
            principal_pt: Principal point of the camera, not needed.

        Returns:
            dict with

            - heatmaps: (K * D, H, W) float32, the D slices of a keypoint one after another.
            - keypoint_weights: (N, K), ``keypoints_visible`` with 0 for keypoints outside of the
              depth and for NaN.
            - root_depth: (N,) cells of the heatmap of the roots.
            - root_depth_weight: (N,), 0 where the depth is out of its bound or not labelled.
            - type: (N, 2).
            - type_weight: (N,).

        Raises:
            ValueError: The shapes are others, or the weights of the data set are missing.
        """
        keypoints, visible = check_keypoints(keypoints, keypoints_visible, num_dims=3)
        if self.use_different_joint_weights and dataset_keypoint_weights is None:
            raise ValueError(
                'use_different_joint_weights needs dataset_keypoint_weights in the sample, one '
                'per keypoint; the metainfo of a data set has them as joint_weights.'
            )
        heatmaps, keypoint_weights = generate_3d_gaussian_heatmaps(
            heatmap_size=self.heatmap_size,
            keypoints=keypoints,
            keypoints_visible=visible,
            sigma=self.sigma,
            image_size=self.image_size,
            heatmap3d_depth_bound=self.heatmap3d_depth_bound,
            joint_indices=self.joint_indices,
            max_bound=self.max_bound,
            use_different_joint_weights=self.use_different_joint_weights,
            dataset_keypoint_weights=dataset_keypoint_weights,
        )
        N = len(keypoints)
        hand_type, type_weight = _label_and_weight(hand_type, hand_type_valid, (N, 2))
        depth, depth_weight = _label_and_weight(rel_root_depth, rel_root_valid, (N,))
        root_depth = (depth / self.root_depth_bound + 0.5) * self.root_heatmap_size
        in_bound = (root_depth >= 0) & (root_depth <= self.root_heatmap_size)
        return dict(
            heatmaps=heatmaps,
            keypoint_weights=keypoint_weights,
            root_depth=root_depth,
            root_depth_weight=depth_weight * in_bound,
            type=hand_type,
            type_weight=type_weight,
        )

    def decode(
        self, heatmaps: np.ndarray, root_depth: np.ndarray, hand_type: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Keypoints, scores, depths between the roots and types of the hands of one sample.

        Args:
            heatmaps: (K, D, H, W).
            root_depth: (1,) or (1, 1) cells of the heatmap of the roots.
            hand_type: (1, 2) or (2,) logits of the right and the left hand.

        Returns:
            keypoints: (1, K, 3) x and y in pixels of the input, and millimetres of depth.
            scores: (1, K), the maxima of the volumes.
            rel_root_depth: Like ``root_depth``, millimetres.
            hand_type: (1, 2) integers, 1 where there is a right hand and a left one.

        Raises:
            ValueError: ``heatmaps`` has another number of axes.
        """
        _check_axes(heatmaps, 'K', 'D', 'H', 'W')
        batch = self.batch_decode(heatmaps[None], root_depth[None], hand_type.reshape(1, -1))
        keypoints, scores, rel_root_depth, hand_type = (values[0] for values in batch)
        return keypoints, scores, rel_root_depth, hand_type

    def batch_decode(
        self,
        heatmaps: np.ndarray | Tensor,
        root_depth: np.ndarray | Tensor,
        hand_type: np.ndarray | Tensor,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """What :meth:`decode` returns, for a batch.

        Args:
            heatmaps: (B, K, D, H, W).
            root_depth: (B, 1) cells of the heatmap of the roots.
            hand_type: (B, 2) logits of the right and the left hand.

        Returns:
            Keypoints (B, 1, K, 3), scores (B, 1, K), depths (B, 1) and types (B, 1, 2).

        Raises:
            ValueError: ``heatmaps`` has another number of axes.
        """
        _check_axes(heatmaps, 'B', 'K', 'D', 'H', 'W')
        cells, scores = get_heatmap_3d_maximum(to_numpy(heatmaps))
        keypoints = np.stack(self._positions(*np.moveaxis(cells, -1, 0)), axis=-1)
        hands = self._hands(to_numpy(root_depth), to_numpy(hand_type))
        return keypoints[:, None], scores[:, None], *hands

    @torch.no_grad()
    def decode_tensors(
        self, heatmaps: Tensor, root_depth: Tensor, hand_type: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """See :meth:`batch_decode`; computed on the device of the tensors.

        Args:
            heatmaps: (B, K, D, H, W).
            root_depth: (B, 1) cells of the heatmap of the roots.
            hand_type: (B, 2) logits of the right and the left hand.

        Raises:
            ValueError: ``heatmaps`` has another number of axes.
        """
        _check_axes(heatmaps, 'B', 'K', 'D', 'H', 'W')
        cells, scores = tensor_decoding.get_heatmap_3d_maximum(heatmaps)
        keypoints = torch.stack(self._positions(*cells.unbind(-1)), dim=-1)
        return keypoints[:, None], scores[:, None], *self._hands(root_depth, hand_type)

    def _positions(self, x: Values, y: Values, z: Values) -> tuple[Values, Values, Values]:
        """Cells as x and y in pixels of the input, and millimetres of depth."""
        x_scale, y_scale = self.scale_factor.tolist()
        z_scale = self.heatmap3d_depth_bound / int(self.heatmap_size[2])
        return x * x_scale, y * y_scale, z * z_scale - 0.5 * self.heatmap3d_depth_bound

    def _hands(self, root_depth: Values, hand_type: Values) -> tuple[Values, Values]:
        """Millimetres between the roots (B, 1), and types of the hands (B, 1, 2)."""
        millimetres = (root_depth / self.root_heatmap_size - 0.5) * self.root_depth_bound
        # A logit above 0 is a probability above a half.
        return millimetres, (hand_type > 0)[:, None] * 1


def _check_axes(heatmaps: np.ndarray | Tensor, *axes: str) -> None:
    if heatmaps.ndim != len(axes):
        raise ValueError(
            f'heatmaps has shape {tuple(heatmaps.shape)}; expected ({", ".join(axes)}).'
        )


def _label_and_weight(
    label: Any, valid: Any, shape: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Label of the shape and weights (N,), both float32, at 0 where the label is unknown."""
    if label is None:
        return np.zeros(shape, dtype=np.float32), np.zeros(shape[0], dtype=np.float32)
    label = np.broadcast_to(label, shape).astype(np.float32)
    weight = np.broadcast_to(1 if valid is None else valid, shape[0]).astype(np.float32)
    known = np.isfinite(label)
    weight = weight * known.all(axis=tuple(range(1, known.ndim)))
    return np.where(known, label, np.float32(0)), weight

"""Heatmaps of all instances together, and heatmaps of each instance of its own."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from torch import Tensor

from mmpose.registry import KEYPOINT_CODECS
from mmpose.structures.bbox import bbox_xyxy2corner
from mmpose.utils.tensor_utils import to_numpy

from .base import BaseKeypointCodec
from .utils.checks import check_choice, check_keypoints, check_positive, check_size
from .utils.gaussian_heatmap import generate_gaussian_heatmaps
from .utils.instance_property import (
    get_diagonal_lengths,
    get_instance_bbox,
    get_instance_root,
)
from .utils.post_processing import get_heatmap_maximum
from .utils.refinement import refine_keypoints


@KEYPOINT_CODECS.register_module()
class DecoupledHeatmap(BaseKeypointCodec):
    """Contextual instance decoupling: heatmaps of all instances, and of each one by itself.

    CID (`Wang and Zhang, CVPR 2022
    <https://openaccess.thecvf.com/content/CVPR2022/html/Wang_Contextual_Instance_Decoupling_for_Robust_Multi-Person_Pose_Estimation_CVPR_2022_paper.html>`_)
    finds instances by their roots, and with the feature at a root it separates the heatmaps of
    that instance. The Gaussians grow with the instance's box. Decoding is true to half a cell.

    A cell ``c`` stands for the input pixel ``c * scale_factor``.

    Args:
        input_size: (w, h) of the network's input, pixels.
        heatmap_size: (w, h) of the heatmaps, cells.
        root_type: 'kpt_center' for the mean of the visible keypoints, 'bbox_center' for the centre
            of the box around them.
        heatmap_min_overlap: Overlap of boxes, above 0 and below 1, in CornerNet's rule for the
            size of the Gaussians.
        encode_max_instances: How many instances have heatmaps of their own at most; more are drawn
            by chance.

    Raises:
        ValueError: A size or a number is not of the kind described here.
    """

    auxiliary_encode_keys: ClassVar[set[str]] = {'bbox'}
    field_mapping_table: ClassVar[dict[str, str]] = dict(
        heatmaps='heatmaps', instance_heatmaps='instance_heatmaps'
    )
    label_mapping_table: ClassVar[dict[str, str]] = dict(
        keypoint_weights='keypoint_weights', instance_coords='instance_coords'
    )

    def __init__(
        self,
        input_size: tuple[int, int],
        heatmap_size: tuple[int, int],
        root_type: str = 'kpt_center',
        heatmap_min_overlap: float = 0.7,
        encode_max_instances: int = 30,
    ) -> None:
        super().__init__()
        check_size('input_size', input_size)
        check_size('heatmap_size', heatmap_size)
        check_choice('root_type', root_type, ('kpt_center', 'bbox_center'))
        check_positive('encode_max_instances', encode_max_instances)
        if not 0 < heatmap_min_overlap < 1:
            raise ValueError(
                f'heatmap_min_overlap is {heatmap_min_overlap!r}, but an overlap that leaves room '
                'to move is above 0 and below 1; the original takes 0.7.'
            )
        self.input_size = input_size
        self.heatmap_size = heatmap_size
        self.root_type = root_type
        self.heatmap_min_overlap = heatmap_min_overlap
        self.encode_max_instances = encode_max_instances
        self.scale_factor = np.divide(input_size, heatmap_size, dtype=np.float32)

    def encode(
        self,
        keypoints: np.ndarray,
        keypoints_visible: np.ndarray | None = None,
        bbox: np.ndarray | None = None,
    ) -> dict:
        """Heatmaps of one sample, of all instances and of M chosen ones.

        Args:
            keypoints: (N, K, 2) pixels of the input, (x, y). NaN means not labelled.
            keypoints_visible: (N, K), at least 0.5 where a keypoint is drawn; ``None``: all are.
            bbox: (N, 4) left, top, right, bottom, or their corners (N, 4, 2) in the order of
                :func:`~mmpose.structures.bbox.bbox_xyxy2corner`, pixels of the input; ``None``:
                boxes around the visible keypoints.

        Returns:
            dict with

            - heatmaps: (K + 1, H, W) float32, the roots' last.
            - instance_heatmaps: (M * K, H, W) float32, the smallest instance first.
            - keypoint_weights: (M, K), ``keypoints_visible`` with 0 for keypoints further than
              3 sigma outside the map and for NaN.
            - instance_coords: (M, 2) int32 cells, (x, y), each at or beside the root, all
              different.

        Raises:
            ValueError: The shapes disagree.
        """
        keypoints, keypoints_visible = check_keypoints(keypoints, keypoints_visible, num_dims=2)
        N, K = keypoints.shape[:2]
        positions = keypoints / self.scale_factor
        roots, roots_visible = get_instance_root(positions, keypoints_visible, self.root_type)
        if bbox is None:
            bbox = get_instance_bbox(keypoints, keypoints_visible)
        sigmas = self._sigmas(bbox, num_instances=N)

        heatmaps, weights = generate_gaussian_heatmaps(
            self.heatmap_size,
            np.concatenate([positions, roots[:, None]], axis=1),
            np.concatenate([keypoints_visible, roots_visible[:, None]], axis=1),
            sigmas,
        )
        by_size = np.argsort(get_diagonal_lengths(positions, keypoints_visible), kind='stable')
        in_reach = by_size[weights[by_size, -1] >= 1]
        coords, chosen = _place_instances(
            roots[in_reach],
            *_draw_instances(len(in_reach)),
            self.heatmap_size,
            self.encode_max_instances,
        )
        indices = in_reach[chosen]
        instance_heatmaps = np.zeros((len(indices) * K, *heatmaps.shape[1:]), dtype=np.float32)
        for m, n in enumerate(indices):
            instance_heatmaps[m * K : (m + 1) * K], _ = generate_gaussian_heatmaps(
                self.heatmap_size, positions[n, None], keypoints_visible[n, None], sigmas[n]
            )
        return dict(
            heatmaps=heatmaps,
            instance_heatmaps=instance_heatmaps,
            keypoint_weights=weights[indices, :-1],
            instance_coords=coords,
        )

    def _sigmas(self, bbox: np.ndarray, num_instances: int) -> np.ndarray:
        """Standard deviation (N,) of each instance's Gaussians, cells."""
        corners = np.asarray(bbox)
        if corners.shape == (num_instances, 4):
            corners = bbox_xyxy2corner(corners)
        if corners.shape != (num_instances, 4, 2):
            raise ValueError(
                f'bbox has shape {np.shape(bbox)} for {num_instances} instances; expected '
                f'({num_instances}, 4), or ({num_instances}, 4, 2) for corners.'
            )
        corners = corners / self.scale_factor
        height = np.linalg.norm(corners[:, 0] - corners[:, 1], axis=1)
        width = np.linalg.norm(corners[:, 0] - corners[:, 2], axis=1)
        # CornerNet takes the smallest of three radii, roots of quadratic equations, which CenterNet
        # and CID divide by 2 instead of 2a. So divided, the third is the smallest for every box.
        half, overlap = self.heatmap_min_overlap * (height + width), self.heatmap_min_overlap
        radius = np.sqrt(half**2 + 4 * overlap * (1 - overlap) * width * height) - half
        # A box without extent, as around a single keypoint, gets Gaussians of one cell.
        return np.maximum(radius / 3, 0.01).astype(np.float32)

    def decode(
        self, instance_heatmaps: Tensor | np.ndarray, instance_scores: Tensor | np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Keypoints (M, K, 2) in pixels of the input and scores (M, K).

        The score is the maximum of the heatmap times the score of the instance. The instances
        may be those of one sample or of several.

        Args:
            instance_heatmaps: (M, K, H, W).
            instance_scores: (M,) or (M, 1).

        Raises:
            ValueError: The shapes disagree.
        """
        heatmaps, instance_scores = to_numpy(instance_heatmaps), to_numpy(instance_scores)
        M = len(heatmaps)
        if heatmaps.ndim != 4 or instance_scores.shape not in ((M,), (M, 1)):
            raise ValueError(
                f'instance_heatmaps has shape {heatmaps.shape} and instance_scores '
                f'{instance_scores.shape}; expected (M, K, H, W), and (M,) or (M, 1).'
            )
        keypoints, scores = get_heatmap_maximum(heatmaps)
        keypoints = refine_keypoints(keypoints, heatmaps)
        return keypoints * self.scale_factor, scores * instance_scores.reshape(M, 1)


def _draw_instances(num_instances: int) -> tuple[np.ndarray, np.ndarray]:
    """What is left to chance: where in the 3 x 3 cells around each root, (N, 2), and ranks (N,)."""
    return np.random.randint(-1, 2, (num_instances, 2)), np.random.permutation(num_instances)


def _place_instances(
    roots: np.ndarray,
    jitter: np.ndarray,
    ranks: np.ndarray,
    heatmap_size: tuple[int, int],
    max_instances: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Cells (M, 2) int32 of the instances that are kept, (x, y), and their indices (M,).

    Of instances in the same cell the first is kept, and of the rest those of the lowest rank.

    Args:
        roots: (N, 2) cells.
        jitter: (N, 2) what is added to the roots, cells.
        ranks: (N,).
        heatmap_size: (w, h) of the heatmaps, cells.
        max_instances: The greatest M.
    """
    coords = np.clip(roots + jitter, 0, np.subtract(heatmap_size, 1)).astype(np.int32)
    _, firsts = np.unique(coords, axis=0, return_index=True)
    kept = np.sort(firsts[np.argsort(ranks[firsts])[:max_instances]])
    return coords[kept], kept

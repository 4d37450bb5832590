"""A heatmap of the roots of all instances, and the ways from around a root to its keypoints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from mmpose.registry import KEYPOINT_CODECS
from mmpose.utils.tensor_utils import to_numpy

from .base import BaseKeypointCodec
from .utils.checks import check_choice, check_keypoints, check_odd, check_positive, check_size
from .utils.gaussian_heatmap import generate_gaussian_heatmaps
from .utils.instance_property import get_diagonal_lengths, get_instance_root
from .utils.offset_heatmap import generate_displacement_heatmap
from .utils.post_processing import batch_heatmap_nms


@KEYPOINT_CODECS.register_module()
class SPR(BaseKeypointCodec):
    """Structured pose representation: a root per instance, and displacements to its keypoints.

    `Nie et al., ICCV 2019 <https://arxiv.org/abs/1908.09220>`_; with heatmaps of the keypoints,
    which score the decoded ones, as in DEKR (`Geng et al., CVPR 2021
    <https://arxiv.org/abs/2104.02300>`_). Roots are the maxima of the root heatmap, and the
    displacements are read there. Decoding is true to a fraction of a cell, since a displacement
    leads from the cell, not from the root.

    A cell ``c`` stands for the input pixel ``c * scale_factor``.

    Args:
        input_size: (w, h) of the network's input, pixels.
        heatmap_size: (w, h) of the heatmaps, cells.
        sigma: Standard deviation of the Gaussians, cells: of the roots, or of the roots and of the
            keypoints where these have heatmaps; ``None``: 1/32 of the geometric mean of the
            heatmap's sides, and half of that, rounded down. The displacements of an instance cover
            the square that reaches this far from its root.
        generate_keypoint_heatmaps: Whether there are heatmaps of the keypoints.
        root_type: 'kpt_center' for the mean of the visible keypoints, 'bbox_center' for the centre
            of the box around them.
        minimal_diagonal_length: Instances whose keypoints have a box with a shorter diagonal are
            not learnt, cells.
        background_weight: Weight of heatmap cells at 0.
        decode_nms_kernel: Size of the window in which a root is the maximum, odd, cells.
        decode_max_instances: How many instances come out at most.
        decode_thr: Value that a root must exceed.

    Raises:
        ValueError: A size, a kernel or a number is not of the kind described here, or the number
            of sigmas does not fit.
    """

    field_mapping_table: ClassVar[dict[str, str]] = dict(
        heatmaps='heatmaps',
        heatmap_weights='heatmap_weights',
        displacements='displacements',
        displacement_weights='displacement_weights',
    )

    def __init__(
        self,
        input_size: tuple[int, int],
        heatmap_size: tuple[int, int],
        sigma: float | Sequence[float] | None = None,
        generate_keypoint_heatmaps: bool = False,
        root_type: str = 'kpt_center',
        minimal_diagonal_length: float = 5,
        background_weight: float = 0.1,
        decode_nms_kernel: int = 5,
        decode_max_instances: int = 30,
        decode_thr: float = 0.01,
    ) -> None:
        super().__init__()
        check_size('input_size', input_size)
        check_size('heatmap_size', heatmap_size)
        check_choice('root_type', root_type, ('kpt_center', 'bbox_center'))
        check_odd('decode_nms_kernel', decode_nms_kernel)
        check_positive('decode_max_instances', decode_max_instances)
        self.input_size = input_size
        self.heatmap_size = heatmap_size
        self.sigma = _sigmas(sigma, heatmap_size, num_sigmas=1 + generate_keypoint_heatmaps)
        self.generate_keypoint_heatmaps = generate_keypoint_heatmaps
        self.root_type = root_type
        self.minimal_diagonal_length = minimal_diagonal_length
        self.background_weight = background_weight
        self.decode_nms_kernel = decode_nms_kernel
        self.decode_max_instances = decode_max_instances
        self.decode_thr = decode_thr
        self.scale_factor = np.divide(input_size, heatmap_size, dtype=np.float32)

    def encode(self, keypoints: np.ndarray, keypoints_visible: np.ndarray | None = None) -> dict:
        """Heatmaps and displacements of the instances of one sample, and their weights.

        Args:
            keypoints: (N, K, 2) pixels of the input, (x, y). NaN means not labelled.
            keypoints_visible: (N, K), at least 0.5 where a keypoint is drawn and at least 1 where
                displacements lead to it; ``None``: all are.

        Returns:
            dict of float32 maps with

            - heatmaps: (1, H, W) of the roots, or (K + 1, H, W) with those of the keypoints first.
            - heatmap_weights: of the same shape, 1 within the Gaussians and
              ``background_weight`` elsewhere.
            - displacements: (2K, H, W) cells, x and y of the first keypoint, then of the second.
            - displacement_weights: (2K, H, W), 1 / diagonal of the instance, 0 where there is no
              displacement.

        Raises:
            ValueError: The shapes disagree.
        """
        keypoints, keypoints_visible = check_keypoints(keypoints, keypoints_visible, num_dims=2)
        positions = keypoints / self.scale_factor
        roots, roots_visible = get_instance_root(positions, keypoints_visible, self.root_type)
        diagonal_lengths = get_diagonal_lengths(positions, keypoints_visible)
        roots_visible[diagonal_lengths < self.minimal_diagonal_length] = 0

        heatmaps, _ = generate_gaussian_heatmaps(
            self.heatmap_size, roots[:, None], roots_visible[:, None], self.sigma[0]
        )
        if self.generate_keypoint_heatmaps:
            keypoint_heatmaps, _ = generate_gaussian_heatmaps(
                self.heatmap_size, positions, keypoints_visible, self.sigma[1]
            )
            heatmaps = np.concatenate([keypoint_heatmaps, heatmaps])
        displacements, displacement_weights = generate_displacement_heatmap(
            self.heatmap_size,
            positions,
            keypoints_visible,
            roots,
            roots_visible,
            diagonal_lengths,
            self.sigma[0],
        )
        return dict(
            heatmaps=heatmaps,
            heatmap_weights=np.where(heatmaps > 0, *np.float32([1, self.background_weight])),
            displacements=displacements,
            displacement_weights=displacement_weights,
        )

    def decode(
        self, heatmaps: Tensor | np.ndarray, displacements: Tensor | np.ndarray
    ) -> tuple[Tensor | np.ndarray, tuple[Tensor | np.ndarray, Tensor | np.ndarray | None]]:
        """Keypoints (N, K, 2) in pixels of the input; scores (N,) of the roots, the highest first.

        With them come the scores (N, K) of the keypoints, or ``None`` where ``heatmaps`` has none
        of the keypoints. All are tensors on the device of the heatmaps, or arrays for arrays.

        Args:
            heatmaps: (1, H, W) or (K + 1, H, W), the root's last.
            displacements: (2K, H, W).

        Raises:
            ValueError: The shapes disagree.
        """
        if isinstance(heatmaps, np.ndarray):
            keypoints, scores = self.decode(*map(torch.from_numpy, (heatmaps, displacements)))
            return to_numpy(keypoints), tuple(None if s is None else to_numpy(s) for s in scores)

        K = _num_keypoints(heatmaps, displacements)
        peaks = batch_heatmap_nms(heatmaps[None, -1:], self.decode_nms_kernel).flatten()
        root_scores, index = peaks.topk(min(self.decode_max_instances, len(peaks)))
        is_root = root_scores > self.decode_thr
        root_scores, index = root_scores[is_root], index[is_root]

        width = heatmaps.shape[2]
        cells = torch.stack([index % width, index // width], dim=-1)
        keypoints = displacements.reshape(K, 2, -1)[..., index].permute(2, 0, 1) + cells[:, None]
        keypoint_scores = (
            self.get_keypoint_scores(heatmaps[:-1], keypoints) if len(heatmaps) > 1 else None
        )
        scale_factor = torch.as_tensor(self.scale_factor, device=keypoints.device)
        return keypoints * scale_factor, (root_scores, keypoint_scores)

    def get_keypoint_scores(self, heatmaps: Tensor, keypoints: Tensor) -> Tensor:
        """Scores (N, K): the heatmaps at the keypoints, interpolated.

        Args:
            heatmaps: (K, H, W).
            keypoints: (N, K, 2) cells, (x, y). Those outside the map are read at its border.
        """
        H, W = heatmaps.shape[1:]
        # Cell 0 goes to -1 and the last one to 1, which for `grid_sample` are the outer edges of
        # the border cells: up to half a cell off, as published.
        last_cell = keypoints.new_tensor([W - 1, H - 1]).clamp(min=1)
        grid = (keypoints / last_cell * 2 - 1).transpose(0, 1)[:, None]
        scores = grid_sample(heatmaps[:, None], grid, padding_mode='border', align_corners=False)
        return scores[:, 0, 0].T


def _sigmas(
    sigma: float | Sequence[float] | None, heatmap_size: tuple[int, int], num_sigmas: int
) -> tuple[float, ...]:
    """The sigma of the roots, and that of the keypoints where they have heatmaps.

    One that is given for keypoints without heatmaps is not used.
    """
    if sigma is None:
        root_sigma = (heatmap_size[0] * heatmap_size[1]) ** 0.5 / 32
        # published as rounded down, which leaves nothing on maps of less than 64 x 64 cells
        sigma = (root_sigma, root_sigma // 2 or root_sigma / 2)
    sigmas = tuple(sigma) if isinstance(sigma, (Sequence, np.ndarray)) else (sigma,)
    if not num_sigmas <= len(sigmas) <= 2:
        raise ValueError(
            f'sigma is {sigma!r}, but {num_sigmas} are needed: one for the roots, and a second '
            'one for the keypoints with `generate_keypoint_heatmaps=True`.'
        )
    check_positive('sigma', sigmas)
    return sigmas[:num_sigmas]


def _num_keypoints(heatmaps: Tensor, displacements: Tensor) -> int:
    """The K of maps of agreeing shapes."""
    num_maps, K = len(heatmaps), len(displacements) // 2
    if (
        heatmaps.ndim != 3
        or displacements.shape != (2 * K, *heatmaps.shape[1:])
        or num_maps not in (1, K + 1)
    ):
        raise ValueError(
            f'heatmaps has shape {tuple(heatmaps.shape)} and displacements '
            f'{tuple(displacements.shape)}; expected (1, H, W) or (K + 1, H, W), and (2K, H, W).'
        )
    return K

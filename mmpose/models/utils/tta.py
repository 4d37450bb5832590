"""Undoing the horizontal flip of test-time augmentation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from mmpose.utils.checks import check_choice

from .ops import tensor_beside

if TYPE_CHECKING:
    from mmpose.utils.typing import SampleList

FLIP_MODES = ('heatmap', 'udp_combined', 'offset')


def mean_outputs(first: Tensor | Sequence, second: Tensor | Sequence) -> Tensor | Sequence:
    """The mean of two outputs, tensor by tensor.

    Args:
        first: A tensor, or tensors nested in tuples and lists.
        second: As ``first``.
    """
    if isinstance(first, Tensor):
        return (first + second) * 0.5
    return type(first)(map(mean_outputs, first, second))


def flip_heatmaps(
    heatmaps: Tensor,
    flip_indices: Sequence[int] | None = None,
    flip_mode: str = 'heatmap',
    shift_heatmap: bool = True,
) -> Tensor:
    """Heatmaps of the flipped image, mapped onto the plain one.

    Args:
        heatmaps: (B, C, H, W). C is K for ``'heatmap'``; 3 K for ``'udp_combined'``, per keypoint
            its heatmap, x offsets and y offsets; 2 K for ``'offset'``, x and y per keypoint.
        flip_indices: (K,) for each keypoint the one that it becomes in a mirror. ``None`` leaves
            the channels in place.
        flip_mode: ``'heatmap'``, ``'udp_combined'`` or ``'offset'``.
        shift_heatmap: Whether to shift the result right by one cell. It corrects the misalignment
            of features that a stride-2 convolution samples from the left edge.

    Raises:
        ValueError: The flip mode is unknown, or ``flip_indices`` does not fit the channels.
    """
    check_choice('flip_mode', flip_mode, FLIP_MODES)
    if flip_mode == 'heatmap':
        heatmaps = heatmaps.flip(-1)
        if flip_indices is not None:
            heatmaps = _mirror(heatmaps, flip_indices)
    else:
        per_keypoint = 3 if flip_mode == 'udp_combined' else 2
        B, C, H, W = heatmaps.shape
        maps = heatmaps.reshape(B, C // per_keypoint, per_keypoint, H, W).flip(-1)
        if flip_indices is not None:
            maps = _mirror(maps, flip_indices)
        maps[:, :, -2] *= -1  # x offsets change their sign
        heatmaps = maps.reshape(B, C, H, W)
    if shift_heatmap:
        heatmaps = torch.cat([heatmaps[..., :1], heatmaps[..., :-1]], dim=-1)
    return heatmaps


def flip_vectors(
    x_labels: Tensor, y_labels: Tensor, flip_indices: Sequence[int]
) -> tuple[Tensor, Tensor]:
    """The 1D distributions of the flipped image, mapped onto the plain one.

    Args:
        x_labels: (B, K, W) along the width.
        y_labels: (B, K, H) along the height.
        flip_indices: (K,) for each keypoint the one that it becomes in a mirror.
    """
    return _mirror(x_labels.flip(-1), flip_indices), _mirror(y_labels, flip_indices)


def flip_coordinates(
    coords: Tensor, flip_indices: Sequence[int], shift_coords: bool, input_size: tuple[int, int]
) -> Tensor:
    """Coordinates in the flipped image, mapped onto the plain one.

    Args:
        coords: (B, K, D) with x first, relative to the width (0 to 1).
        flip_indices: (K,) for each keypoint the one that it becomes in a mirror.
        shift_coords: Whether to shift the result left by one pixel of the input.
        input_size: (w, h) of the input.
    """
    coords = _mirror(coords, flip_indices)
    coords[..., 0] = 1.0 - coords[..., 0]
    if shift_coords:
        coords[..., 0] -= 1.0 / input_size[0]
    return coords


def flip_poses(poses: Tensor, flip_indices: Sequence[int]) -> Tensor:
    """Poses around x = 0, mirrored: x changes its sign, left and right keypoints change places.

    Args:
        poses: (..., K, D) with x first.
        flip_indices: (K,) for each keypoint the one that it becomes in a mirror.

    Raises:
        ValueError: ``flip_indices`` does not fit the keypoints.
    """
    mirrored = _mirror(poses, flip_indices, dim=-2)
    return torch.cat([-mirrored[..., :1], mirrored[..., 1:]], dim=-1)


def flip_tracks(tracks: Tensor, flip_indices: Sequence[int]) -> Tensor:
    """The inputs of pose lifting, mirrored as by :func:`flip_poses`.

    Args:
        tracks: (B, T, K, D), or the channels of temporal convolutions (B, K * D, T).
        flip_indices: (K,) for each keypoint the one that it becomes in a mirror.

    Raises:
        ValueError: ``flip_indices`` does not fit the keypoints.
    """
    if tracks.ndim == 4:
        return flip_poses(tracks, flip_indices)
    C, K = tracks.shape[1], len(flip_indices)
    if C % K:
        raise ValueError(
            f'The tracks have {C} channels, which is no multiple of the {K} entries of '
            'flip_indices; set `metainfo` to the dataset the model was trained on.'
        )
    poses = tracks.unflatten(1, (K, C // K)).movedim(-1, 1)
    return flip_poses(poses, flip_indices).flatten(2).transpose(1, 2)


def check_flip_indices(batch_data_samples: SampleList) -> None:
    """Check that samples know what becomes of their keypoints in a mirror, and agree on it.

    Raises:
        KeyError: One does not know.
        ValueError: They do not agree.
    """
    known = [sample.metainfo.get('flip_indices') for sample in batch_data_samples]
    if any(flip_indices is None for flip_indices in known):
        raise KeyError(
            'flip_test needs `flip_indices` in the samples; add it to `meta_keys` of '
            '`PackPoseInputs`, or set `flip_test=False`.'
        )
    different = {tuple(flip_indices) for flip_indices in known}
    if len(different) > 1:
        numbers = sorted({len(flip_indices) for flip_indices in different})
        raise ValueError(
            f'flip_test mirrors a batch as one, but its samples have {len(different)} different '
            f'flip_indices for {" and ".join(map(str, numbers))} keypoints: they are of several '
            'data sets. Bring these to the same keypoints (KeypointConverter in a '
            'CombinedDataset), set `metainfo` of the model, or `flip_test=False`.'
        )


def flip_visibility(vis: Tensor, flip_indices: Sequence[int]) -> Tensor:
    """Visibilities (B, K) in the flipped image, by the keypoints of the plain one."""
    return _mirror(vis, flip_indices)


def _mirror(values: Tensor, flip_indices: Sequence[int], dim: int = 1) -> Tensor:
    """A copy of ``values`` with left and right keypoints, which lie along ``dim``, exchanged."""
    if len(flip_indices) != values.shape[dim]:
        raise ValueError(
            f'flip_indices has {len(flip_indices)} entries for {values.shape[dim]} keypoints; '
            'set `metainfo` to the dataset the model was trained on.'
        )
    return values.index_select(dim, tensor_beside(flip_indices, values))

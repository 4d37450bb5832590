"""What the codecs that lift keypoints of the image to 3D poses have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from .base import BaseKeypointCodec
from .utils.checks import check_keypoints, check_positive

_MIN_DEPTH = 1e-6  # metres; keeps weights of one over the depth finite


class BasePoseLifting(BaseKeypointCodec):
    """Roots, weights and layouts of lifting codecs.

    Frames T stand where other codecs have instances: a sample has the keypoints of one person in
    T frames, (T, K, 2), and as targets the poses of all, or of some, of these frames, (T', K, 3).

    Args:
        num_keypoints: Number of keypoints K.
        root_index: The keypoint that the poses are relative to, or several whose mean they are
            relative to.
        remove_root: Whether to take the root out of the targets, in which it is always at 0. It
            stays if it is the mean of several keypoints.
        save_index: Whether targets without the root come with ``target_root_index``.
        concat_vis: Whether the visibility is a further coordinate of the inputs.

    Raises:
        ValueError: ``root_index`` is not among the keypoints.
    """

    instance_mapping_table: ClassVar[dict[str, str]] = dict(
        lifting_target='lifting_target', lifting_target_visible='lifting_target_visible'
    )
    label_mapping_table: ClassVar[dict[str, str]] = dict(
        trajectory_weights='trajectory_weights',
        lifting_target_label='lifting_target_label',
        lifting_target_weight='lifting_target_weight',
    )

    def __init__(
        self,
        num_keypoints: int,
        root_index: int | Sequence[int] = 0,
        remove_root: bool = False,
        save_index: bool = False,
        concat_vis: bool = False,
    ) -> None:
        super().__init__()
        check_positive('num_keypoints', num_keypoints)
        roots = np.atleast_1d(root_index).tolist()
        if not roots or not all(0 <= i < num_keypoints for i in roots):
            raise ValueError(
                f'root_index is {root_index!r}, but must be from 0 to {num_keypoints - 1}, one of '
                f'the {num_keypoints} keypoints, or several.'
            )
        self.num_keypoints = num_keypoints
        self.root_index = roots
        self.remove_root = remove_root
        self.save_index = save_index
        self.concat_vis = concat_vis
        self._removed_root = roots[0] if remove_root and len(roots) == 1 else None

    def decode(
        self, encoded: np.ndarray, target_root: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Poses (N, K, 3) in the space of the camera, and scores (N, K), all 1.

        Args:
            encoded: (N, K, 3), or K - 1 keypoints without the root.
            target_root: (3,), (N, 3) or (N, 1, 3); ``None`` or empty leaves the poses around 0.

        Raises:
            ValueError: There are other than 1 or N roots.
        """
        poses = add_roots(self._with_root(encoded), target_root)
        return poses, np.ones(poses.shape[:-1], dtype=np.float32)

    def _checked_keypoints(
        self, keypoints: np.ndarray, keypoints_visible: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Keypoints (T, K, 2) and visibility (T, K), float32; NaN comes out at 0, invisible."""
        keypoints, visible = check_keypoints(keypoints, keypoints_visible, num_dims=2)
        if keypoints.shape[1] != self.num_keypoints:
            raise ValueError(
                f'keypoints has {keypoints.shape[1]} keypoints, but the codec was made for '
                f'{self.num_keypoints}; set num_keypoints to that of the data set.'
            )
        return keypoints.astype(np.float32), visible.astype(np.float32)

    def _checked_target(
        self, lifting_target: np.ndarray, lifting_target_visible: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Poses (T', K, 3) float32, and weights (T', K), 1 for visible and 0 for others."""
        target = np.asarray(lifting_target, dtype=np.float32)
        if target.ndim != 3 or target.shape[1:] != (self.num_keypoints, 3):
            raise ValueError(
                f'lifting_target has shape {target.shape}; expected (T, {self.num_keypoints}, 3), '
                'the poses of T frames. Add the axis of the frames for a single one.'
            )
        if lifting_target_visible is None:
            lifting_target_visible = np.ones(target.shape[:2])
        elif np.shape(lifting_target_visible) != target.shape[:2]:
            raise ValueError(
                f'lifting_target_visible has shape {np.shape(lifting_target_visible)} for '
                f'lifting_target of shape {target.shape}; expected {target.shape[:2]}, or `None` '
                'where all are visible.'
            )
        has_position = np.isfinite(target).all(axis=-1)
        weight = has_position & (np.asarray(lifting_target_visible) > 0.5)
        return target, weight.astype(np.float32)

    def _around_root(
        self, poses: np.ndarray, weight: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Poses (T', K, 3) relative to their roots, the roots (T', 3), and weights (T', K).

        Positions that are not finite come out at 0. A pose without a root has weight 0 throughout.
        """
        roots = poses[:, self.root_index].mean(axis=1)
        weight = weight * np.isfinite(roots).all(axis=-1, keepdims=True)
        return zero_unknown(poses - roots[:, None]), zero_unknown(roots), weight

    def _encode_target(
        self,
        lifting_target: np.ndarray,
        lifting_target_visible: np.ndarray | None,
        zero_center: bool = True,
    ) -> dict[str, Any]:
        """Targets in the unit of the poses, relative to the root if wanted, with weights."""
        target, weight = self._checked_target(lifting_target, lifting_target_visible)
        encoded: dict[str, Any] = {}
        if zero_center:
            poses, encoded['target_root'], weight = self._around_root(target, weight)
        else:
            poses = zero_unknown(target)
        encoded['trajectory_weights'] = trajectory_weights(target, lifting_target_visible, weight)
        encoded.update(self._target_labels(poses, weight))
        return encoded

    def _target_labels(self, poses: np.ndarray, weight: np.ndarray) -> dict[str, Any]:
        """The targets of a network, whose root is removed if wanted.

        Args:
            poses: (T', K, 3) relative to the root.
            weight: (T', K).
        """
        if self._removed_root is None:
            return dict(lifting_target_label=poses, lifting_target_weight=weight)
        labels = dict(
            lifting_target_label=np.delete(poses, self._removed_root, axis=1),
            lifting_target_weight=np.delete(weight, self._removed_root, axis=1),
            target_root_removed=True,
        )
        if self.save_index:
            labels['target_root_index'] = self._removed_root
        return labels

    def _with_visibility(self, keypoints: np.ndarray, visible: np.ndarray) -> np.ndarray:
        """Inputs (T, K, 2), or (T, K, 3) with the visibility."""
        if self.concat_vis:
            return np.concatenate([keypoints, visible[..., None]], axis=-1)
        return keypoints

    def _with_root(self, poses: np.ndarray) -> np.ndarray:
        """Poses (..., K, 3) in which a root that was removed stands at 0 again."""
        if self._removed_root is None:
            return poses.copy()
        return np.insert(poses, self._removed_root, 0, axis=-2)


def as_channels(keypoints: np.ndarray) -> np.ndarray:
    """Inputs of temporal convolutions: (K * D, T), the coordinates of a keypoint side by side.

    Args:
        keypoints: (T, K, D).
    """
    T, K, D = keypoints.shape
    return np.ascontiguousarray(keypoints.reshape(T, K * D).T)


def trajectory_weights(
    target: np.ndarray, visible: np.ndarray | None, weight: np.ndarray
) -> np.ndarray:
    """Weights (T', K) for a network that predicts where the person is.

    Without visibility they are one over the depth, since far positions are harder to tell
    (VideoPose3D, `Pavllo et al., CVPR 2019 <https://arxiv.org/abs/1811.11742>`_); 0 at the camera
    and behind it. With it they are ``weight``.

    Args:
        target: (T', K, 3) metres in the space of the camera.
        visible: (T', K), or ``None``.
        weight: (T', K).
    """
    if visible is not None:
        return weight.copy()
    depth = target[..., 2]
    return np.divide(weight, depth, out=np.zeros_like(weight), where=depth > _MIN_DEPTH)


def add_roots(poses: np.ndarray, target_root: np.ndarray | None) -> np.ndarray:
    """Poses (N, K, 3) moved to their roots.

    Args:
        poses: (N, K, 3) relative to the root.
        target_root: (3,) for all, or (N, 3), or (N, 1, 3); ``None`` or empty: they stay.

    Raises:
        ValueError: There are other than 1 or N roots.
    """
    if target_root is None or np.size(target_root) == 0:
        return poses
    roots = np.reshape(target_root, (-1, 1, 3))
    if len(roots) not in (1, len(poses)):
        raise ValueError(
            f'target_root has {len(roots)} positions for {len(poses)} poses; give one per pose, '
            'or a single one.'
        )
    return poses + roots


def zero_unknown(positions: np.ndarray) -> np.ndarray:
    """Positions (..., D) with 0 for those that are not finite."""
    return np.where(np.isfinite(positions).all(axis=-1, keepdims=True), positions, 0)

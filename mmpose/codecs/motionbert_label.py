"""Tracks of keypoints, and poses in the space of the image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from mmpose.registry import KEYPOINT_CODECS

from .base_pose_lifting import BasePoseLifting
from .utils.camera_image_projection import PIXELS_PER_IMAGE_UNIT, camera_to_image_coord
from .utils.checks import check_choice

# Metres per thousand pixels, for a person of whom nothing is known. H36M has about this at 4.6 m.
_DEFAULT_FACTOR = 4.0


@KEYPOINT_CODECS.register_module()
class MotionBERTLabel(BasePoseLifting):
    """Keypoints in half widths of the image, and poses whose depth is in the image's scale.

    Follows `Zhu et al., ICCV 2023 <https://arxiv.org/abs/2210.06551>`_. A camera with intrinsics
    projects the targets to the image; other targets stay in metres. All are relative to the root.
    ``decode`` takes targets of mode 'train' to those of mode 'test'.

    Args:
        num_keypoints: See :class:`BasePoseLifting`, as for the next four.
        root_index: See there.
        remove_root: See there.
        save_index: See there.
        concat_vis: See there.
        rootrel: Whether the network predicts poses relative to the root, so that its root is set
            to 0. Otherwise what it predicts is moved to the root.
        mode: 'train' encodes targets in half widths of the image, as the network predicts them;
            'test' in metres, to compare with what ``decode`` returns.

    Raises:
        ValueError: ``root_index`` is not among the keypoints, or ``mode`` is unknown.
    """

    auxiliary_encode_keys: ClassVar[set[str]] = {
        'lifting_target',
        'lifting_target_visible',
        'camera_param',
        'factor',
    }

    def __init__(
        self,
        num_keypoints: int,
        root_index: int | Sequence[int] = 0,
        remove_root: bool = False,
        save_index: bool = False,
        concat_vis: bool = False,
        rootrel: bool = False,
        mode: str = 'test',
    ) -> None:
        super().__init__(num_keypoints, root_index, remove_root, save_index, concat_vis)
        check_choice('mode', mode, ('train', 'test'))
        self.rootrel = rootrel
        self.mode = mode

    def encode(
        self,
        keypoints: np.ndarray,
        keypoints_visible: np.ndarray | None = None,
        lifting_target: np.ndarray | None = None,
        lifting_target_visible: np.ndarray | None = None,
        camera_param: Mapping[str, Any] | None = None,
        factor: np.ndarray | None = None,
    ) -> dict:
        """Inputs and targets of a network.

        Args:
            keypoints: (T, K, 2) pixels, (x, y). NaN means not labelled.
            keypoints_visible: (T, K); ``None``: all are.
            lifting_target: (T', K, 3) poses in the space of the camera, metres; ``None`` where
                there are no targets.
            lifting_target_visible: (T', K); ``None``: all are.
            camera_param: ``w`` and ``h`` of the image, pixels, without which the keypoints stay in
                pixels; ``f``, focal lengths, and ``c``, principal point, pixels, without which the
                targets stay in metres.
            factor: (T',) or (T', 1), metres per thousand pixels at the root. 0 or ``None``: as the
                camera has it, or 4 without intrinsics.

        Returns:
            dict with

            - keypoint_labels: (T, K, D) float32. D is 2, or 3 with the visibility.
            - keypoint_labels_visible: (T, K).

            and with targets

            - lifting_target_label: (T', K, 3), K - 1 keypoints without the root.
            - lifting_target_weight: like it, (T', K), 1 for visible and 0 for others.
            - lifting_target, lifting_target_visible: the same, always with the root.
            - factor: (T', 1).
            - target_root_removed: True, and target_root_index, if the root is removed.

        Raises:
            ValueError: The shapes are others.
        """
        camera = camera_param or {}
        keypoints, visible = self._checked_keypoints(keypoints, keypoints_visible)
        if 'w' in camera and 'h' in camera:
            half_wh = np.array([camera['w'], camera['h']], dtype=np.float32) / 2
            keypoints = (keypoints - half_wh) / half_wh[0]
        encoded = dict(
            keypoint_labels=self._with_visibility(keypoints, visible),
            keypoint_labels_visible=visible,
        )
        if lifting_target is not None:
            target, weight = self._checked_target(lifting_target, lifting_target_visible)
            encoded.update(self._encode_poses(target, weight, camera, factor))
        return encoded

    def _encode_poses(
        self,
        target: np.ndarray,
        weight: np.ndarray,
        camera: Mapping[str, Any],
        factor: np.ndarray | None,
    ) -> dict[str, Any]:
        projected = 'f' in camera and 'c' in camera
        camera_factor = _DEFAULT_FACTOR
        if projected:
            with np.errstate(divide='ignore', invalid='ignore'):  # unknown positions drop out below
                target, camera_factor = camera_to_image_coord(self.root_index, target, camera)
        factor = _filled_factor(factor, camera_factor, len(target))
        poses, _, weight = self._around_root(target, weight)
        if projected and self.mode == 'test':
            poses = poses * factor[..., None]
        elif projected:
            if 'w' not in camera:
                raise ValueError(
                    'camera_param lacks the width w of the image, which is the scale of the '
                    "targets of mode 'train'; add it, in pixels."
                )
            poses = poses * np.float32(2 * PIXELS_PER_IMAGE_UNIT / camera['w'])
        return dict(
            lifting_target=poses.copy(),
            lifting_target_visible=weight.copy(),
            factor=factor,
            **self._target_labels(poses, weight),
        )

    def decode(
        self,
        encoded: np.ndarray,
        w: np.ndarray | None = None,
        h: np.ndarray | None = None,
        factor: np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Poses (..., K, 3) relative to the root, and scores (..., K), all 1.

        Args:
            encoded: (T, K, 3) or (N, T, K, 3), in half widths of the image; K - 1 keypoints
                without the root.
            w: Width of the image, pixels: one, or one for each entry of the first axis. ``None`` or
                empty: poses stay in half widths.
            h: Height of the image. It makes no difference to poses that are relative to the root.
            factor: (T,), (T, 1) or (N, T, 1), metres per thousand pixels; ``None`` or empty: poses
                stay in thousands of pixels.

        Raises:
            ValueError: There are other than 1 or T (N) widths or factors.
        """
        poses = self._with_root(encoded)
        if not self.rootrel:
            poses -= poses[..., self.root_index, :].mean(axis=-2, keepdims=True)
        elif len(self.root_index) == 1:
            poses[..., self.root_index, :] = 0
        if w is not None and np.size(w) > 0:
            poses *= _align('w', np.ravel(w), poses) / (2 * PIXELS_PER_IMAGE_UNIT)
        if factor is not None and np.size(factor) > 0:
            poses *= _align('factor', np.asarray(factor), poses)
        return poses, np.ones(poses.shape[:-1], dtype=np.float32)


def _filled_factor(
    factor: np.ndarray | None, camera_factor: np.ndarray | float, num_frames: int
) -> np.ndarray:
    """Factors (T, 1), those of the camera, or else the default, where they are 0 or missing."""
    given = np.zeros(num_frames) if factor is None else np.ravel(factor)
    if len(given) != num_frames:
        raise ValueError(
            f'factor has {len(given)} entries for targets of {num_frames} frames; give one per '
            'frame, or `None` to take it from the camera.'
        )
    camera_factor = np.where(camera_factor > 0, camera_factor, _DEFAULT_FACTOR)
    return np.where(given == 0, camera_factor, given).astype(np.float32)[:, None]


def _align(name: str, values: np.ndarray, poses: np.ndarray) -> np.ndarray:
    """Values in the poses' type, with axes of length 1 to go with the first axes of the poses."""
    if len(np.atleast_1d(values)) not in (1, len(poses)):
        raise ValueError(
            f'{name} has {len(values)} entries for poses of shape {poses.shape}; give one for each '
            'entry of the first axis, or a single one.'
        )
    return values.reshape(values.shape + (1,) * (poses.ndim - values.ndim)).astype(poses.dtype)

"""Tracks of keypoints in the scale of the image, and poses relative to their root."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from mmpose.registry import KEYPOINT_CODECS

from .base_pose_lifting import BasePoseLifting, as_channels


@KEYPOINT_CODECS.register_module()
class VideoPoseLifting(BasePoseLifting):
    """Keypoints of a sequence of frames, in half widths of the image from its centre.

    Follows VideoPose3D, `Pavllo et al., CVPR 2019 <https://arxiv.org/abs/1811.11742>`_.
    ``decode`` returns the encoded poses where it is given their ``target_root``, and poses around
    0 otherwise.

    Args:
        num_keypoints: See :class:`BasePoseLifting`.
        zero_center: Whether the targets are relative to the root. If not, they are the poses as
            they are, and ``remove_root`` does nothing.
        root_index: See there, as for the next two.
        remove_root: See there.
        save_index: See there.
        reshape_keypoints: Whether the inputs are channels, (K * D, T), instead of (T, K, D).
        concat_vis: See there.
        normalize_camera: Whether to put the intrinsics of the camera into the scale of the
            keypoints as well.

    Raises:
        ValueError: ``root_index`` is not among the keypoints.
    """

    auxiliary_encode_keys: ClassVar[set[str]] = {
        'lifting_target',
        'lifting_target_visible',
        'camera_param',
    }

    def __init__(
        self,
        num_keypoints: int,
        zero_center: bool = True,
        root_index: int | Sequence[int] = 0,
        remove_root: bool = False,
        save_index: bool = False,
        reshape_keypoints: bool = True,
        concat_vis: bool = False,
        normalize_camera: bool = False,
    ) -> None:
        super().__init__(
            num_keypoints, root_index, remove_root and zero_center, save_index, concat_vis
        )
        self.zero_center = zero_center
        self.reshape_keypoints = reshape_keypoints
        self.normalize_camera = normalize_camera

    def encode(
        self,
        keypoints: np.ndarray,
        keypoints_visible: np.ndarray | None = None,
        lifting_target: np.ndarray | None = None,
        lifting_target_visible: np.ndarray | None = None,
        camera_param: Mapping[str, Any] | None = None,
    ) -> dict:
        """Inputs and targets of a network.

        Args:
            keypoints: (T, K, 2) pixels, (x, y). NaN means not labelled.
            keypoints_visible: (T, K); ``None``: all are.
            lifting_target: (T', K, 3) poses in the space of the camera; ``None`` where there are
                no targets.
            lifting_target_visible: (T', K); ``None``: all are.
            camera_param: ``w`` and ``h`` of the image, pixels; with ``normalize_camera`` also
                ``f``, focal lengths, and ``c``, principal point.

        Returns:
            dict with

            - keypoint_labels: (K * D, T), or (T, K, D); float32. D is 2, or 3 with the visibility.
            - keypoints_visible: (T, K).
            - camera_param: A copy with ``f`` and ``c`` in half widths, if they are normalised.

            and with targets

            - lifting_target_label: (T', K, 3), K - 1 keypoints without the root.
            - lifting_target_weight: like it, (T', K), 1 for visible and 0 for others.
            - trajectory_weights: (T', K), the weights with the root. Without
              ``lifting_target_visible`` one over the depth.
            - target_root: (T', 3), in the space of the camera, with ``zero_center``.
            - target_root_removed: True, and target_root_index, if the root is removed.

        Raises:
            ValueError: The shapes are others, or the camera lacks something.
        """
        keypoints, visible = self._checked_keypoints(keypoints, keypoints_visible)
        self._check_camera(camera_param)
        half_wh = np.array([camera_param['w'], camera_param['h']], dtype=np.float32) / 2
        labels = self._with_visibility((keypoints - half_wh) / half_wh[0], visible)
        encoded: dict[str, Any] = dict(
            keypoint_labels=as_channels(labels) if self.reshape_keypoints else labels,
            keypoints_visible=visible,
        )
        if self.normalize_camera:
            f, c = (np.asarray(camera_param[key]) for key in 'fc')
            c = (c - half_wh.reshape(c.shape)) / half_wh[0]
            encoded['camera_param'] = {**camera_param, 'f': f / half_wh[0], 'c': c}
        if lifting_target is not None:
            encoded.update(
                self._encode_target(lifting_target, lifting_target_visible, self.zero_center)
            )
        return encoded

    def _check_camera(self, camera_param: Mapping[str, Any] | None) -> None:
        needed = ('w', 'h', 'f', 'c') if self.normalize_camera else ('w', 'h')
        missing = [key for key in needed if key not in (camera_param or {})]
        if missing:
            raise ValueError(
                f'camera_param lacks {missing}; the sample needs the width and height of the image '
                'as w and h, and with normalize_camera the intrinsics f and c, all in pixels.'
            )

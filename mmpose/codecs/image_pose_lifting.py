"""Normalised keypoints of a picture, and poses relative to their root."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from mmpose.registry import KEYPOINT_CODECS

from .base_pose_lifting import BasePoseLifting, as_channels
from .utils.checks import check_positive


@KEYPOINT_CODECS.register_module()
class ImagePoseLifting(BasePoseLifting):
    """Keypoints and poses, each normalised with the mean and deviation of a data set.

    Follows `Martinez et al., ICCV 2017 <https://arxiv.org/abs/1705.03098>`_. ``decode`` returns
    the encoded poses where it is given their ``target_root``, and poses around 0 otherwise.

    Args:
        num_keypoints: See :class:`BasePoseLifting`, as for the next three.
        root_index: See there.
        remove_root: See there.
        save_index: See there.
        reshape_keypoints: Whether the inputs are channels, (K * D, T), instead of (T, K, D).
        concat_vis: See there.
        keypoints_mean: (K, 2) or (1, K, 2) pixels; ``None`` leaves the keypoints as they are.
        keypoints_std: Like ``keypoints_mean``.
        target_mean: (K, 3) or (1, K, 3), in the unit of the targets and relative to the root;
            K - 1 keypoints if the root is removed. ``None`` leaves the targets as they are.
        target_std: Like ``target_mean``.
        additional_encode_keys: Further keys of the sample that ``encode`` is called with, for
            classes derived from this one.

    Raises:
        ValueError: ``root_index`` is not among the keypoints, or the mean and the deviation do not
            go together.
    """

    auxiliary_encode_keys: ClassVar[set[str]] = {'lifting_target', 'lifting_target_visible'}

    def __init__(
        self,
        num_keypoints: int,
        root_index: int | Sequence[int] = 0,
        remove_root: bool = False,
        save_index: bool = False,
        reshape_keypoints: bool = True,
        concat_vis: bool = False,
        keypoints_mean: np.ndarray | Sequence | None = None,
        keypoints_std: np.ndarray | Sequence | None = None,
        target_mean: np.ndarray | Sequence | None = None,
        target_std: np.ndarray | Sequence | None = None,
        additional_encode_keys: Sequence[str] | None = None,
    ) -> None:
        super().__init__(num_keypoints, root_index, remove_root, save_index, concat_vis)
        num_targets = num_keypoints - (self._removed_root is not None)
        self.reshape_keypoints = reshape_keypoints
        self.keypoints_mean, self.keypoints_std = _statistics(
            'keypoints', keypoints_mean, keypoints_std, (num_keypoints, 2)
        )
        self.target_mean, self.target_std = _statistics(
            'target', target_mean, target_std, (num_targets, 3)
        )
        if additional_encode_keys is not None:
            self.auxiliary_encode_keys = self.auxiliary_encode_keys | set(additional_encode_keys)

    def encode(
        self,
        keypoints: np.ndarray,
        keypoints_visible: np.ndarray | None = None,
        lifting_target: np.ndarray | None = None,
        lifting_target_visible: np.ndarray | None = None,
        **additional: Any,
    ) -> dict:
        """Inputs and targets of a network.

        Args:
            keypoints: (T, K, 2) pixels, (x, y). NaN means not labelled.
            keypoints_visible: (T, K); ``None``: all are.
            lifting_target: (T', K, 3) poses in the space of the camera; ``None`` where there are
                no targets.
            lifting_target_visible: (T', K); ``None``: all are.
            **additional: The values of ``additional_encode_keys``, not used here.

        Returns:
            dict with

            - keypoint_labels: (K * D, T), or (T, K, D); float32. D is 2, or 3 with the visibility.
            - keypoint_labels_visible: (T, K).
            - keypoints_mean, keypoints_std: (1, K, 2), if there are any.

            and with targets

            - lifting_target_label: (T', K, 3), K - 1 keypoints without the root.
            - lifting_target_weight: like it, (T', K), 1 for visible and 0 for others.
            - trajectory_weights: (T', K), the weights with the root. Without
              ``lifting_target_visible`` one over the depth.
            - target_root: (T', 3), in the space of the camera.
            - target_root_removed: True, and target_root_index, if the root is removed.
            - target_mean, target_std: (1, K, 3), if there are any.

        Raises:
            ValueError: The shapes are others.
        """
        keypoints, visible = self._checked_keypoints(keypoints, keypoints_visible)
        encoded: dict[str, Any] = {}
        if self.keypoints_mean is not None:
            keypoints = (keypoints - self.keypoints_mean) / self.keypoints_std
            encoded['keypoints_mean'] = self.keypoints_mean.copy()
            encoded['keypoints_std'] = self.keypoints_std.copy()
        labels = self._with_visibility(keypoints, visible)
        encoded['keypoint_labels'] = as_channels(labels) if self.reshape_keypoints else labels
        encoded['keypoint_labels_visible'] = visible
        if lifting_target is not None:
            encoded.update(self._encode_target(lifting_target, lifting_target_visible))
        return encoded

    def _encode_target(
        self,
        lifting_target: np.ndarray,
        lifting_target_visible: np.ndarray | None,
        zero_center: bool = True,
    ) -> dict[str, Any]:
        encoded = super()._encode_target(lifting_target, lifting_target_visible, zero_center)
        if self.target_mean is not None:
            label = (encoded['lifting_target_label'] - self.target_mean) / self.target_std
            encoded['lifting_target_label'] = label
            encoded['target_mean'] = self.target_mean.copy()
            encoded['target_std'] = self.target_std.copy()
        return encoded

    def decode(
        self, encoded: np.ndarray, target_root: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """See :meth:`BasePoseLifting.decode`; ``encoded`` is normalised."""
        if self.target_mean is not None:
            encoded = encoded * self.target_std + self.target_mean
        return super().decode(encoded, target_root)


def _statistics(
    name: str,
    mean: np.ndarray | Sequence | None,
    std: np.ndarray | Sequence | None,
    shape: tuple[int, int],
) -> tuple[np.ndarray, np.ndarray] | tuple[None, None]:
    """Mean and deviation as (1, K, D) float32."""
    if mean is None and std is None:
        return None, None
    if mean is None or std is None:
        missing = f'{name}_mean' if mean is None else f'{name}_std'
        raise ValueError(f'{missing} is missing; give both the mean and the deviation, or neither.')
    arrays = [np.asarray(values, dtype=np.float32) for values in (mean, std)]
    for array, suffix in zip(arrays, ('mean', 'std'), strict=True):
        if array.shape not in (shape, (1, *shape)):
            raise ValueError(
                f'{name}_{suffix} has shape {array.shape}; expected {shape} or {(1, *shape)}, one '
                'row per keypoint of the codec, without the root if that is removed.'
            )
    check_positive(f'{name}_std', arrays[1].ravel())
    return arrays[0].reshape(1, *shape), arrays[1].reshape(1, *shape)

"""Pose lifting: poses in space from keypoint tracks in the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from mmpose.models.utils import check_and_update_config, check_flip_indices, flip_tracks
from mmpose.models.utils.ops import tensor_beside
from mmpose.registry import MODELS

from .base import BasePoseEstimator, check_chain

if TYPE_CHECKING:
    from mmpose.utils.typing import (
        ConfigType,
        Features,
        InstanceList,
        OptConfigType,
        OptMultiConfig,
        PixelDataList,
        SampleList,
    )


@MODELS.register_module()
class PoseLifter(BasePoseEstimator):
    """Poses in space from tracks of keypoints: (B, K * D, T) channels, or (B, T, K, D).

    A second network may predict where in space the person is. With it, and ``semi_loss``, training
    also takes samples without targets: their poses, projected into the picture, are compared with
    their keypoints (`Pavllo et al., 2019, VideoPose3D <https://arxiv.org/abs/1811.11742>`_). Such
    samples have no ``lifting_target_label``, stand in one batch with labelled ones, and have
    ``camera_param`` in their metainfo, with intrinsics in the scale of the keypoints
    (``normalize_camera=True`` of the codec).

    ``test_cfg`` may have ``flip_test`` (average over the tracks and their mirror images) and
    ``output_keypoint_indices`` (the keypoints to return, by index).

    Args:
        backbone: From tracks to features.
        neck: From features to features; ``None`` for none.
        head: From features to poses; ``None`` for none.
        traj_backbone: From tracks to the features of the trajectory's head; ``None`` to take those
            of the poses.
        traj_neck: From these to features; ``None`` for none.
        traj_head: From these to the position of the root; ``None`` for none.
        semi_loss: The loss of samples without targets; ``None`` to take labelled samples only.
        train_cfg: See :class:`BasePoseEstimator`, as for the rest.
        test_cfg: See there.
        data_preprocessor: See there.
        init_cfg: See there.
        metainfo: See there.

    Raises:
        ValueError: A head expects other channels than it would get, or ``semi_loss`` lacks a head.
    """

    def __init__(
        self,
        backbone: ConfigType,
        neck: OptConfigType = None,
        head: OptConfigType = None,
        traj_backbone: OptConfigType = None,
        traj_neck: OptConfigType = None,
        traj_head: OptConfigType = None,
        semi_loss: OptConfigType = None,
        train_cfg: OptConfigType = None,
        test_cfg: OptConfigType = None,
        data_preprocessor: OptConfigType = None,
        init_cfg: OptMultiConfig = None,
        metainfo: dict | None = None,
    ) -> None:
        super().__init__(
            backbone, neck, head, train_cfg, test_cfg, data_preprocessor, init_cfg, metainfo
        )
        traj_neck, traj_head = check_and_update_config(traj_neck, traj_head)
        if traj_head is not None:
            self.traj_head = MODELS.build(traj_head)
            self.traj_head.test_cfg = self.test_cfg.copy()
            if traj_backbone is not None:
                self.traj_backbone = MODELS.build(traj_backbone)
            if traj_neck is not None:
                self.traj_neck = MODELS.build(traj_neck)
            check_chain([*self._trajectory_modules(), self.traj_head])
        if semi_loss is not None and not (self.with_head and self.with_traj):
            raise ValueError(
                'semi_loss compares lifted poses with the picture and needs to know where they '
                'are; set `head` and `traj_head`, or `semi_loss=None`.'
            )
        self.semi_loss = None if semi_loss is None else MODELS.build(semi_loss)

    @property
    def with_traj(self) -> bool:
        """Whether the position of the root is predicted."""
        return getattr(self, 'traj_head', None) is not None

    @property
    def with_traj_backbone(self) -> bool:
        """Whether the trajectory has a backbone of its own."""
        return getattr(self, 'traj_backbone', None) is not None

    @property
    def with_traj_neck(self) -> bool:
        """Whether the trajectory has a neck."""
        return getattr(self, 'traj_neck', None) is not None

    @property
    def causal(self) -> bool:
        """Whether the backbone, or a part of it, says that it sees no frames after the pose's."""
        return any(getattr(module, 'causal', False) for module in self.backbone.modules())

    def extract_feat(self, inputs: Tensor) -> Features | tuple[Features, Features]:
        """The features that the head gets; with a trajectory also those that its head gets.

        Args:
            inputs: (B, K * D, T) or (B, T, K, D), as the backbone takes it.
        """
        feats = super().extract_feat(inputs)
        if not self.with_traj:
            return feats
        traj_feats = self.traj_backbone(inputs) if self.with_traj_backbone else feats
        return feats, self.traj_neck(traj_feats) if self.with_traj_neck else traj_feats

    def _trajectory_modules(self) -> list[torch.nn.Module | None]:
        """What the features of the trajectory come through, in order."""
        traj_neck = getattr(self, 'traj_neck', None)
        if self.with_traj_backbone:
            return [self.traj_backbone, traj_neck]
        return [self.backbone, getattr(self, 'neck', None), traj_neck]

    def _forward(self, inputs: Tensor) -> Any:
        feats, traj_feats = self._features(inputs)
        poses = self.head(feats) if self.with_head else feats
        return (poses, self.traj_head(traj_feats)) if self.with_traj else poses

    def _features(self, inputs: Tensor) -> tuple[Features, Features | None]:
        """Those of the poses, and those of the trajectory or ``None``."""
        feats = self.extract_feat(inputs)
        return feats if self.with_traj else (feats, None)

    def loss(self, inputs: Tensor, data_samples: SampleList) -> dict[str, Tensor]:
        """The losses of the heads and, for samples without targets, those of ``semi_loss``.

        Args:
            inputs: As for :meth:`extract_feat`.
            data_samples: The samples.

        Raises:
            ValueError: No sample has targets, or one has none and there is no ``semi_loss``.
        """
        labelled, unlabelled = self._by_label(data_samples)
        feats, traj_feats = self._features(inputs)
        samples = [data_samples[i] for i in labelled]
        with_label, without = (
            tensor_beside(i, inputs, dtype=torch.long) for i in (labelled, unlabelled)
        )
        losses: dict[str, Tensor] = {}
        if self.with_traj:
            chosen = _select(traj_feats, with_label)
            losses.update(self.traj_head.loss(chosen, samples, train_cfg=self.train_cfg))
        if self.with_head:
            chosen = _select(feats, with_label)
            losses.update(self.head.loss(chosen, samples, train_cfg=self.train_cfg))
        if unlabelled:
            output = dict(
                labeled_pose=self.head(_select(feats, with_label)),
                unlabeled_pose=self.head(_select(feats, without)),
                unlabeled_traj=self.traj_head(_select(traj_feats, without)),
            )
            cameras = [data_samples[i].metainfo.get('camera_param') for i in unlabelled]
            intrinsics = np.stack([_intrinsics(camera) for camera in cameras])
            target = dict(
                unlabeled_target_2d=self._target_keypoints(inputs[without], output),
                intrinsics=tensor_beside(intrinsics, inputs, dtype=inputs.dtype),
            )
            losses.update(self.semi_loss(output, target))
        return losses

    def _by_label(self, data_samples: SampleList) -> tuple[list[int], list[int]]:
        """The indices of samples with targets, and of those without."""
        has_label = ['lifting_target_label' in sample.gt_instance_labels for sample in data_samples]
        labelled = [i for i, known in enumerate(has_label) if known]
        unlabelled = [i for i, known in enumerate(has_label) if not known]
        if not labelled or (unlabelled and self.semi_loss is None):
            raise ValueError(
                f'{len(unlabelled)} of {len(data_samples)} samples have no `lifting_target_label`; '
                'training needs samples with `lifting_target` in every batch, and takes others '
                'beside them only with `semi_loss`.'
            )
        return labelled, unlabelled

    def _target_keypoints(self, tracks: Tensor, output: dict[str, Tensor]) -> Tensor:
        """The keypoints (B, K, 2) of the frame whose pose is lifted, for tracks (B, K * D, T)."""
        K, T = output['unlabeled_pose'].shape[1], tracks.shape[-1]
        frame = tracks[..., -1 if self.causal else T // 2]
        return frame.unflatten(1, (K, -1))[..., :2]

    def predict(self, inputs: Tensor, data_samples: SampleList) -> SampleList:
        """The samples with ``pred_instances``, in the space that the head's decoder says.

        Args:
            inputs: As for :meth:`extract_feat`.
            data_samples: The samples.

        Raises:
            KeyError: A flip test lacks ``flip_indices``.
            RuntimeError: There is no head.
        """
        if not self.with_head:
            raise RuntimeError(
                f"{type(self).__name__} has no head; use mode='tensor' for features."
            )
        feats, traj_feats = self._features(inputs)
        if self.test_cfg.get('flip_test', False):
            check_flip_indices(data_samples)
            flip_indices = data_samples[0].metainfo['flip_indices']
            flipped, traj_flipped = self._features(flip_tracks(inputs, flip_indices))
            feats, traj_feats = [feats, flipped], [traj_feats, traj_flipped]
        poses = self.head.predict(feats, data_samples, test_cfg=self.test_cfg)
        positions = None
        if self.with_traj:
            positions = self.traj_head.predict(traj_feats, data_samples, test_cfg=self.test_cfg)
        return self.add_pred_to_datasample(poses, None, positions, None, data_samples)

    def add_pred_to_datasample(
        self,
        batch_pred_instances: InstanceList,
        batch_pred_fields: PixelDataList | None,
        batch_traj_instances: InstanceList | None,
        batch_traj_fields: PixelDataList | None,
        batch_data_samples: SampleList,
    ) -> SampleList:
        """The samples with their predictions.

        Args:
            batch_pred_instances: Poses (N, K, 3) or (N, T, K, 3), and scores without the last axis.
            batch_pred_fields: Heatmaps; ``None`` for none.
            batch_traj_instances: Positions of the root (N, 1, 3), which become ``trajectories`` of
                the instances; ``None`` for none.
            batch_traj_fields: ``None``; there are no heatmaps of a trajectory.
            batch_data_samples: The samples, which are changed.

        Raises:
            ValueError: There is not one prediction for each sample.
        """
        if len(batch_pred_instances) != len(batch_data_samples):
            raise ValueError(
                f'There are {len(batch_pred_instances)} predictions for '
                f'{len(batch_data_samples)} samples; the head must return one per sample.'
            )
        indices = self.test_cfg.get('output_keypoint_indices')
        nothing = [None] * len(batch_data_samples)
        for sample, instances, field, trajectory in zip(
            batch_data_samples,
            batch_pred_instances,
            batch_pred_fields or nothing,
            batch_traj_instances or nothing,
            strict=True,
        ):
            if indices is not None:
                instances.keypoints = instances.keypoints[..., indices, :]
                instances.keypoint_scores = instances.keypoint_scores[..., indices]
            if trajectory is not None:
                instances.trajectories = trajectory.keypoints
            sample.pred_instances = instances
            if field is not None:
                sample.pred_fields = field
        return batch_data_samples


def _select(feats: Any, indices: Tensor) -> Any:
    """Some samples of features, a tensor or a sequence of tensors with the batch as first axis."""
    if not isinstance(feats, Tensor):
        return type(feats)(_select(each, indices) for each in feats)
    return feats if len(indices) == len(feats) else feats[indices]


def _intrinsics(camera_param: dict[str, Any] | None) -> np.ndarray:
    """Focal lengths, centre, radial and tangential distortion, 9 numbers."""
    camera_param = camera_param or {}
    parts = [np.ravel(camera_param.get(key, ())) for key in 'fckp']
    if [len(part) for part in parts] != [2, 2, 3, 2]:
        raise ValueError(
            'A sample without targets needs `camera_param` with f (2), c (2), k (3) and p (2) in '
            f'its metainfo, but has {sorted(camera_param)}; add `camera_param` to `meta_keys` of '
            '`PackPoseInputs`, and set `normalize_camera=True` in the codec.'
        )
    return np.concatenate(parts).astype(np.float32)

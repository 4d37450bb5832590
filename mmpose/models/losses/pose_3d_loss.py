"""Losses of poses in space and over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from mmpose.registry import MODELS

from .base_loss import WeightedLoss
from .reduction import check_shapes, expand_weights, full_precision, reduced, weighted


@MODELS.register_module()
class MPJPELoss(WeightedLoss):
    """The mean distance between predicted and true keypoints (mean per joint position error).

    As in `Pavllo et al., 2019, VideoPose3D <https://arxiv.org/abs/1811.11742>`_.

    Args:
        use_target_weight: Whether weights, which scale the differences, count.
        loss_weight: Factor of the loss.
    """

    @full_precision
    def forward(
        self, output: Tensor, target: Tensor, target_weight: Tensor | None = None
    ) -> Tensor:
        """The loss, a scalar in the unit of the coordinates.

        Args:
            output: (B, K, D) predicted coordinates.
            target: (B, K, D) true coordinates.
            target_weight: (B, K) or (B, K, D).

        Raises:
            ValueError: The shapes do not fit, or the weights are missing.
        """
        check_shapes(output, target)
        return _mean_length(output - target, self.used(target_weight)) * self.loss_weight


@MODELS.register_module()
class MPJPEVelocityJointLoss(WeightedLoss):
    """The distance of keypoints, as given and after scaling, and that of their velocities.

    The second term lets the prediction of each frame be scaled to fit the target best; the third
    compares the differences between successive frames: `Zhu et al., 2023, MotionBERT
    <https://arxiv.org/abs/2210.06551>`_.

    Args:
        use_target_weight: Whether weights, which scale the differences, count.
        loss_weight: Factor of the loss.
        lambda_scale: Factor of the term after scaling.
        lambda_3d_velocity: Factor of the term of velocities.
    """

    def __init__(
        self,
        use_target_weight: bool = False,
        loss_weight: float = 1.0,
        lambda_scale: float = 0.5,
        lambda_3d_velocity: float = 20.0,
    ) -> None:
        super().__init__(use_target_weight, loss_weight)
        self.lambda_scale = lambda_scale
        self.lambda_3d_velocity = lambda_3d_velocity

    @full_precision
    def forward(
        self, output: Tensor, target: Tensor, target_weight: Tensor | None = None
    ) -> Tensor:
        """The loss, a scalar.

        Args:
            output: (B, T, K, D) predicted coordinates of T frames.
            target: (B, T, K, D) true coordinates.
            target_weight: (B, T, K), or with 1 for the axes that share a weight. A velocity has
                the product of the weights of its two frames.

        Raises:
            ValueError: The shapes do not fit, or the weights are missing.
        """
        check_shapes(output, target)
        weights = self.used(target_weight)
        pair_weights = weights
        if weights is not None:
            weights = expand_weights(weights, output)
            pair_weights = weights
            if weights.shape[-3] > 1:
                pair_weights = weights[..., 1:, :, :] * weights[..., :-1, :, :]
        # the factor that brings each frame closest to its target; 0 for a pose of zeros alone
        squared = output.square().sum((-2, -1), keepdim=True)
        scale = (target * output).sum((-2, -1), keepdim=True) / squared.clamp(min=1e-12)
        loss = _mean_length(output - target, weights)
        loss = loss + self.lambda_scale * _mean_length(scale * output - target, weights)
        velocity_error = (output - target).diff(dim=-3)
        loss = loss + self.lambda_3d_velocity * _mean_length(velocity_error, pair_weights)
        return loss * self.loss_weight


@MODELS.register_module()
class BoneLoss(WeightedLoss):
    """The difference of the mean bone lengths of two sets of poses.

    The lengths are averaged over each set before they are compared, so the poses need not be of
    the same moments: `Pavllo et al., 2019, VideoPose3D <https://arxiv.org/abs/1811.11742>`_.

    Args:
        joint_parents: For each keypoint the index of its parent; a root is its own.
        use_target_weight: Whether weights, which scale the lengths, count.
        loss_weight: Factor of the loss.
        loss_name: Key of the loss in logs.
    """

    def __init__(
        self,
        joint_parents: Sequence[int],
        use_target_weight: bool = False,
        loss_weight: float = 1.0,
        loss_name: str = 'loss_bone',
    ) -> None:
        super().__init__(use_target_weight, loss_weight)
        self.joint_parents = joint_parents
        self.non_root_indices = [i for i, parent in enumerate(joint_parents) if i != parent]
        self._loss_name = loss_name
        # go to the device with the model: indexing with a list would copy it at every step
        children = torch.tensor(self.non_root_indices, dtype=torch.long)
        self.register_buffer('_children', children, persistent=False)
        parents = torch.tensor(list(joint_parents), dtype=torch.long)[children]
        self.register_buffer('_parents', parents, persistent=False)

    @property
    def loss_name(self) -> str:
        """The key of the loss in logs."""
        return self._loss_name

    @full_precision
    def forward(
        self, output: Tensor, target: Tensor, target_weight: Tensor | None = None
    ) -> Tensor:
        """The loss, a scalar in the unit of the coordinates.

        Args:
            output: (B, K, D) predicted poses.
            target: (B', K, D) poses with the right bone lengths.
            target_weight: (B, L) with a weight for each of the L keypoints that have a parent,
                in their order; then B' = B.

        Raises:
            ValueError: The shapes do not fit, or the weights are missing.
        """
        if output.shape[2:] != target.shape[2:]:
            raise ValueError(
                f'The output is {tuple(output.shape)} and the target {tuple(target.shape)}; give '
                'both the same dimensions.'
            )
        weights = self.used(target_weight)
        lengths = weighted(self._bone_lengths(output), weights)
        true_lengths = weighted(self._bone_lengths(target), weights)
        if not (len(lengths) and len(true_lengths)):  # without poses there is nothing to compare
            return (lengths.sum() + true_lengths.sum()) * 0
        return reduced((lengths.mean(0) - true_lengths.mean(0)).abs()) * self.loss_weight

    def _bone_lengths(self, poses: Tensor) -> Tensor:
        """The distances (B, L) of keypoints from their parents."""
        if poses.shape[1] != len(self.joint_parents):
            raise ValueError(
                f'The poses are {tuple(poses.shape)}, with {poses.shape[1]} keypoints, for '
                f'{len(self.joint_parents)} joint_parents; name a parent for each keypoint.'
            )
        ends = (poses.index_select(1, i.to(poses.device)) for i in (self._children, self._parents))
        return torch.linalg.vector_norm(torch.sub(*ends), dim=-1)


@MODELS.register_module()
class SemiSupervisionLoss(nn.Module):
    """The losses of poses lifted from videos without 3D labels.

    Lifted poses, projected into the picture, are to meet the 2D keypoints they came from, and to
    have the mean bone lengths of labelled poses: `Pavllo et al., 2019, VideoPose3D
    <https://arxiv.org/abs/1811.11742>`_.

    Args:
        joint_parents: As in :class:`BoneLoss`.
        projection_loss_weight: Factor of the projection's loss.
        bone_loss_weight: Factor of the loss of bone lengths.
        warmup_iterations: Number of calls at first that return no loss.
    """

    def __init__(
        self,
        joint_parents: Sequence[int],
        projection_loss_weight: float = 1.0,
        bone_loss_weight: float = 1.0,
        warmup_iterations: int = 0,
    ) -> None:
        super().__init__()
        self.criterion_projection = MPJPELoss(loss_weight=projection_loss_weight)
        self.criterion_bone = BoneLoss(joint_parents, loss_weight=bone_loss_weight)
        self.warmup_iterations = warmup_iterations
        self.num_iterations = 0

    @staticmethod
    def project_joints(x: Tensor, intrinsics: Tensor) -> Tensor:
        """The points (B, K, 2) at which a camera with lens distortion sees points in space.

        The ratios x / z and y / z are limited to -1..1, so that points beside or behind the
        camera keep the loss finite.

        Args:
            x: (B, K, 3) in camera space.
            intrinsics: (B, 9): focal lengths fx and fy, centre cx and cy, radial distortion k1, k2
                and k3, tangential distortion p1 and p2.
        """
        if intrinsics.shape[-1] != 9:
            raise ValueError(
                f'The intrinsics are {tuple(intrinsics.shape)}; give the 9 numbers fx, fy, cx, '
                'cy, k1, k2, k3, p1 and p2 of each sample.'
            )
        intrinsics = intrinsics.reshape(
            intrinsics.shape[:-1] + (1,) * (x.ndim - intrinsics.ndim) + (9,)
        )
        focal, center, radial, tangential = intrinsics.split([2, 2, 3, 2], dim=-1)
        depth = x[..., 2:]
        # the ratio has no gradient at depth 0, and no use for one so near to it
        points = (x[..., :2] / depth.where(depth.abs() > 1e-6, 1e-6)).clamp(-1, 1)
        r2 = points.square().sum(-1, keepdim=True)
        stretch = 1 + (radial * torch.cat([r2, r2**2, r2**3], -1)).sum(-1, keepdim=True)
        stretch = stretch + (tangential * points).sum(-1, keepdim=True)
        return focal * (points * stretch + tangential * r2) + center

    @full_precision
    def forward(self, output: Mapping, target: Mapping) -> dict[str, Tensor]:
        """The losses 'proj_loss' and 'bone_loss'; none during the warm-up.

        Args:
            output: ``labeled_pose`` (B', K, 3), ``unlabeled_pose`` (B, K, 3) relative to the root,
                and the root's position ``unlabeled_traj`` (B, 1, 3) in camera space.
            target: ``unlabeled_target_2d`` (B, K, 2) and ``intrinsics`` (B, 9).
        """
        self.num_iterations += 1
        if self.num_iterations <= self.warmup_iterations:
            return {}
        lifted = output['unlabeled_pose']
        projected = self.project_joints(lifted + output['unlabeled_traj'], target['intrinsics'])
        return dict(
            proj_loss=self.criterion_projection(projected, target['unlabeled_target_2d']),
            bone_loss=self.criterion_bone(lifted, output['labeled_pose']),
        )


def _mean_length(differences: Tensor, weights: Tensor | None) -> Tensor:
    """The mean Euclidean length of weighted vectors, which lie along the last axis."""
    return reduced(torch.linalg.vector_norm(weighted(differences, weights), dim=-1))

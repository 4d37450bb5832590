"""Models that lift tracks of keypoints to poses in space."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from .family import Family
from .samples import FRAMES, partly_labelled_tracks, tracks


def lifting(
    codec: dict, samples: Callable[[], list[dict]], meta_keys: tuple[str, ...] = (), **model: dict
) -> Family:
    """A model that lifts tracks of keypoints."""
    transforms = [
        dict(type='GenerateTarget', encoder=codec),
        dict(type='PackPoseInputs', meta_keys=('id', 'flip_indices', 'target_root', *meta_keys)),
    ]
    return Family(dict(type='PoseLifter', **model), transforms, samples)


def tcn(num_frames: int) -> dict:
    """Temporal convolutions over all frames."""
    size = 3 if num_frames > 1 else 1
    blocks = dict(num_blocks=1, kernel_sizes=(size, size), dropout=0.0)
    return dict(type='TCN', in_channels=34, stem_channels=64, **blocks)


def image_lifting() -> Family:
    """The pose of a single frame."""
    codec = dict(
        type='ImagePoseLifting', num_keypoints=17, remove_root=True,
        keypoints_mean=[[500.0, 500.0]] * 17, keypoints_std=[[250.0, 250.0]] * 17,
    )  # fmt: skip
    head = dict(type='TemporalRegressionHead', in_channels=64, num_joints=16, decoder=codec)
    head['loss'] = dict(type='MSELoss')
    return lifting(codec, partial(tracks, 1), backbone=tcn(1), head=head)


def video_lifting(semi: bool = False) -> Family:
    """The pose in the middle of a track; with ``semi``, half of the samples have none."""
    codec = dict(type='VideoPoseLifting', num_keypoints=17, normalize_camera=semi)
    head = dict(
        type='TemporalRegressionHead', in_channels=64, num_joints=17,
        loss=dict(type='MPJPELoss'), decoder=codec,
    )  # fmt: skip
    if not semi:
        return lifting(codec, tracks, backbone=tcn(FRAMES), head=head)
    trajectory = dict(head, type='TrajectoryRegressionHead', num_joints=1)
    trajectory['loss'] = dict(type='MPJPELoss', use_target_weight=True)
    parents = [0, 0, 1, 2, 0, 4, 5, 0, 7, 8, 9, 8, 11, 12, 8, 14, 15]
    return lifting(
        codec, partly_labelled_tracks, ('camera_param',), backbone=tcn(FRAMES), head=head,
        traj_backbone=tcn(FRAMES), traj_head=trajectory,
        semi_loss=dict(type='SemiSupervisionLoss', joint_parents=parents, warmup_iterations=0),
    )  # fmt: skip


def motionbert() -> Family:
    """The poses of all frames."""
    codec = dict(type='MotionBERTLabel', num_keypoints=17, concat_vis=True, rootrel=True)
    head = dict(
        type='MotionRegressionHead', in_channels=32, out_channels=3, embedding_size=32,
        loss=dict(type='MPJPEVelocityJointLoss'), decoder=codec,
    )  # fmt: skip
    backbone = dict(
        type='DSTFormer', in_channels=3, feat_size=32, depth=2, num_heads=4, mlp_ratio=2,
        seq_len=FRAMES,
    )  # fmt: skip
    samples = partial(tracks, FRAMES, FRAMES)
    return lifting(dict(codec, mode='train'), samples, ('factor',), backbone=backbone, head=head)


FAMILIES = {
    'lifting, image': image_lifting(),
    'lifting, video': video_lifting(),
    'lifting, semi-supervised': video_lifting(semi=True),
    'lifting, MotionBERT': motionbert(),
}

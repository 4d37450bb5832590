"""Poses in space from tracks of keypoints."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from mmengine.structures import InstanceData
from torch import nn

from mmpose.structures import PoseDataSample
from mmpose.structures.keypoint.conversion import (
    convert_keypoint_definition as convert_keypoint_definition,
)

from .lifting import (
    LiftingWindow,
    frames_before,
    lift_tracks,
    lifting_pipeline,
    nearest,
    normalized_to_training_boxes,
)

Frames = Sequence[Sequence[PoseDataSample]]


def extract_pose_sequence(
    pose_results: Frames, frame_idx: int, causal: bool, seq_len: int, step: int = 1
) -> list[Sequence[PoseDataSample]]:
    """The poses of ``seq_len`` frames around a frame, or up to it.

    At the ends of the video the first or last frame is repeated.

    Args:
        pose_results: The samples of each frame of a video.
        frame_idx: The frame.
        causal: Whether it is the last of the sequence; otherwise it is the middle one, the later
            of two.
        seq_len: T, the number of frames.
        step: Distance of two frames of the sequence.

    Raises:
        IndexError: There is no such frame.
        ValueError: ``seq_len`` or ``step`` is not positive.
    """
    if seq_len < 1 or step < 1:
        raise ValueError(f'seq_len is {seq_len} and step {step}; both have to be at least 1.')
    last = len(pose_results) - 1
    if not 0 <= frame_idx <= last:
        raise IndexError(f'frame_idx is {frame_idx}, but the video has {last + 1} frames.')
    window = LiftingWindow(seq_len, frames_before(seq_len, causal), step)
    return [pose_results[i] for i in np.clip(frame_idx + window.offsets, 0, last)]


def collate_pose_sequence(
    pose_results_2d: Frames, with_track_id: bool = True, target_frame: int = -1
) -> list[PoseDataSample]:
    """The track of each instance of a frame, one sample for each.

    Their ``pred_instances`` have ``keypoints`` (1, T, K, D), and everything else as it is in the
    target frame, such as ``bboxes``. Where a track is missing, the keypoints are those of the
    nearest frame in which it is there, the earlier of two.

    Args:
        pose_results_2d: The samples of T frames, of one instance each.
        with_track_id: Whether instances belong together by their ``track_id``; otherwise they do
            by their place, and all frames have as many.
        target_frame: The frame.

    Raises:
        IndexError: There is no such frame.
        ValueError: A sample has no ``track_id``, or other than one instance; or the frames have
            different numbers of instances.
    """
    frames = [_by_track(samples, with_track_id) for samples in pose_results_2d]
    if not -len(frames) <= target_frame < len(frames):
        raise IndexError(f'target_frame is {target_frame}, but there are {len(frames)} frames.')
    if not with_track_id and len(counts := {len(frame) for frame in frames}) > 1:
        raise ValueError(
            f'The frames have {sorted(counts)} instances; without track_id all need the same '
            'number. Set track_id on the samples.'
        )
    indices = np.arange(len(frames))
    collated = []
    for track_id, sample in frames[target_frame].items():
        known = [i for i in indices if track_id in frames[i]]
        poses = np.stack([frames[i][track_id].pred_instances.keypoints[0] for i in known])
        fields = dict(sample.pred_instances.items())
        fields['keypoints'] = poses[nearest(np.array(known), indices)][None]
        track = PoseDataSample(metainfo=sample.metainfo, pred_instances=InstanceData(**fields))
        if 'gt_instances' in sample:
            track.gt_instances = sample.gt_instances
        if with_track_id and 'track_id' not in track:
            track.track_id = track_id
        collated.append(track)
    return collated


def inference_pose_lifter_model(
    model: nn.Module,
    pose_results_2d: Frames,
    with_track_id: bool = True,
    image_size: tuple[int, int] | None = None,
    norm_pose_2d: bool = False,
) -> list[PoseDataSample]:
    """The poses in space of the people in a frame, one sample for each.

    The frame is the last for a model that sees no later ones, else the middle one. The samples
    have ``track_id``, and ``pred_instances`` with ``keypoints`` (1, K, 3) in the space of the
    model, or (1, T, K, 3) of a model that lifts all frames, such as MotionBERT.

    Args:
        model: A lifting model from :func:`~mmpose.apis.init_model`.
        pose_results_2d: The samples of T frames, from :func:`extract_pose_sequence`, with the
            skeleton of the model: see :func:`convert_keypoint_definition`.
        with_track_id: See :func:`collate_pose_sequence`.
        image_size: (w, h) of the picture, which most models need.
        norm_pose_2d: Whether to move and scale people to the mean box of the training set, the
            ``stats_info`` of its definition, else that of Human3.6M: (528, 427), 400 pixels. Give
            the size of training pictures as ``image_size`` then, (1000, 1002) of Human3.6M.

    Raises:
        ValueError: The samples are malformed (see :func:`collate_pose_sequence`), or the model
            needs ``image_size``.
    """
    target = -1 if model.causal else len(pose_results_2d) // 2
    if norm_pose_2d:
        pose_results_2d = [
            [_normalized(sample, model.dataset_meta) for sample in samples]
            for samples in pose_results_2d
        ]
    collated = collate_pose_sequence(pose_results_2d, with_track_id, target)
    tracks = [sample.pred_instances.keypoints[0, ..., :2] for sample in collated]
    lifted = lift_tracks(model, lifting_pipeline(model), tracks, image_size)
    for sample, result in zip(collated, lifted, strict=True):
        if 'track_id' in sample:
            result.track_id = sample.track_id
    return lifted


def _by_track(samples: Sequence[PoseDataSample], with_track_id: bool) -> dict[int, PoseDataSample]:
    """The samples of a frame by their track, or by their place."""
    tracks: dict[int, PoseDataSample] = {}
    for i, sample in enumerate(samples):
        if (count := len(sample.pred_instances)) != 1:
            raise ValueError(
                f'A sample has {count} instances; one was expected. Take samples of several apart.'
            )
        if with_track_id and 'track_id' not in sample:
            raise ValueError(
                'A sample has no track_id; set it, as `_track_by_iou` finds it, or give '
                'with_track_id=False.'
            )
        tracks[int(sample.track_id) if with_track_id else i] = sample
    return tracks


def _normalized(sample: PoseDataSample, dataset_meta: dict | None) -> PoseDataSample:
    """A copy with the keypoints in the mean box of the training set."""
    instances = sample.pred_instances
    fields = dict(instances.items())
    fields['keypoints'] = normalized_to_training_boxes(
        instances.keypoints, instances.bboxes, dataset_meta
    )
    moved = sample.new()
    moved.pred_instances = InstanceData(**fields)
    return moved

"""Predictions in the form in which PoseTrack's benchmark takes them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from .posetrack18_ground_truth import folder_of, video_of


def results_by_video(
    images: Sequence[dict], keypoints: dict[Any, list[dict]], names: Sequence[str]
) -> dict[str, dict]:
    """The contents of a file for each video, by the name of the folder that has its frames.

    Args:
        images: Image entries of the annotation file, by video and time. All are listed, for the
            benchmark wants to know of frames without predictions.
        keypoints: By image id, poses with ``keypoints`` (K, 3) x, y, score, and where they are
            tracked ``track_id``; else they are numbered in each frame.
        names: Those of the K keypoints.

    Raises:
        ValueError: Two videos have folders of one name.
    """
    videos = {}
    for video, frames in groupby(images, key=video_of):
        frames = list(frames)
        name = PurePosixPath(folder_of(frames[0])).name or video
        if name in videos:
            raise ValueError(
                f'Two videos have a folder named {name!r} in `ann_file`, and their results would '
                'be one file; evaluate them apart.'
            )
        videos[name] = dict(
            images=[
                {key: frame[key] for key in ('file_name', 'id', 'frame_id') if key in frame}
                for frame in frames
            ],
            annotations=[
                _annotation(frame['id'], number, pose)
                for frame in frames
                for number, pose in enumerate(keypoints.get(frame['id'], ()))
            ],
            categories=[dict(id=1, name='person', keypoints=list(names))],
        )
    return videos


def _annotation(image_id: Any, number: int, pose: dict) -> dict:
    """The entry of a pose; ``number`` stands in for an absent track id."""
    keypoints = np.asarray(pose['keypoints'], float)
    return dict(
        image_id=image_id,
        track_id=int(pose.get('track_id', number)),
        keypoints=keypoints.ravel().tolist(),
        scores=keypoints[:, 2].tolist(),
    )

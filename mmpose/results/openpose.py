"""Results in OpenPose's format."""

from __future__ import annotations

import json
from collections.abc import Sequence
from os import PathLike
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from mmpose.utils.checks import check_choice

from .numbers import shortest

if TYPE_CHECKING:
    from .pose_result import PoseResult

_SIDES = ('right', 'left')
_ARMS = [f'{side}_{joint}' for side in _SIDES for joint in ('shoulder', 'elbow', 'wrist')]
_LEGS = [f'{side}_{joint}' for side in _SIDES for joint in ('hip', 'knee', 'ankle')]
_HEAD = [f'{side}_{organ}' for organ in ('eye', 'ear') for side in _SIDES]
_FEET = [f'{side}_{toe}' for side in ('left', 'right') for toe in ('big_toe', 'small_toe', 'heel')]
_BODIES = dict(
    BODY_25=['nose', 'neck', *_ARMS, 'mid_hip', *_LEGS, *_HEAD, *_FEET],
    BODY_18=['nose', 'neck', *_ARMS, *_LEGS, *_HEAD],
)
# of the 70 points the last two are the pupils, which COCO labels as the eyes of the body
_FACE = [*(f'face-{i}' for i in range(68)), 'right_eye', 'left_eye']
_FINGERS = ('thumb', 'forefinger', 'middle_finger', 'ring_finger', 'pinky_finger')
_HANDS = {
    side: [
        f'{side}_hand_root',
        *(f'{side}_{finger}{joint}' for finger in _FINGERS for joint in range(1, 5)),
    ]
    for side in _SIDES
}
# what else a definition may call them, and the keypoints whose middle they are otherwise
_OTHERWISE = dict(
    neck=((), ('left_shoulder', 'right_shoulder')),
    mid_hip=(('hip', 'pelvis'), ('left_hip', 'right_hip')),
    left_hand_root=(('left_wrist',), ()),
    right_hand_root=(('right_wrist',), ()),
)
_FIELDS_3D = [f'{part}_keypoints_3d' for part in ('pose', 'face', 'hand_left', 'hand_right')]


def openpose_content(result: PoseResult, body: str) -> dict[str, Any]:
    """See :meth:`PoseResult.to_openpose`."""
    check_choice('body', body, tuple(_BODIES))
    points = _points(result)
    fields = dict(
        pose_keypoints_2d=_BODIES[body],
        face_keypoints_2d=_FACE if 'face-0' in points else (),
        hand_left_keypoints_2d=_HANDS['left'] if 'left_thumb1' in points else (),
        hand_right_keypoints_2d=_HANDS['right'] if 'right_thumb1' in points else (),
    )
    if not any(name in points for names in fields.values() for name in names):
        raise ValueError(
            f'None of the keypoints ({", ".join(result.names[:5])} ...) is one of OpenPose, which '
            f'knows {", ".join(_BODIES[body][:5])} ...; only people can be written so.'
        )
    columns = {field: _rows(points, names, len(result)) for field, names in fields.items()}
    track_ids = [-1] * len(result) if result.track_ids is None else result.track_ids.tolist()
    people = [
        dict(
            person_id=[track_id],
            **{field: rows[i] for field, rows in columns.items()},
            **{field: [] for field in _FIELDS_3D},
        )
        for i, track_id in enumerate(track_ids)
    ]
    return dict(version=1.3, people=people)


def _points(result: PoseResult) -> dict[str, np.ndarray]:
    """By name (N, 3) x, y, confidence; 0 where it is missing."""
    there = np.isfinite(result.keypoints).all(axis=2, keepdims=True)
    triples = np.dstack([result.keypoints[..., :2], result.keypoint_conf])
    triples = np.where(there, triples, np.float32(0))
    points = dict(zip(result.names, triples.swapaxes(0, 1), strict=True))
    for name, (aliases, pair) in _OTHERWISE.items():
        if name in points:
            continue
        if alias := next((alias for alias in aliases if alias in points), None):
            points[name] = points[alias]
        elif pair and set(pair) <= points.keys():
            points[name] = _middle(*(points[end] for end in pair))
    return points


def _middle(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """(N, 3) as sure as the less sure one; 0 where either is missing."""
    middle = (one + other) / 2
    middle[:, 2] = np.minimum(one[:, 2], other[:, 2])
    missing = ~one.any(axis=1) | ~other.any(axis=1)
    middle[missing] = 0
    return middle


def _rows(points: dict[str, np.ndarray], names: Sequence[str], N: int) -> list[list[float]]:
    absent = np.zeros((N, 3), np.float32)
    stacked = [points.get(name, absent) for name in names]
    return shortest(np.hstack(stacked)).tolist() if stacked else [[] for _ in range(N)]


def openpose_file_name(result: PoseResult, position: int = 0) -> str:
    """What OpenPose calls the file of a picture or a frame.

    Args:
        result: Of the picture or the frame.
        position: Its number among the pictures, for one without a name.
    """
    stem = PurePath(result.source or f'{position:012d}').stem
    frame = '' if result.frame_index is None else f'_{result.frame_index:012d}'
    return f'{stem}{frame}_keypoints.json'


def write_openpose(content: dict[str, Any], folder: str | PathLike, name: str) -> None:
    """Write a file into a folder, which is made if it is not there."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    Path(folder, name).write_text(json.dumps(content))

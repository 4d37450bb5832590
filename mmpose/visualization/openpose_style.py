"""The OpenPose way to show a pose: other keypoints, other colours, limbs as ellipses."""

from __future__ import annotations

import numpy as np

from mmpose.structures.metainfo import parse_pose_metainfo

LIMB_ALPHA = 0.6  # OpenPose paints limbs over what is there, so that crossing limbs show
_NECK, _SHOULDERS = 'neck', ('left_shoulder', 'right_shoulder')


def openpose_definition(metainfo: dict) -> dict:
    """The OpenPose counterpart of a parsed skeleton definition.

    Data sets that have one (COCO, COCO-WholeBody) keep it beside their own definition, as
    ``configs/_base_/datasets/<dataset_name>_openpose.py``. For any other data set its own
    definition comes back: its limbs are then drawn as ellipses in its own colours.

    Args:
        metainfo: As :func:`mmpose.structures.metainfo.parse_pose_metainfo` makes it.
    """
    path = f'configs/_base_/datasets/{metainfo["dataset_name"]}_openpose.py'
    try:
        return parse_pose_metainfo(dict(from_file=path))
    except FileNotFoundError:
        return metainfo


def to_openpose(
    keypoints: np.ndarray, visible: np.ndarray, metainfo: dict, openpose: dict
) -> tuple[np.ndarray, np.ndarray]:
    """Keypoints in the order of an OpenPose definition.

    They are matched by name; a neck that the data set lacks is the middle of the shoulders, as
    visible as the less visible one.

    Args:
        keypoints: (N, K, 2) pixels.
        visible: (N, K).
        metainfo: The definition with K keypoints.
        openpose: The definition with K' keypoints.

    Returns:
        (N, K', 2) keypoints and their (N, K') visibility.
    """
    index = dict(metainfo['keypoint_name2id'])
    if _NECK in openpose['keypoint_name2id'] and _NECK not in index:
        shoulders = [index[name] for name in _SHOULDERS]
        index[_NECK] = keypoints.shape[1]
        neck = keypoints[:, shoulders].mean(axis=1, keepdims=True)
        keypoints = np.concatenate([keypoints, neck], axis=1)
        neck_visible = visible[:, shoulders].min(axis=1, keepdims=True)
        visible = np.concatenate([visible, neck_visible], axis=1)
    order = [index[name] for name in openpose['keypoint_name2id']]
    return keypoints[:, order], visible[:, order]


def limb_polygon(ends: np.ndarray, half_width: float) -> np.ndarray:
    """The ellipse between two keypoints, as (M, 2) corners in pixels.

    Args:
        ends: (2, 2) pixels, (x, y) of both keypoints.
        half_width: Half the width of the limb, in pixels; a short limb is made slimmer.
    """
    along = ends[1] - ends[0]
    length = float(np.hypot(*along))
    axes = np.array([length / 2, min(half_width, length / 4)])
    turn = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    direction = along / max(length, 1e-6)
    rotation = np.array([[direction[0], -direction[1]], [direction[1], direction[0]]])
    return ends.mean(axis=0) + (np.stack([np.cos(turn), np.sin(turn)], axis=-1) * axes) @ rotation.T

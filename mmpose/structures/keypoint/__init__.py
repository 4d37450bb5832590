"""Keypoints: flips, clips and the sides that their names tell."""

from .sides import mirrors_by_name, side_of
from .transforms import flip_keypoints, flip_keypoints_custom_center, keypoint_clip_border

__all__ = [
    'flip_keypoints',
    'flip_keypoints_custom_center',
    'keypoint_clip_border',
    'mirrors_by_name',
    'side_of',
]

"""Keypoints: flips, clips, the sides that their names tell, and the parts of whole bodies."""

from .sides import mirrors_by_name, side_of
from .transforms import flip_keypoints, flip_keypoints_custom_center, keypoint_clip_border
from .whole_body import WHOLEBODY_FIELDS

__all__ = [
    'WHOLEBODY_FIELDS',
    'flip_keypoints',
    'flip_keypoints_custom_center',
    'keypoint_clip_border',
    'mirrors_by_name',
    'side_of',
]

"""The public path of the skeleton parser."""

from mmpose.structures.metainfo import parse_pose_metainfo

__all__ = ['parse_pose_metainfo']

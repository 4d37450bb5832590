"""Samples and configs for tests, of this package and of packages built on it."""

from ._utils import (
    get_coco_sample,
    get_config_file,
    get_packed_inputs,
    get_pose_estimator_cfg,
    get_repo_dir,
)

__all__ = [
    'get_coco_sample',
    'get_config_file',
    'get_packed_inputs',
    'get_pose_estimator_cfg',
    'get_repo_dir',
]

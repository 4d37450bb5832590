from importlib import import_module
from typing import TYPE_CHECKING, Any

from .inference import (
    collect_multi_frames,
    dataset_meta_from_config,
    inference_bottomup,
    inference_topdown,
    init_model,
)
from .inference_3d import (
    collate_pose_sequence,
    convert_keypoint_definition,
    extract_pose_sequence,
    inference_pose_lifter_model,
)
from .inference_tracking import _compute_iou, _track_by_iou, _track_by_oks
from .visualization import visualize

if TYPE_CHECKING:
    from .inferencers import (
        Hand3DInferencer,
        MMPoseInferencer,
        Pose2DInferencer,
        Pose3DInferencer,
        get_model_aliases,
    )

__all__ = [
    'Hand3DInferencer',
    'MMPoseInferencer',
    'Pose2DInferencer',
    'Pose3DInferencer',
    '_compute_iou',
    '_track_by_iou',
    '_track_by_oks',
    'collate_pose_sequence',
    'collect_multi_frames',
    'convert_keypoint_definition',
    'dataset_meta_from_config',
    'extract_pose_sequence',
    'get_model_aliases',
    'inference_bottomup',
    'inference_pose_lifter_model',
    'inference_topdown',
    'init_model',
    'visualize',
]


_LAZY = (
    'Hand3DInferencer',
    'MMPoseInferencer',
    'Pose2DInferencer',
    'Pose3DInferencer',
    'get_model_aliases',
    'inferencers',
)


def __getattr__(name: str) -> Any:
    # MMEngine's base of inferencers imports all of its runner, which takes most of a second.
    if name in _LAZY:
        inferencers = import_module(f'{__name__}.inferencers')
        return inferencers if name == 'inferencers' else getattr(inferencers, name)
    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .inference import (
    collect_multi_frames,
    dataset_meta_from_config,
    inference_bottomup,
    inference_topdown,
    init_model,
)
from .inference_tracking import _compute_iou, _track_by_iou, _track_by_oks
from .visualization import visualize

if TYPE_CHECKING:
    from .inferencers import MMPoseInferencer, Pose2DInferencer, get_model_aliases

__all__ = [
    'MMPoseInferencer',
    'Pose2DInferencer',
    '_compute_iou',
    '_track_by_iou',
    '_track_by_oks',
    'collect_multi_frames',
    'dataset_meta_from_config',
    'get_model_aliases',
    'inference_bottomup',
    'inference_topdown',
    'init_model',
    'visualize',
]


def __getattr__(name: str) -> Any:
    # MMEngine's base of inferencers imports all of its runner, which takes most of a second.
    if name in ('inferencers', 'MMPoseInferencer', 'Pose2DInferencer', 'get_model_aliases'):
        inferencers = import_module(f'{__name__}.inferencers')
        return inferencers if name == 'inferencers' else getattr(inferencers, name)
    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')

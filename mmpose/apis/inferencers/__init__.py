from .hand3d_inferencer import Hand3DInferencer
from .mmpose_inferencer import MMPoseInferencer
from .pose2d_inferencer import Pose2DInferencer
from .pose3d_inferencer import Pose3DInferencer
from .utils import get_model_aliases

__all__ = [
    'Hand3DInferencer',
    'MMPoseInferencer',
    'Pose2DInferencer',
    'Pose3DInferencer',
    'get_model_aliases',
]

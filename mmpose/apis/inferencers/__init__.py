from .mmpose_inferencer import MMPoseInferencer
from .pose2d_inferencer import Pose2DInferencer
from .utils import get_model_aliases

__all__ = ['MMPoseInferencer', 'Pose2DInferencer', 'get_model_aliases']

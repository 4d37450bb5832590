from .badcase_hook import BadCaseAnalysisHook
from .checkpoint_hook import CheckpointHook
from .early_stopping_hook import EarlyStoppingHook
from .ema_hook import ExpMomentumEMA
from .invalid_loss_hook import InvalidLossHook
from .mode_switch_hooks import RTMOModeSwitchHook, YOLOXPoseModeSwitchHook
from .pipeline_switch_hook import PipelineSwitchHook
from .sync_norm_hook import SyncNormHook
from .visualization_hook import PoseVisualizationHook

__all__ = [
    'BadCaseAnalysisHook',
    'CheckpointHook',
    'EarlyStoppingHook',
    'ExpMomentumEMA',
    'InvalidLossHook',
    'PipelineSwitchHook',
    'PoseVisualizationHook',
    'RTMOModeSwitchHook',
    'SyncNormHook',
    'YOLOXPoseModeSwitchHook',
]

from .badcase_hook import BadCaseAnalysisHook
from .ema_hook import ExpMomentumEMA
from .invalid_loss_hook import InvalidLossHook
from .visualization_hook import PoseVisualizationHook

__all__ = ['BadCaseAnalysisHook', 'ExpMomentumEMA', 'InvalidLossHook', 'PoseVisualizationHook']

from .badcase_hook import BadCaseAnalysisHook
from .invalid_loss_hook import InvalidLossHook
from .visualization_hook import PoseVisualizationHook

__all__ = ['BadCaseAnalysisHook', 'InvalidLossHook', 'PoseVisualizationHook']

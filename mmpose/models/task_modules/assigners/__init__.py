from .metric_calculators import BBoxOverlaps2D, PoseOKS
from .sim_ota_assigner import SimOTAAssigner

__all__ = ['BBoxOverlaps2D', 'PoseOKS', 'SimOTAAssigner']

from .assigners import BBoxOverlaps2D, PoseOKS, SimOTAAssigner
from .prior_generators import MlvlPointGenerator

__all__ = ['BBoxOverlaps2D', 'MlvlPointGenerator', 'PoseOKS', 'SimOTAAssigner']

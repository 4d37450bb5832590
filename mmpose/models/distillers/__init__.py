from .dwpose_distiller import DWPoseDistiller

__all__ = ['DWPoseDistiller']

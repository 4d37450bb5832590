"""Metrics, by the names that configs give them."""

from .base_keypoint_metric import BaseKeypointMetric
from .coco_metric import CocoMetric
from .keypoint_2d_metrics import AUC, EPE, NME, JhmdbPCKAccuracy, MpiiPCKAccuracy, PCKAccuracy
from .keypoint_3d_metrics import MPJPE
from .simple_keypoint_3d_metrics import SimpleMPJPE

__all__ = [
    'AUC',
    'EPE',
    'MPJPE',
    'NME',
    'BaseKeypointMetric',
    'CocoMetric',
    'JhmdbPCKAccuracy',
    'MpiiPCKAccuracy',
    'PCKAccuracy',
    'SimpleMPJPE',
]

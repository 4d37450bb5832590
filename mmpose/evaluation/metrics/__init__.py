"""Metrics, by the names that configs give them."""

from .base_keypoint_metric import BaseKeypointMetric
from .coco_metric import CocoMetric
from .keypoint_2d_metrics import AUC, EPE, NME, JhmdbPCKAccuracy, MpiiPCKAccuracy, PCKAccuracy

__all__ = [
    'AUC',
    'EPE',
    'NME',
    'BaseKeypointMetric',
    'CocoMetric',
    'JhmdbPCKAccuracy',
    'MpiiPCKAccuracy',
    'PCKAccuracy',
]

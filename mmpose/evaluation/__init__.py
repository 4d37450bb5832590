"""Metrics, and the functions that they compute with."""

from .functional import (
    keypoint_auc,
    keypoint_epe,
    keypoint_mpjpe,
    keypoint_nme,
    keypoint_pck_accuracy,
    multilabel_classification_accuracy,
    nearby_joints_nms,
    nms,
    nms_torch,
    oks_nms,
    pose_pck_accuracy,
    simcc_pck_accuracy,
    soft_oks_nms,
    transform_ann,
    transform_pred,
    transform_sigmas,
)
from .metrics import CocoMetric

__all__ = [
    'CocoMetric',
    'keypoint_auc',
    'keypoint_epe',
    'keypoint_mpjpe',
    'keypoint_nme',
    'keypoint_pck_accuracy',
    'multilabel_classification_accuracy',
    'nearby_joints_nms',
    'nms',
    'nms_torch',
    'oks_nms',
    'pose_pck_accuracy',
    'simcc_pck_accuracy',
    'soft_oks_nms',
    'transform_ann',
    'transform_pred',
    'transform_sigmas',
]

"""Functions that compare predictions with annotations."""

from .average_precision import coco_stats, crowd_stats, precision_recall
from .keypoint_eval import (
    keypoint_auc,
    keypoint_epe,
    keypoint_mpjpe,
    keypoint_nme,
    keypoint_pck_accuracy,
    multilabel_classification_accuracy,
    pose_pck_accuracy,
    simcc_pck_accuracy,
)
from .mesh_eval import compute_similarity_transform
from .nms import (
    grouped_oks_nms,
    nearby_joints_nms,
    nms,
    nms_torch,
    oks_iou,
    oks_nms,
    soft_oks_nms,
)
from .oks import (
    KeypointDetections,
    KeypointGroundTruth,
    OksMatches,
    match_by_oks,
    oks_of_pairs,
)
from .transforms import transform_ann, transform_pred, transform_sigmas

__all__ = [
    'KeypointDetections',
    'KeypointGroundTruth',
    'OksMatches',
    'coco_stats',
    'compute_similarity_transform',
    'crowd_stats',
    'grouped_oks_nms',
    'keypoint_auc',
    'keypoint_epe',
    'keypoint_mpjpe',
    'keypoint_nme',
    'keypoint_pck_accuracy',
    'match_by_oks',
    'multilabel_classification_accuracy',
    'nearby_joints_nms',
    'nms',
    'nms_torch',
    'oks_iou',
    'oks_nms',
    'oks_of_pairs',
    'pose_pck_accuracy',
    'precision_recall',
    'simcc_pck_accuracy',
    'soft_oks_nms',
    'transform_ann',
    'transform_pred',
    'transform_sigmas',
]

from .ae_loss import AssociativeEmbeddingLoss
from .bbox_loss import IoULoss
from .classification_loss import BCELoss, InfoNCELoss, VariFocalLoss
from .distribution_loss import JSDiscretLoss, KLDiscretLoss, MLECCLoss
from .fea_dis_loss import FeaLoss
from .heatmap_loss import (
    AdaptiveWingLoss,
    CombinedTargetMSELoss,
    FocalHeatmapLoss,
    KeypointMSELoss,
    KeypointOHKMMSELoss,
)
from .logit_dis_loss import KDLoss
from .loss_wrappers import CombinedLoss, MultipleLossWrapper
from .oks_loss import OKSLoss
from .pose_3d_loss import BoneLoss, MPJPELoss, MPJPEVelocityJointLoss, SemiSupervisionLoss
from .regression_loss import (
    L1Loss,
    MSELoss,
    SmoothL1Loss,
    SoftWeightSmoothL1Loss,
    SoftWingLoss,
    WingLoss,
)
from .rle_loss import RLELoss

__all__ = [
    'AdaptiveWingLoss',
    'AssociativeEmbeddingLoss',
    'BCELoss',
    'BoneLoss',
    'CombinedLoss',
    'CombinedTargetMSELoss',
    'FeaLoss',
    'FocalHeatmapLoss',
    'InfoNCELoss',
    'IoULoss',
    'JSDiscretLoss',
    'KDLoss',
    'KLDiscretLoss',
    'KeypointMSELoss',
    'KeypointOHKMMSELoss',
    'L1Loss',
    'MLECCLoss',
    'MPJPELoss',
    'MPJPEVelocityJointLoss',
    'MSELoss',
    'MultipleLossWrapper',
    'OKSLoss',
    'RLELoss',
    'SemiSupervisionLoss',
    'SmoothL1Loss',
    'SoftWeightSmoothL1Loss',
    'SoftWingLoss',
    'VariFocalLoss',
    'WingLoss',
]

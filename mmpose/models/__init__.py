from . import (
    backbones,
    data_preprocessors,
    detectors,
    distillers,
    heads,
    losses,
    necks,
    pose_estimators,
)
from .backbones import *  # noqa: F403
from .builder import (
    BACKBONES,
    HEADS,
    LOSSES,
    NECKS,
    POSE_ESTIMATORS,
    build_backbone,
    build_head,
    build_loss,
    build_neck,
    build_pose_estimator,
    build_posenet,
)
from .data_preprocessors import *  # noqa: F403
from .detectors import *  # noqa: F403
from .distillers import *  # noqa: F403
from .heads import *  # noqa: F403
from .losses import *  # noqa: F403
from .necks import *  # noqa: F403
from .pose_estimators import *  # noqa: F403

__all__ = [
    'BACKBONES',
    'HEADS',
    'LOSSES',
    'NECKS',
    'POSE_ESTIMATORS',
    'build_backbone',
    'build_head',
    'build_loss',
    'build_neck',
    'build_pose_estimator',
    'build_posenet',
    *backbones.__all__,
    *data_preprocessors.__all__,
    *detectors.__all__,
    *distillers.__all__,
    *heads.__all__,
    *losses.__all__,
    *necks.__all__,
    *pose_estimators.__all__,
]

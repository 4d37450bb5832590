"""Other names of the model registry, and functions that build from it."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from torch import nn

from mmpose.registry import MODELS

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType

BACKBONES = MODELS
NECKS = MODELS
HEADS = MODELS
LOSSES = MODELS
POSE_ESTIMATORS = MODELS


def build_backbone(cfg: ConfigType) -> nn.Module:
    """The backbone that ``cfg`` describes."""
    return BACKBONES.build(cfg)


def build_neck(cfg: ConfigType) -> nn.Module:
    """The neck that ``cfg`` describes."""
    return NECKS.build(cfg)


def build_head(cfg: ConfigType) -> nn.Module:
    """The head that ``cfg`` describes."""
    return HEADS.build(cfg)


def build_loss(cfg: ConfigType) -> nn.Module:
    """The loss that ``cfg`` describes."""
    return LOSSES.build(cfg)


def build_pose_estimator(cfg: ConfigType) -> nn.Module:
    """The pose estimator that ``cfg`` describes."""
    return POSE_ESTIMATORS.build(cfg)


def build_posenet(cfg: ConfigType) -> nn.Module:
    """The pose estimator that ``cfg`` describes; :func:`build_pose_estimator` by its old name."""
    warnings.warn(
        '`build_posenet` is deprecated; call `build_pose_estimator`.',
        DeprecationWarning,
        stacklevel=2,
    )
    return build_pose_estimator(cfg)

"""Training: the runner, hooks around its steps, optimizer wrappers and schedulers."""

from . import hooks, optim_wrappers, schedulers
from .flexible_runner import FlexibleRunner
from .hooks import InvalidLossHook
from .optim_wrappers import AmpOptimWrapper
from .runner import PoseRunner

__all__ = [
    'AmpOptimWrapper',
    'FlexibleRunner',
    'InvalidLossHook',
    'PoseRunner',
    'hooks',
    'optim_wrappers',
    'schedulers',
]

"""Training: the runner, hooks around its steps, optimizer wrappers and schedulers."""

from .hooks.invalid_loss_hook import InvalidLossHook
from .optim_wrappers.amp_optim_wrapper import AmpOptimWrapper
from .runner import PoseRunner

__all__ = ['AmpOptimWrapper', 'InvalidLossHook', 'PoseRunner']

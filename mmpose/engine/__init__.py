"""Training: the runner, hooks around its steps, optimizer wrappers and schedulers."""

from .hooks.invalid_loss_hook import InvalidLossHook
from .runner import PoseRunner

__all__ = ['InvalidLossHook', 'PoseRunner']

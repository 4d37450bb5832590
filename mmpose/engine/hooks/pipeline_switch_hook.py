"""Another pipeline for the last epochs of a training."""

from __future__ import annotations

from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmpose.registry import HOOKS

from .train_data import Pipeline, exchange_data, require_epochs, require_exchangeable


@HOOKS.register_module()
class PipelineSwitchHook(Hook):
    """Exchanges the pipeline of the training data from an epoch on.

    So the last epochs can do with weaker augmentation. A training that is resumed later has the new
    pipeline from the start.

    Args:
        switch_epoch: The first epoch with the new pipeline, counted from 0.
        switch_pipeline: Its transforms.

    Raises:
        ValueError: ``switch_epoch`` is negative.
    """

    def __init__(self, switch_epoch: int, switch_pipeline: Pipeline) -> None:
        if switch_epoch < 0:
            raise ValueError(f'switch_epoch is {switch_epoch}; expected 0 or more.')
        self.switch_epoch = switch_epoch
        self.switch_pipeline = switch_pipeline
        self._has_switched = False

    def before_train(self, runner: Runner) -> None:
        """Check that the pipeline can be built and its epoch can come."""
        require_epochs(self, runner)
        require_exchangeable(runner, pipeline=self.switch_pipeline)

    def before_train_epoch(self, runner: Runner) -> None:
        """Exchange the pipeline if it is time."""
        if not self._has_switched and runner.epoch >= self.switch_epoch:
            exchange_data(runner, pipeline=self.switch_pipeline)
            self._has_switched = True

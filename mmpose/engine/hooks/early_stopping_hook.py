"""Early stopping that a resumed training goes on with."""

from __future__ import annotations

from mmengine.hooks import EarlyStoppingHook as _EarlyStoppingHook
from mmengine.runner import Runner

from mmpose.registry import HOOKS

_KEY = 'early_stopping'


@HOOKS.register_module()
class EarlyStoppingHook(_EarlyStoppingHook):
    """MMEngine's hook, whose best score and patience are kept in checkpoints.

    Without that a training that is resumed would wait for the whole ``patience`` again.
    """

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Add the best score and how long it has not been beaten."""
        checkpoint[_KEY] = dict(best_score=float(self.best_score), wait_count=self.wait_count)

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Take them from a checkpoint that has them, if the training is resumed from it."""
        if runner._resume and (saved := checkpoint.get(_KEY)):
            self.best_score = saved['best_score']
            self.wait_count = saved['wait_count']

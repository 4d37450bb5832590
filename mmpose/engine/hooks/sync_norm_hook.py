"""The same normalisation in all processes before a validation."""

from __future__ import annotations

from collections.abc import Iterator

from mmengine.dist import all_reduce_params, get_world_size
from mmengine.hooks import EMAHook, Hook
from mmengine.runner import Runner
from torch import Tensor, nn

from mmpose.registry import HOOKS

_STATISTICS = ('running_mean', 'running_var')


@HOOKS.register_module()
class SyncNormHook(Hook):
    """Averages the statistics of batch normalisation over the processes before a validation.

    Each process gathers those of its own samples; afterwards all evaluate, and the first saves, one
    and the same model. Where an ``EMAHook`` averages the weights, that model's statistics are
    averaged too. Layers that keep no statistics are passed over.
    """

    def before_val_epoch(self, runner: Runner) -> None:
        """Average the statistics, if there are several processes."""
        if get_world_size() == 1:
            return
        averages = [hook.ema_model for hook in runner.hooks if isinstance(hook, EMAHook)]
        # in the order of the layers, which is that of all processes
        all_reduce_params(
            [values for model in (runner.model, *averages) for values in _statistics(model)],
            op='mean',
        )


def _statistics(model: nn.Module) -> Iterator[Tensor]:
    for name, values in model.named_buffers():
        if name.rpartition('.')[2] in _STATISTICS:
            yield values

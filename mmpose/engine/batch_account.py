"""How many samples make an update, and what that means for the learning rate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from mmengine.dataset import InfiniteSampler
from mmengine.dist import get_world_size
from mmengine.hooks import Hook
from mmengine.optim import OptimWrapperDict
from torch.utils.data import DataLoader

from mmpose.datasets.samplers import MultiSourceSampler
from mmpose.registry import HOOKS

if TYPE_CHECKING:
    from mmengine.runner import Runner

# Settings of schedulers that are learning rates, not shares of one.
_ABSOLUTE = ('eta_min', 'eta_max', 'min_values')


def require_batches(loader: DataLoader) -> None:
    """Return if each process has something to train on in an epoch.

    Args:
        loader: Of the training data, in this process.

    Raises:
        ValueError: There are fewer samples than processes, or too few for one batch.
    """
    endless = isinstance(loader.sampler, (InfiniteSampler, MultiSourceSampler))
    if endless or not hasattr(loader.dataset, '__len__'):
        return
    samples, processes = len(loader.dataset), get_world_size()
    if samples < processes:
        raise ValueError(
            f'train_dataloader.dataset has {samples} samples for {processes} processes; start at '
            f'most {samples}.'
        )
    if len(loader) == 0:
        share = len(loader.sampler)
        raise ValueError(
            f'train_dataloader has no full batch: the data set has {samples} samples, '
            f'{share} for each of {processes} processes, and drop_last leaves out a batch of less '
            f'than {loader.batch_size}; set train_dataloader.batch_size to at most {share}, or '
            'train_dataloader.drop_last to False.'
        )


@dataclass(frozen=True)
class BatchAccount:
    """The samples of an update against the number that the learning rate was chosen for.

    Attributes:
        processes: How many train together.
        batch_size: Samples of an iteration in one of them.
        accumulated: Iterations of an update.
        base: ``auto_scale_lr.base_batch_size``.
    """

    processes: int
    batch_size: int
    accumulated: int
    base: int

    @classmethod
    def of(cls, runner: Runner) -> BatchAccount | None:
        """The account of a runner; ``None`` if its config or its loader does not tell sizes.

        Args:
            runner: It has built its loader and its optimizers.
        """
        base = (runner.cfg.get('auto_scale_lr') or {}).get('base_batch_size')
        batch_size = runner.train_dataloader.batch_size
        if base is None or batch_size is None:  # a batch sampler may make batches of all sizes
            return None
        accumulated = max(
            getattr(wrapper, '_accumulative_counts', 1) for _, wrapper in _wrappers(runner)
        )
        return cls(get_world_size(), batch_size, accumulated, base)

    @property
    def total(self) -> int:
        """Samples of an update."""
        return self.processes * self.batch_size * self.accumulated

    @property
    def factor(self) -> float:
        """What ``auto_scale_lr`` multiplies the learning rate by, which knows no accumulation."""
        return self.processes * self.batch_size / self.base

    def lines(self) -> Iterator[str]:
        """The account, a value a line."""
        yield f'processes: {self.processes}'
        yield f'samples of an iteration in each: {self.batch_size}'
        yield f'iterations of an update (accumulative_counts): {self.accumulated}'
        yield f'samples of an update: {self.total}'
        yield f'base_batch_size: {self.base}'
        yield f'factor of the learning rate: {self.factor:g}'
        if self.accumulated > 1:
            yield (
                f'The factor leaves accumulation out, as in MMEngine; to count it, set '
                f'base_batch_size to {self.base / self.accumulated:g}.'
            )

    def notice(self) -> str | None:
        """What to say where the learning rate is not scaled; ``None`` for a batch near the base."""
        if self.base / 2 < self.total < self.base * 2:
            return None
        more = self.total > self.base
        times = self.total / self.base if more else self.base / self.total
        return (
            f'An update has {self.total} samples, {times:.3g} times {"more" if more else "fewer"} '
            f'than the {self.base} that the learning rate was chosen for '
            f'(auto_scale_lr.base_batch_size). --auto-scale-lr multiplies it by {self.factor:g}.'
        )


@HOOKS.register_module()
class BatchAccountHook(Hook):
    """Tells in the log how ``auto_scale_lr`` changed the learning rate, or what it would do.

    Without ``auto_scale_lr.enable`` there is one warning, and only if the batch differs from the
    base by a factor of 2 or more. ``mmpose train`` registers this hook.
    """

    def before_train(self, runner: Runner) -> None:
        """Log the account, after a checkpoint was loaded."""
        account = BatchAccount.of(runner)
        if account is None:
            return
        if runner.cfg.auto_scale_lr.get('enable', False):
            resumed = runner.iter > 0
            told = [*account.lines(), *_learning_rates(runner, 0 if resumed else account.factor)]
            runner.logger.info('\n    '.join(['Batch and learning rate:', *told]))
        elif notice := account.notice():
            runner.logger.warning(notice)


def _learning_rates(runner: Runner, factor: float) -> Iterator[str]:
    """What each learning rate was and is; a factor of 0 means that a checkpoint said."""
    fixed = [
        f'{name}={values[0]:g} of {type(scheduler).__name__}'
        for scheduler in _schedulers(runner)
        for name in _ABSOLUTE
        if scheduler.param_name == 'lr' and any(values := _as_list(getattr(scheduler, name, 0)))
    ]
    for name, wrapper in _wrappers(runner):
        what = f'learning rate of {name}' if name else 'learning rate'
        rates = Counter(
            # A schedule's first step may have lowered `lr`, as a warm-up does.
            group.get('initial_lr', group['lr'])
            for group in wrapper.optimizer.param_groups
            if 'max_lr' not in group  # OneCycleLR has set it
        )
        for rate, count in rates.items():
            before = f'{rate / factor:g} -> ' if factor else ''
            source = '' if factor else ', from the checkpoint'
            yield f'{what}: {before}{rate:g}{source} (parameter groups: {count})'
    for setting in fixed:
        yield f'{setting} is a learning rate itself, and is not scaled'


def _wrappers(runner: Runner) -> list[tuple[str, Any]]:
    """The optimizer wrappers with their names; one alone has the name ''."""
    wrapper = runner.optim_wrapper
    return list(wrapper.items()) if isinstance(wrapper, OptimWrapperDict) else [('', wrapper)]


def _schedulers(runner: Runner) -> list:
    schedulers = runner.param_schedulers or []
    return list(chain(*schedulers.values())) if isinstance(schedulers, dict) else schedulers


def _as_list(value: Any) -> list:
    return value if isinstance(value, list) else [value or 0]

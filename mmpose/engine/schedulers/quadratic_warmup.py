"""Values that grow with the square of the steps at the start of a training."""

from __future__ import annotations

from typing import Any

from mmengine.optim import _ParamScheduler
from mmengine.optim.scheduler.lr_scheduler import LRSchedulerMixin
from mmengine.optim.scheduler.momentum_scheduler import MomentumSchedulerMixin
from mmengine.optim.scheduler.param_scheduler import INF, OptimizerType

from mmpose.registry import PARAM_SCHEDULERS


@PARAM_SCHEDULERS.register_module()
class QuadraticWarmupParamScheduler(_ParamScheduler):
    """Grows a value from near 0 to its initial one.

    Step s, from 0 to T - 1 where T is ``end - begin``, adds (2 s + 1) / T^2 of the initial value;
    odd numbers sum up to squares, so that it stands at ((s + 1) / T)^2 after it.

    Args:
        optimizer: Whose value it is.
        param_name: Name of the value in the parameter groups.
        begin: The first step.
        end: The step after the last; it has to be given.
        last_step: The steps done before, less one.
        by_epoch: Whether a step is an epoch, otherwise an iteration.
        verbose: Whether to print each value.

    Raises:
        ValueError: ``end`` is missing, or not above ``begin``.
    """

    def __init__(
        self,
        optimizer: OptimizerType,
        param_name: str,
        begin: int = 0,
        end: int = INF,
        last_step: int = -1,
        by_epoch: bool = True,
        verbose: bool = False,
    ) -> None:
        if end >= INF:
            raise ValueError(
                f'{type(self).__name__} has no `end`; give the step at which the value has grown '
                'to its initial one.'
            )
        self.total_iters = end - begin
        super().__init__(optimizer, param_name, begin, end, last_step, by_epoch, verbose)

    @classmethod
    def build_iter_from_epoch(
        cls,
        *args: Any,
        begin: int = 0,
        end: int = INF,
        by_epoch: bool = True,
        epoch_length: int | None = None,
        **kwargs: Any,
    ) -> QuadraticWarmupParamScheduler:
        """A scheduler that steps with the iterations, from settings in epochs.

        Args:
            *args: As for the constructor.
            begin: The first epoch.
            end: The epoch after the last.
            by_epoch: Has to be true.
            epoch_length: Iterations of an epoch.
            **kwargs: As for the constructor.

        Raises:
            ValueError: ``by_epoch`` is false, or ``epoch_length`` not above 0.
        """
        if not by_epoch:
            raise ValueError(
                'by_epoch is False, so begin and end count iterations already; leave '
                'convert_to_iter_based out.'
            )
        if epoch_length is None or epoch_length <= 0:
            raise ValueError(f'epoch_length is {epoch_length}; expected 1 iteration or more.')
        if end != INF:
            end = int(end * epoch_length)
        return cls(*args, begin=int(begin * epoch_length), end=end, by_epoch=False, **kwargs)

    def _get_value(self) -> list[float]:
        """The value of each parameter group after this step."""
        share = (2 * self.last_step + 1) / self.total_iters**2
        groups = self.optimizer.param_groups
        before = [group[self.param_name] if self.last_step else 0.0 for group in groups]
        return [value + base * share for value, base in zip(before, self.base_values, strict=True)]


@PARAM_SCHEDULERS.register_module()
class QuadraticWarmupLR(LRSchedulerMixin, QuadraticWarmupParamScheduler):
    """Grows the learning rate.

    The arguments are those of :class:`QuadraticWarmupParamScheduler` without ``param_name``.
    """


@PARAM_SCHEDULERS.register_module()
class QuadraticWarmupMomentum(MomentumSchedulerMixin, QuadraticWarmupParamScheduler):
    """Grows the momentum, that of Adam and its kin being the first of their betas.

    The arguments are those of :class:`QuadraticWarmupParamScheduler` without ``param_name``.
    """

"""A factor on the learning rate, which may be larger than 1."""

from __future__ import annotations

from math import inf

from mmengine.optim import ConstantParamScheduler as _ConstantParamScheduler
from mmengine.optim.scheduler.lr_scheduler import LRSchedulerMixin
from mmengine.optim.scheduler.param_scheduler import INF, OptimizerType

from mmpose.registry import PARAM_SCHEDULERS


class ConstantParamScheduler(_ConstantParamScheduler):
    """Multiplies a value at step ``begin`` and divides it again at step ``end - 1``.

    A single step, ``end = begin + 1``, multiplies it for good. MMEngine's scheduler of this name
    does the same, but takes factors up to 1 only.

    Args:
        optimizer: Whose value it is.
        param_name: Name of the value in the parameter groups.
        factor: Above 0.
        begin: The first step.
        end: The step after the last.
        last_step: The steps done before, less one.
        by_epoch: Whether a step is an epoch, otherwise an iteration.
        verbose: Whether to print each value.

    Raises:
        ValueError: ``factor`` is not a number above 0, or ``end`` not above ``begin``.
    """

    def __init__(
        self,
        optimizer: OptimizerType,
        param_name: str,
        factor: float = 1.0 / 3,
        begin: int = 0,
        end: int = INF,
        last_step: int = -1,
        by_epoch: bool = True,
        verbose: bool = False,
    ) -> None:
        if not 0 < factor < inf:
            raise ValueError(f'factor is {factor}; expected a number above 0.')
        self.factor = factor
        self.total_iters = end - begin - 1
        # the constructor of MMEngine's scheduler refuses factors above 1
        super(_ConstantParamScheduler, self).__init__(
            optimizer, param_name, begin, end, last_step, by_epoch, verbose
        )


@PARAM_SCHEDULERS.register_module()
class ConstantLR(LRSchedulerMixin, ConstantParamScheduler):
    """Multiplies the learning rate for some steps, or for good.

    The arguments are those of :class:`ConstantParamScheduler` without ``param_name``.

    Example:
        >>> from torch import nn, optim
        >>> optimizer = optim.SGD(nn.Linear(1, 1).parameters(), lr=0.1)
        >>> scheduler = ConstantLR(optimizer, factor=2.5, begin=1, end=3)
        >>> for _ in range(3):
        ...     optimizer.step()
        ...     scheduler.step()
        ...     print(round(optimizer.param_groups[0]['lr'], 4))
        0.25
        0.1
        0.1
    """

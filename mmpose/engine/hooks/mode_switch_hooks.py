"""Losses and data of one-stage models that change in the course of a training."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from inspect import isroutine
from typing import Any

from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import nn

from mmpose.engine.model_wrappers import unwrapped
from mmpose.registry import HOOKS

from .train_data import Pipeline, exchange_data, require_epochs, require_exchangeable


@HOOKS.register_module()
class YOLOXPoseModeSwitchHook(Hook):
    """Trains the last epochs with other data and with the auxiliary losses of the head.

    The epoch of number ``max_epochs - num_last_epochs``, counted from 1, is the first of them; with
    it there are one more than ``num_last_epochs``, as in the trainings of the published weights. A
    training that is resumed later starts so.

    Args:
        num_last_epochs: After how many more epochs the training ends.
        new_train_dataset: Config of the new data set; ``None`` to keep the one there is.
        new_train_pipeline: Transforms of the new pipeline; ``None`` to keep that of the data set.

    Raises:
        ValueError: ``num_last_epochs`` is negative.
    """

    priority = 'ABOVE_NORMAL'  # before the new loader's sampler is told its epoch

    def __init__(
        self,
        num_last_epochs: int = 20,
        new_train_dataset: dict | None = None,
        new_train_pipeline: Pipeline | None = None,
    ) -> None:
        if num_last_epochs < 0:
            raise ValueError(f'num_last_epochs is {num_last_epochs}; expected 0 or more.')
        self.num_last_epochs = num_last_epochs
        self.new_train_dataset = new_train_dataset
        self.new_train_pipeline = new_train_pipeline
        self._has_switched = False

    def before_train(self, runner: Runner) -> None:
        """Check what the switch needs."""
        require_epochs(self, runner)
        require_exchangeable(runner, self.new_train_dataset, self.new_train_pipeline)
        _owner_of(unwrapped(runner.model).head, 'use_aux_loss')

    def before_train_epoch(self, runner: Runner) -> None:
        """Switch if it is time."""
        if self._has_switched or runner.epoch + 1 < runner.max_epochs - self.num_last_epochs:
            return
        exchange_data(runner, self.new_train_dataset, self.new_train_pipeline)
        unwrapped(runner.model).head.use_aux_loss = True
        runner.logger.info(f'Epoch {runner.epoch + 1} begins with the auxiliary losses.')
        self._has_switched = True


@HOOKS.register_module()
class RTMOModeSwitchHook(Hook):
    """Sets attributes of the head before given epochs.

    A training that is resumed has those of all earlier epochs.

    Args:
        epoch_attributes: By epoch, counted from 0, the values by attribute. An attribute of a part
            has dots: ``{280: {'proxy_target_cc': True, 'loss_cls.loss_weight': 2.0}}``.

    Raises:
        ValueError: An epoch is not a whole number of 0 or more.
    """

    def __init__(self, epoch_attributes: Mapping[int, Mapping[str, Any]]) -> None:
        for epoch in epoch_attributes:
            if not isinstance(epoch, int) or epoch < 0:
                raise ValueError(
                    f'epoch_attributes has the epoch {epoch!r}; expected whole numbers from 0 on.'
                )
        self.epoch_attributes = epoch_attributes
        self._coming = sorted(epoch_attributes)

    def before_train(self, runner: Runner) -> None:
        """Check that the head has the attributes."""
        require_epochs(self, runner)
        for attributes in self.epoch_attributes.values():
            for path in attributes:
                _owner_of(unwrapped(runner.model).head, path)

    def before_train_epoch(self, runner: Runner) -> None:
        """Set the attributes whose epoch has come."""
        head = unwrapped(runner.model).head
        while self._coming and self._coming[0] <= runner.epoch:
            for path, value in self.epoch_attributes[self._coming.pop(0)].items():
                setattr(_owner_of(head, path), path.rpartition('.')[2], value)
                runner.logger.info(f'Epoch {runner.epoch + 1} begins with head.{path} = {value}.')


def _owner_of(head: nn.Module, path: str) -> Any:
    """The part of a head that has the attribute that a dotted path leads to.

    Raises:
        AttributeError: Something on the path does not exist, or is a method.
    """
    *parts, name = path.split('.')
    owner = head
    for part in parts:
        owner = _attribute(owner, part, path)
    _attribute(owner, name, path)
    return owner


def _attribute(owner: Any, name: str, path: str) -> Any:
    if hasattr(owner, name) and not isroutine(value := getattr(owner, name)):
        return value
    values = vars(owner) if hasattr(owner, '__dict__') else {}
    children = dict(owner.named_children()) if isinstance(owner, nn.Module) else {}
    known = sorted(key for key in {**values, **children} if not key.startswith('_'))
    near = get_close_matches(name, known, n=1)
    guess = f'Did you mean {near[0]!r}? ' if near else ''
    raise AttributeError(
        f'{path!r} cannot be set in the head, because {type(owner).__name__} has no {name!r}. '
        f'{guess}It has: {", ".join(known) or "nothing that can be set"}.'
    )

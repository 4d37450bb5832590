"""Stops a training run whose loss is no longer a number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from mmengine.hooks import CheckpointHook, Hook

from mmpose.engine.model_wrappers import unwrapped
from mmpose.registry import HOOKS

if TYPE_CHECKING:
    from mmengine.runner import Runner


class InvalidLossError(RuntimeError):
    """A loss or a weight became NaN or infinite."""


class _Losses(NamedTuple):
    """The losses of one iteration, on their way to the host.

    Attributes:
        where: The iteration and epoch, in words.
        names: One per value.
        values: On the CPU; valid once ``copied`` has happened.
        copied: ``None`` if the values are there already.
        samples: What identifies each sample of the batch.
    """

    where: str
    names: list[str]
    values: torch.Tensor
    copied: torch.cuda.Event | None
    samples: list[str]

    def invalid(self) -> bool:
        if self.copied is not None:
            self.copied.synchronize()
        return not torch.isfinite(self.values).all()


@HOOKS.register_module()
class InvalidLossHook(Hook):
    """Stops the run when a loss is NaN or infinite, before a checkpoint is spoilt.

    On the CPU each iteration is checked at its end. On CUDA an iteration is checked at the end of
    the next, when its losses have long been copied, so that the device is never waited for; and
    before anything is saved or validated. Weights are checked before they are saved. The error
    names the losses and the images of the batch; checkpoints saved earlier stay.

    ``mmpose train`` registers this hook, unless the config says ``check_invalid_loss = False``.

    Args:
        max_skipped: How many invalid losses in a row to accept in mixed precision, where the
            gradient scaler leaves out the update and so mends an overflow.
    """

    priority = 'HIGH'  # before the weights are averaged, logged or saved

    def __init__(self, max_skipped: int = 10) -> None:
        self.max_skipped = max_skipped
        self._pending: _Losses | None = None
        self._in_a_row = 0

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | tuple | list | None = None,
        outputs: dict | None = None,
    ) -> None:
        """Check the losses of this iteration, on CUDA those of the last."""
        self._settle(runner)
        self._pending = _gather(runner, data_batch, outputs or {})
        waits = self._pending is not None and self._pending.copied is not None
        due = _checkpoint_due(runner)
        if due or not waits:
            self._settle(runner)
        if due:
            _require_finite_weights(runner)

    def after_train_epoch(self, runner: Runner) -> None:
        """Check what the checkpoint of this epoch would hold."""
        self._settle(runner)
        _require_finite_weights(runner)

    def before_val_epoch(self, runner: Runner) -> None:
        """Check the last iteration before its model is evaluated."""
        self._settle(runner)

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Check what is about to be saved."""
        self._settle(runner)
        _require_finite_weights(runner)

    def _settle(self, runner: Runner) -> None:
        losses, self._pending = self._pending, None
        if losses is None:
            return
        if not losses.invalid():
            self._in_a_row = 0
            return
        self._in_a_row += 1
        scaler = getattr(runner.optim_wrapper, 'loss_scaler', None)
        scaled = scaler is not None and scaler.is_enabled()
        if not scaled or self._in_a_row > self.max_skipped:
            raise InvalidLossError(_describe(losses, runner))
        runner.logger.warning(f'invalid loss in {losses.where}; the scaler skips its update')


def _gather(runner: Runner, data_batch: Any, outputs: dict) -> _Losses | None:
    losses = {k: v for k, v in outputs.items() if 'loss' in k and isinstance(v, torch.Tensor)}
    if not losses:
        return None
    values = torch.stack([value.detach().float().mean() for value in losses.values()])
    copied = None
    if values.is_cuda:
        host = torch.empty(values.shape, dtype=values.dtype, pin_memory=True)
        values = host.copy_(values, non_blocking=True)
        copied = torch.cuda.Event()
        copied.record()
    where = f'iteration {runner.iter + 1} (epoch {runner.epoch + 1})'
    return _Losses(where, list(losses), values, copied, list(_samples(data_batch)))


def _samples(data_batch: Any) -> Iterable[str]:
    samples = data_batch.get('data_samples') if isinstance(data_batch, dict) else None
    for sample in samples if isinstance(samples, (list, tuple)) else ():
        info = getattr(sample, 'metainfo', {})
        yield f'{info.get("img_path", "an image without path")} (img_id {info.get("img_id")})'


def _checkpoint_due(runner: Runner) -> bool:
    """Whether a checkpoint hook saves, and so deletes older files, after this iteration."""
    return any(
        hook.every_n_train_iters(runner, hook.interval, hook.save_begin)
        or (hook.save_last and hook.is_last_train_iter(runner))
        for hook in runner.hooks
        if isinstance(hook, CheckpointHook) and not hook.by_epoch
    )


def _require_finite_weights(runner: Runner) -> None:
    names, parameters = zip(*unwrapped(runner.model).named_parameters(), strict=True)
    finite = torch.stack([torch.isfinite(p).all() for p in parameters]).tolist()
    bad = [name for name, fine in zip(names, finite, strict=True) if not fine]
    if bad:
        raise InvalidLossError(
            f'{len(bad)} of {len(names)} weights hold NaN or infinite values after iteration '
            f'{runner.iter + 1}, such as {", ".join(bad[:3])}. {_advice(runner)}'
        )


def _describe(losses: _Losses, runner: Runner) -> str:
    values = ', '.join(
        f'{name} = {value:.6g}'
        for name, value in zip(losses.names, losses.values.tolist(), strict=True)
    )
    samples = '\n'.join(f'  {sample}' for sample in losses.samples) or '  unknown'
    return f'invalid loss in {losses.where}: {values}. {_advice(runner)}\nThe batch:\n{samples}'


def _advice(runner: Runner) -> str:
    last = runner.message_hub.runtime_info.get('last_ckpt')
    kept = f'The last good checkpoint is {last}.' if last else 'No checkpoint was saved before.'
    return (
        f'Training was stopped. {kept} Try a lower learning rate, a longer warm-up, '
        'optim_wrapper.clip_grad=dict(max_norm=1.0), or training without mixed precision, and '
        'look at the annotations of the images.'
    )

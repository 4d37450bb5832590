"""Checkpoints that a training can go on from exactly, one of which there always is."""

from __future__ import annotations

from collections import deque
from typing import Any

from mmengine.dist import is_main_process
from mmengine.hooks import CheckpointHook as _CheckpointHook
from mmengine.runner import Runner

from mmpose.engine.checkpoint_files import point_to, remove_partial_files
from mmpose.engine.loops import ResumableLoop
from mmpose.registry import HOOKS


@HOOKS.register_module()
class CheckpointHook(_CheckpointHook):
    """MMEngine's hook, whose checkpoints hold the whole state of a training.

    A checkpoint is deleted only when the one that takes its place is complete and named in
    ``last_checkpoint``; likewise the best ones. The parameters are those of
    :class:`mmengine.hooks.CheckpointHook`.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._train_state: dict | None = None

    def before_train(self, runner: Runner) -> None:
        """Find the folder, remove what is left of a kill, and know what was saved before."""
        super().before_train(runner)
        if is_main_process():
            remove_partial_files(self.out_dir)
            remove_partial_files(runner.work_dir)
        if self.max_keep_ckpts > 0:
            self.keep_ckpt_ids = deque(self.keep_ckpt_ids)  # for a while there is one more
        last = runner.message_hub.get_info('last_ckpt')
        if last is not None and self.file_backend.isfile(last):
            self.last_ckpt = last

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Add the state of the training."""
        if self._train_state is not None:
            checkpoint['train_state'] = self._train_state

    def _save_checkpoint_with_step(self, runner: Runner, step: int, meta: dict) -> None:
        hub, kept = runner.message_hub, getattr(self, 'keep_ckpt_ids', deque())
        if self.max_keep_ckpts > 0 and step not in kept:
            kept.append(step)
            # with the one to be removed, so that after a kill it still is
            hub.update_info('keep_ckpt_ids', list(kept))
        name = self.filename_tmpl.format(step)
        self.last_ckpt = self.file_backend.join_path(self.out_dir, name)
        hub.update_info('last_ckpt', self.last_ckpt)
        if isinstance(runner.train_loop, ResumableLoop):
            self._train_state = runner.train_loop.train_state(meta)
        runner.save_checkpoint(
            self.out_dir,
            name,
            self.file_client_args,
            save_optimizer=self.save_optimizer,
            save_param_scheduler=self.save_param_scheduler,
            meta=meta,
            by_epoch=self.by_epoch,
            backend_args=self.backend_args,
            **self.args,
        )
        self._train_state = None
        if is_main_process():
            point_to(self.last_ckpt, runner.work_dir)
        while 0 < self.max_keep_ckpts < len(kept):
            outdated = self.filename_tmpl.format(kept.popleft())
            if is_main_process():
                self._remove(self.file_backend.join_path(self.out_dir, outdated))

    def _save_best_checkpoint(self, runner: Runner, metrics: dict) -> None:
        later = _RemovesLater(self.file_backend)
        backend, self.file_backend = self.file_backend, later
        try:
            super()._save_best_checkpoint(runner, metrics)
        finally:
            self.file_backend = backend
        best = {
            value for key, value in runner.message_hub.runtime_info.items() if 'best_ckpt' in key
        }
        for path in later.outdated - best:
            self._remove(path)

    def _remove(self, path: str) -> None:
        if self.file_backend.isfile(path):
            self.file_backend.remove(path)
        elif self.file_backend.isdir(path):
            self.file_backend.rmtree(path)


class _RemovesLater:
    """A file backend that only notes what it should remove."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend
        self.outdated: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)

    def remove(self, path: str) -> None:
        """Note a file."""
        self.outdated.add(path)

    def rmtree(self, path: str) -> None:
        """Note a folder."""
        self.outdated.add(path)

"""The runner: MMEngine's, with checked checkpoints and distribution over CPU processes."""

from __future__ import annotations

import logging
import os
import re
import subprocess
from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from mmengine.device import get_device
from mmengine.dist import broadcast_object_list, is_distributed, is_main_process, master_only
from mmengine.fileio import LocalBackend, get_file_backend
from mmengine.hooks import CheckpointHook
from mmengine.logging import MMLogger
from mmengine.model import is_model_wrapper, revert_sync_batchnorm
from mmengine.runner import BaseLoop, CheckpointLoader, Runner
from torch import distributed, nn

from mmpose.registry import RUNNERS
from mmpose.utils.checkpoint import CheckpointError, load_state_dict_checked

from .checkpoint_files import (
    PARTIAL,
    candidates,
    fault_of,
    finish_file,
    point_to,
    require_resumable,
)
from .compilation import compile_losses
from .loops import ResumableLoop

# Where other launchers put what torch.distributed reads.
_LAUNCHER_VARIABLES = dict(
    slurm=dict(RANK='SLURM_PROCID', WORLD_SIZE='SLURM_NTASKS', LOCAL_RANK='SLURM_LOCALID'),
    mpi=dict(
        RANK='OMPI_COMM_WORLD_RANK',
        WORLD_SIZE='OMPI_COMM_WORLD_SIZE',
        LOCAL_RANK='OMPI_COMM_WORLD_LOCAL_RANK',
    ),
)


@RUNNERS.register_module()
class PoseRunner(Runner):
    """MMEngine's runner with five additions.

    - A checkpoint that does not fit the model is an error. ``load_from`` in training may be a
      related model's: what has another shape keeps its initial values, with a warning.
    - A checkpoint appears under its name only when it is complete, so killing the process while
      it writes leaves no broken file.
    - A training that is resumed goes on as if it had never stopped, from the newest checkpoint
      that can be read, and in the middle of an epoch if that is where it was saved.
    - Where there is no GPU, the processes of a distributed run talk through gloo.
    - The environment, the config and the list of hooks go to the log file alone, so that the
      screen shows the run.

    The parameters are those of :class:`mmengine.runner.Runner`.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._quiet: list[tuple[logging.Handler, int]] = []
        super().__init__(*args, **kwargs)
        for handler, level in self._quiet:
            handler.setLevel(level)

    def build_logger(self, *args: Any, **kwargs: Any) -> MMLogger:
        """The logger; its console says only warnings until the runner is complete."""
        logger = super().build_logger(*args, **kwargs)
        for handler in logger.handlers:
            if not isinstance(handler, logging.FileHandler):
                self._quiet.append((handler, handler.level))
                handler.setLevel(max(handler.level, logging.WARNING))
        return logger

    def setup_env(self, env_cfg: dict) -> None:
        """Prepare processes and devices; see :class:`mmengine.runner.Runner`."""
        if self.distributed and not is_distributed() and get_device() == 'cpu':
            _init_gloo(self.launcher, env_cfg.get('dist_cfg') or {})
        super().setup_env(env_cfg)

    def wrap_model(self, model_wrapper_cfg: dict | None, model: nn.Module) -> nn.Module:
        """The model on its device, wrapped for distribution if need be."""
        on_cpu = get_device() == 'cpu' and not is_model_wrapper(model)
        if not (self.distributed and on_cpu):
            return super().wrap_model(model_wrapper_cfg, model)
        self.logger.warning(
            'No GPU was found: the processes talk through gloo, whatever dist_cfg says, and '
            'SyncBN layers, which need GPUs, keep to the samples of their own process.'
        )
        self.cfg.pop('sync_bn', None)
        wrapper = dict(
            type='MMDistributedDataParallel',
            broadcast_buffers=False,
            find_unused_parameters=self.cfg.get('find_unused_parameters', False),
        )
        wrapper.update(model_wrapper_cfg or {}, device_ids=None)
        return super().wrap_model(wrapper, revert_sync_batchnorm(model))

    def _maybe_compile(self, target: str) -> None:
        """What MMEngine compiles the model by; a missing compiler costs speed, not the run."""
        compile_losses(self.model, self.cfg.get('compile'), self.logger)

    def build_train_loop(self, loop: BaseLoop | dict) -> BaseLoop:
        """The loop; by epochs or iterations, it is one that can be left and entered anywhere."""
        if isinstance(loop, dict) and 'type' not in loop:
            name = 'EpochBasedTrainLoop' if loop['by_epoch'] else 'IterBasedTrainLoop'
            loop = {key: value for key, value in loop.items() if key != 'by_epoch'}
            loop['type'] = f'mmpose.{name}'
        return super().build_train_loop(loop)

    def load_or_resume(self) -> None:
        """Load or resume what the config says; see :class:`mmengine.runner.Runner`.

        Raises:
            CheckpointError: There are checkpoints to resume from, but none is whole.
        """
        if not self._resume or self._has_loaded:
            super().load_or_resume()
            return
        # the first process looks, so that all do the same
        answer = [self._to_resume_from() if is_main_process() else None]
        broadcast_object_list(answer)
        path, fault = answer[0]
        if fault is not None:
            raise CheckpointError(fault)
        if path is not None:
            self.resume(path)

    def _to_resume_from(self) -> tuple[str | None, str | None]:
        """What to resume from, if there is anything, and why that cannot be."""
        if self._load_from is not None:
            fault = fault_of(self._load_from) if os.path.isfile(self._load_from) else None
            mend = 'To go on from the newest checkpoint that is whole, give --resume without a file'
            return self._load_from, fault and f'{fault} {mend}.'
        templates = [h.filename_tmpl for h in self.hooks if isinstance(h, CheckpointHook)]
        faults: list[str] = []
        for path in candidates(self.work_dir, templates):
            fault = fault_of(path) if '://' not in path else None
            if fault is None:
                for other in faults:
                    self.logger.warning(f'{other} {path} is taken instead.')
                self.logger.info(f'Resuming from {path}.')
                if '://' not in path:
                    point_to(path, self.work_dir)
                return path, None
            faults.append(fault)
        if not faults:
            self.logger.warning(f'{self.work_dir} has no checkpoint; the training begins anew.')
            return None, None
        listed = '\n'.join(f'  {fault}' for fault in faults)
        return None, (
            f'no checkpoint in {self.work_dir} can be resumed from. Copy one there, or begin anew '
            f'without --resume.\n{listed}'
        )

    def load_checkpoint(
        self,
        filename: str,
        map_location: str | Callable = 'cpu',
        strict: bool = False,
        revise_keys: list = [(r'^module\.', '')],
    ) -> dict:
        """The checkpoint, after loading its weights into the model.

        Args:
            filename: A path, URL or name that MMEngine's loaders know.
            map_location: The device to put tensors on, as in :func:`torch.load`.
            strict: Whether any difference between checkpoint and model is an error.
            revise_keys: (pattern, replacement) pairs applied to the names of the weights.

        Raises:
            CheckpointError: The checkpoint does not fit, or cannot be resumed from.
        """
        checkpoint = CheckpointLoader.load_checkpoint(filename, map_location)
        training = isinstance(self._train_loop, BaseLoop)
        if training and self._resume:
            require_resumable(checkpoint, filename)
            if isinstance(self._train_loop, ResumableLoop):
                self._train_loop.resume_from(checkpoint.get('train_state'))
        self.call_hook('after_load_checkpoint', checkpoint=checkpoint)
        load_state_dict_checked(
            self.model.module if is_model_wrapper(self.model) else self.model,
            _revise(checkpoint.get('state_dict', checkpoint), revise_keys),
            filename,
            strict=strict,
            logger=self.logger,
            partial=training and not self._resume,
        )
        self._has_loaded = True
        self.logger.info(f'Load checkpoint from {filename}')
        return checkpoint

    @master_only
    def save_checkpoint(self, out_dir: str, filename: str, *args: Any, **kwargs: Any) -> None:
        """Save a checkpoint; see :class:`mmengine.runner.Runner` for the parameters."""
        if not isinstance(get_file_backend(out_dir), LocalBackend):
            super().save_checkpoint(out_dir, filename, *args, **kwargs)
            return
        super().save_checkpoint(out_dir, f'{filename}{PARTIAL}', *args, **kwargs)
        finish_file(os.path.join(out_dir, filename))


def _revise(weights: dict, revise_keys: list[tuple[str, str]]) -> OrderedDict:
    revised = OrderedDict(weights)
    for pattern, replacement in revise_keys:
        revised = OrderedDict((re.sub(pattern, replacement, k), v) for k, v in revised.items())
    revised._metadata = getattr(weights, '_metadata', OrderedDict())
    return revised


def _init_gloo(launcher: str, dist_cfg: dict) -> None:
    """Join the process group; MMEngine's own launchers all select a CUDA device."""
    for ours, theirs in _LAUNCHER_VARIABLES.get(launcher, {}).items():
        os.environ[ours] = os.environ[theirs]
    if launcher == 'slurm' and 'MASTER_ADDR' not in os.environ:
        nodes = ['scontrol', 'show', 'hostnames', os.environ['SLURM_NODELIST']]
        os.environ['MASTER_ADDR'] = subprocess.check_output(nodes, text=True).split()[0]
    os.environ.setdefault('MASTER_PORT', str(dist_cfg.get('port', 29500)))
    timeout = dist_cfg.get('timeout')
    distributed.init_process_group(
        'gloo', timeout=None if timeout is None else timedelta(seconds=timeout)
    )

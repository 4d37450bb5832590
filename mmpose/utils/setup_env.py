"""Registries and processes made ready for a run."""

from __future__ import annotations

import multiprocessing
import os
import platform
import time
from collections.abc import Mapping
from importlib import import_module

import cv2
from mmengine.registry import DefaultScope

_PACKAGES = ('codecs', 'datasets', 'engine', 'evaluation', 'models', 'visualization')


def register_all_modules(init_default_scope: bool = True) -> None:
    """Import all packages whose parts can be named in configs.

    Args:
        init_default_scope: Whether to make 'mmpose' the scope in which names without a scope are
            looked up, in place of another current one.
    """
    for package in _PACKAGES:
        import_module(f'mmpose.{package}')
    if not init_default_scope:
        return
    current = DefaultScope.get_current_instance()
    if current is None or current.scope_name != 'mmpose':
        created = DefaultScope.check_instance_created('mmpose')
        name = f'mmpose-{time.time_ns()}' if created else 'mmpose'
        DefaultScope.get_instance(name, scope_name='mmpose')


def setup_multi_processes(cfg: Mapping) -> None:
    """Set how worker processes start, and keep their libraries from starting threads of their own.

    Environment variables that are set already are left alone.

    Args:
        cfg: A config. ``mp_start_method`` ('fork') and ``opencv_num_threads`` (0, no threads) are
            read from ``env_cfg.mp_cfg`` or the top level. OpenMP and MKL get one thread per
            process if the training data have more than one worker.
    """
    options = dict(mp_start_method='fork', opencv_num_threads=0)
    options.update({key: cfg[key] for key in options if key in cfg})
    options.update(cfg.get('env_cfg', {}).get('mp_cfg', {}))
    if platform.system() != 'Windows':
        multiprocessing.set_start_method(options['mp_start_method'], force=True)
    cv2.setNumThreads(options['opencv_num_threads'])
    if _num_workers(cfg) > 1:
        for variable in ('OMP_NUM_THREADS', 'MKL_NUM_THREADS'):
            os.environ.setdefault(variable, '1')


def _num_workers(cfg: Mapping) -> int:
    loader = cfg.get('train_dataloader') or {}
    return loader.get('num_workers', cfg.get('data', {}).get('workers_per_gpu', 1))

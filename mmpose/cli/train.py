"""``mmpose train``: train a model from a config."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from mmengine.config import Config

from .errors import ConfigError
from .launch import add_common_arguments, build_runner, enable_drawing, load_config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of this command."""
    add_common_arguments(parser)
    parser.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        metavar='CHECKPOINT',
        help='continue from this checkpoint, or from the last one in the work directory',
    )
    parser.add_argument(
        '--amp',
        action='store_true',
        help='train in mixed precision: with float16 on a GPU, with bfloat16 on a CPU',
    )
    parser.add_argument('--no-validate', action='store_true', help='do not evaluate while training')
    parser.add_argument(
        '--auto-scale-lr',
        action='store_true',
        help='scale the learning rate from the batch size it was chosen for to the actual one',
    )


def merge_args(cfg: Config, args: argparse.Namespace) -> Config:
    """Change ``cfg`` as the arguments of this command say, and return it.

    Raises:
        ConfigError: An argument asks for what the config does not have.
    """
    if args.no_validate:
        cfg.update(dict(val_cfg=None, val_dataloader=None, val_evaluator=None))
    if args.amp:
        _enable_amp(cfg)
    if args.resume == 'auto':
        cfg.update(dict(resume=True, load_from=None))
    elif args.resume is not None:
        cfg.update(dict(resume=True, load_from=args.resume))
    if args.auto_scale_lr:
        if 'base_batch_size' not in (cfg.get('auto_scale_lr') or {}):
            raise ConfigError(
                '--auto-scale-lr needs `auto_scale_lr = dict(base_batch_size=...)` in the config, '
                'the batch size over all GPUs that its learning rate was chosen for.'
            )
        cfg.auto_scale_lr.enable = True
    if args.show or args.show_dir is not None:
        enable_drawing(cfg, args, 'visualization', show=args.show)
        cfg.default_hooks.visualization.out_dir = args.show_dir
    if 'preprocess_cfg' in cfg:
        cfg.model.setdefault('data_preprocessor', cfg.preprocess_cfg)
    return cfg


def _enable_amp(cfg: Config) -> None:
    kind = cfg.optim_wrapper.get('type', 'OptimWrapper')
    if kind not in ('OptimWrapper', 'AmpOptimWrapper'):
        raise ConfigError(
            f"--amp works with optim_wrapper.type 'OptimWrapper', not {kind!r}; set mixed "
            'precision up in the config instead.'
        )
    cfg.optim_wrapper.type = 'AmpOptimWrapper'
    cfg.optim_wrapper.setdefault('loss_scale', 'dynamic')


def run(args: argparse.Namespace) -> None:
    """Train, and say where the results are."""
    from mmengine.dist import is_main_process

    from mmpose.engine.hooks.invalid_loss_hook import InvalidLossHook

    from .preflight import require_valid

    cfg = merge_args(load_config(args), args)
    require_valid(cfg, 'train')
    runner = build_runner(cfg, args)
    if cfg.get('check_invalid_loss', True) and not any(
        isinstance(hook, InvalidLossHook) for hook in runner.hooks
    ):
        runner.register_hook(InvalidLossHook())
    runner.train()
    if is_main_process():
        best = runner.message_hub.runtime_info.get('best_ckpt')
        print(f'Checkpoints are in {runner.work_dir}, logs in {runner.log_dir}.')
        if best:
            print(f'The best checkpoint is {best}.')


def main(argv: Sequence[str] | None = None) -> int:
    """Run this command as a program of its own; returns the exit status."""
    from .main import main_of

    return main_of('train', argv)

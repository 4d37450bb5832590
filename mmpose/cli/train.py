"""``mmpose train``: train a model from a config."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence

from mmengine.config import Config

from .errors import ConfigError
from .launch import add_common_arguments, build_runner, enable_drawing, load_config

# The names of types in torch by those of --amp.
_AMP_TYPES = dict(bf16='bfloat16', fp16='float16')


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
        nargs='?',
        const=True,
        type=_amp_type,
        metavar='bf16|fp16',
        help='train in mixed precision: in this type, or with float16 on a GPU and bfloat16 on a '
        'CPU; bf16 has the range of float32 and needs no scaling of the loss',
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
        _enable_amp(cfg, args.amp)
    _require_amp_type(cfg)
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
    return cfg


def _amp_type(name: str) -> str:
    if name not in _AMP_TYPES:
        raise argparse.ArgumentTypeError(
            f'{name!r} is neither bf16 nor fp16; a config goes before --amp'
        )
    return name


def _enable_amp(cfg: Config, name: str | bool) -> None:
    wrapper = cfg.optim_wrapper
    kind = _kind(wrapper)
    if kind not in ('OptimWrapper', 'AmpOptimWrapper'):
        raise ConfigError(
            f"--amp works with optim_wrapper.type 'OptimWrapper', not {kind!r}; set mixed "
            'precision up in the config instead.'
        )
    if 'optimizer' not in wrapper:
        raise ConfigError(
            '--amp works with one optimizer, but optim_wrapper has no `optimizer`; set mixed '
            'precision up for each of yours in the config instead.'
        )
    wrapper.type = 'AmpOptimWrapper'
    wrapper.setdefault('loss_scale', 'dynamic')
    if name is not True:
        wrapper.dtype = _AMP_TYPES[name]


def _require_amp_type(cfg: Config) -> None:
    from mmengine.device import get_device

    wrapper = cfg.get('optim_wrapper') or {}
    dtype = str(wrapper.get('dtype')).removeprefix('torch.')
    other = _kind(wrapper) == 'AmpOptimWrapper' and dtype not in ('None', 'bfloat16')
    if other and get_device() == 'cpu':
        raise ConfigError(
            f'optim_wrapper.dtype is {dtype!r}, which needs a GPU, and none was found; on a CPU '
            'train with --amp bf16.'
        )


def _kind(wrapper: Mapping) -> str:
    """The name of a wrapper's class, without the package."""
    kind = wrapper.get('type', 'OptimWrapper')
    return (kind if isinstance(kind, str) else kind.__name__).rpartition('.')[2]


def run(args: argparse.Namespace) -> None:
    """Train, and say where the results are."""
    from mmengine.dist import is_main_process

    from mmpose.engine.batch_account import BatchAccountHook, require_batches
    from mmpose.engine.hooks.invalid_loss_hook import InvalidLossHook

    from .log_backends import require_log_backends
    from .preflight import require_valid

    cfg = merge_args(load_config(args), args)
    require_valid(cfg, 'train')
    require_log_backends(cfg)
    runner = build_runner(cfg, args)
    loader = runner.train_dataloader
    try:
        require_batches(loader)
    except ValueError as error:
        raise ConfigError(str(error)) from error
    runner.register_hook(BatchAccountHook())
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

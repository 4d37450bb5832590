"""From the command line to a runner: what ``train`` and ``test`` have in common."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmengine.config import Config, DictAction

from mmpose.utils.config_reading import read_config
from mmpose.utils.resources import resource_path

from .errors import ConfigError, warn

if TYPE_CHECKING:
    from mmengine.runner import Runner


class OptionAction(DictAction):
    """Reads KEY=VALUE words; one without '=' ends the command with its usage."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Merge the words into what the parser has read so far."""
        for word in [values] if isinstance(values, str) else values or []:
            if '=' not in word:
                parser.error(f'{option_string}: {word!r} is not KEY=VALUE')
        super().__call__(parser, namespace, values, option_string)


def add_config_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments that :func:`load_config` reads; a command may add the others of a run."""
    parser.add_argument(
        'config', help='a config file, or the name of a shipped one (mmpose::... or its stem)'
    )
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=OptionAction,
        metavar='KEY=VALUE',
        help='override config values, such as train_dataloader.batch_size=16 '
        'or train_cfg.max_epochs=1; lists as KEY=[a,b] or KEY=a,b, without spaces',
    )
    parser.set_defaults(launcher='none', work_dir=None)


def add_common_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``train`` and ``test``, in the spelling of MMPose 1.x."""
    add_config_arguments(parser)
    parser.add_argument(
        '--work-dir', help='where logs and results go (default: ./work_dirs/<config name>)'
    )
    parser.add_argument('--show-dir', help='save pictures of the predictions in this folder')
    parser.add_argument('--show', action='store_true', help='show predictions in a window')
    parser.add_argument('--interval', type=int, default=1, help='draw every so many batches')
    parser.add_argument(
        '--wait-time', type=float, default=1, help='seconds that each window is shown'
    )
    parser.add_argument(
        '--launcher',
        choices=['none', 'pytorch', 'slurm', 'mpi'],
        default='none',
        help='how the processes of a distributed run were started',
    )
    # torch.distributed.launch passes the first spelling or the second, by version.
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument(
        '--trust-checkpoint',
        action='store_true',
        help='load checkpoints that hold arbitrary objects, which can run code',
    )


def load_config(args: argparse.Namespace) -> Config:
    """The config with the common arguments merged in.

    Raises:
        ConfigError: There is no such config, it cannot be read, or an option does not fit it.
    """
    path = find_config(args.config)
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())  # where `custom_imports` finds a project's own modules
    cfg = read_config(path)
    if args.cfg_options:
        _merge_options(cfg, args.cfg_options)
    if 'model' not in cfg:
        raise ConfigError(
            f'{path} defines no `model`; it has {", ".join(sorted(cfg)) or "nothing"}.'
        )
    if not cfg.get('default_scope'):
        cfg.default_scope = 'mmpose'
    cfg.launcher = args.launcher
    cfg.work_dir = args.work_dir or cfg.get('work_dir') or f'./work_dirs/{path.stem}'
    return cfg


def _merge_options(cfg: Config, options: dict) -> None:
    """Change ``cfg`` as ``--cfg-options`` say.

    Raises:
        ConfigError: The config has no place for one of them.
    """
    from .options import option_faults, option_remarks

    if faults := option_faults(cfg, options):
        raise ConfigError('\n- '.join(['--cfg-options do not fit the config:', *faults]))
    for remark in option_remarks(cfg, options):
        warn(remark)
    try:
        cfg.merge_from_dict(options)
    except Exception as error:
        raise ConfigError(f'--cfg-options do not fit the config: {error}') from error


def find_config(name: str) -> Path:
    """The file that ``name`` means.

    Args:
        name: A path; a path under the shipped ``configs``, with or without ``mmpose::``; or the
            stem of a shipped file.

    Raises:
        ConfigError: There is none, or more than one; the message lists near names.
    """
    if os.path.isfile(name):
        return Path(name)
    relative = name.removeprefix('mmpose::')
    for candidate in (relative, f'configs/{relative}', f'configs/{relative}.py'):
        try:
            found = resource_path(candidate)
        except FileNotFoundError:
            continue
        if found.is_file():
            return found
    shipped = _shipped_configs()
    same = [path for path in shipped if path.stem == Path(relative).name.removesuffix('.py')]
    if len(same) == 1 and '/' not in relative:
        return same[0]
    if same:
        listed = ', '.join(f'mmpose::{_below_configs(path)}' for path in same)
        raise ConfigError(f'there is no config {name}. Did you mean {listed}?')
    stems = sorted({path.stem for path in shipped})
    near = get_close_matches(Path(relative).stem, stems, n=3, cutoff=0.5)
    hint = f'Shipped configs of a similar name: {", ".join(near)}.' if near else 'Check the path.'
    raise ConfigError(f'there is no config {name}. {hint}')


def _shipped_configs() -> list[Path]:
    try:
        root = resource_path('configs')
    except FileNotFoundError:
        return []
    return [path for path in sorted(root.rglob('*.py')) if '_base_' not in path.parts]


def _below_configs(path: Path) -> str:
    return str(path.relative_to(resource_path('configs')).as_posix())


def enable_drawing(cfg: Config, args: argparse.Namespace, hook: str, show: bool) -> None:
    """Switch on a default hook that draws, ``visualization`` or ``badcase``.

    Raises:
        ConfigError: The config has no such hook.
    """
    if hook not in (cfg.get('default_hooks') or {}):
        raise ConfigError(
            f'default_hooks has no {hook!r}, which --show, --show-dir and --badcase need; inherit '
            "the config from 'mmpose::_base_/default_runtime.py'."
        )
    settings = cfg.default_hooks[hook]
    settings.update(enable=True, show=show, interval=args.interval)
    if args.show:
        settings.wait_time = args.wait_time


def build_runner(cfg: Config, args: argparse.Namespace) -> Runner:
    """The runner that ``cfg`` describes, with checkpoints read safely from here on.

    Raises:
        ConfigError: The launcher did not start this process.
    """
    from mmpose.engine.runner import PoseRunner
    from mmpose.registry import RUNNERS
    from mmpose.utils.checkpoint import use_safe_loading

    if args.launcher == 'pytorch' and 'RANK' not in os.environ:
        raise ConfigError(
            '--launcher pytorch is for processes started by torchrun, such as '
            'torchrun --nproc_per_node=2 tools/train.py CONFIG --launcher pytorch.'
        )
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    use_safe_loading(trust=args.trust_checkpoint)
    return RUNNERS.build(cfg) if 'runner_type' in cfg else PoseRunner.from_cfg(cfg)

"""``mmpose test``: measure a trained model on its test set."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mmengine.config import Config

from .errors import ConfigError
from .launch import add_common_arguments, build_runner, enable_drawing, load_config

if TYPE_CHECKING:
    from mmengine.evaluator import BaseMetric
    from mmengine.runner import Runner

_OUT_SUFFIXES = ('.json', '.yaml', '.yml', '.pkl', '.pickle')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of this command."""
    add_common_arguments(parser)
    parser.add_argument('checkpoint', help='a checkpoint file or URL')
    parser.add_argument(
        '--out',
        type=_path_ending_in(*_OUT_SUFFIXES),
        metavar='FILE',
        help=f'save the metrics ({", ".join(_OUT_SUFFIXES)})',
    )
    parser.add_argument(
        '--dump',
        type=_path_ending_in('.pkl', '.pickle'),
        metavar='FILE',
        help='save the predictions (.pkl, .pickle)',
    )
    parser.add_argument(
        '--report',
        type=_path_ending_in('.html', '.htm'),
        metavar='FILE',
        help='analyse the errors: tables in the log, and a page with the worst cases (.html)',
    )
    parser.add_argument(
        '--badcase', action='store_true', help='draw and list the worst predictions only'
    )


def _path_ending_in(*suffixes: str) -> Callable[[str], str]:
    def path(text: str) -> str:
        if not text.endswith(suffixes):
            raise argparse.ArgumentTypeError(f'{text} should end in one of {", ".join(suffixes)}')
        return text

    return path


def merge_args(cfg: Config, args: argparse.Namespace) -> Config:
    """Change ``cfg`` as the arguments of this command say, and return it.

    Raises:
        ConfigError: An argument asks for what the config does not have.
    """
    missing = [k for k in ('test_dataloader', 'test_evaluator', 'test_cfg') if cfg.get(k) is None]
    if missing:
        raise ConfigError(f'the config has nothing to test with: it lacks {", ".join(missing)}.')
    cfg.update(dict(load_from=args.checkpoint, resume=False))
    if args.show_dir is not None or (args.show and not args.badcase):
        # With --badcase the windows are for the bad cases.
        enable_drawing(cfg, args, 'visualization', show=args.show and not args.badcase)
        cfg.default_hooks.visualization.out_dir = args.show_dir
    if args.badcase:
        _enable_badcase(cfg, args)
    if args.dump is not None:
        evaluators = cfg.test_evaluator
        evaluators = list(evaluators) if isinstance(evaluators, (list, tuple)) else [evaluators]
        cfg.test_evaluator = [*evaluators, dict(type='DumpResults', out_file_path=args.dump)]
    return cfg


def _enable_badcase(cfg: Config, args: argparse.Namespace) -> None:
    enable_drawing(cfg, args, 'badcase', show=args.show)
    badcase = cfg.default_hooks.badcase
    kind = badcase.get('metric_type', 'loss')
    if kind not in ('loss', 'accuracy'):
        raise ConfigError(
            f"default_hooks.badcase.metric_type is {kind!r}; it should be 'loss' or 'accuracy'."
        )
    if not badcase.get('metric'):
        badcase.metric = cfg.model.head.loss if kind == 'loss' else cfg.test_evaluator


def run(args: argparse.Namespace) -> None:
    """Test, and save and print what was asked for."""
    import mmengine
    from mmengine.dist import is_main_process

    from .log_backends import require_log_backends
    from .preflight import require_valid

    cfg = merge_args(load_config(args), args)
    require_valid(cfg, 'test')
    require_log_backends(cfg)
    runner = build_runner(cfg, args)
    analysed = None if args.report is None else _analysed_metric(runner, args.report)
    metrics = runner.test()
    if not is_main_process():
        return
    if analysed is not None:
        _write_report(analysed, args)
    if args.out is not None:
        Path(args.out).parent.mkdir(parents=True, exist_ok=True)
        mmengine.dump(metrics, args.out)
    pictures = args.show_dir and os.path.join(runner.log_dir, args.show_dir)
    for what, place in (
        ('Logs are', runner.log_dir),
        ('Metrics are', args.out),
        ('Predictions are', args.dump),
        ('The report is', args.report),
        ('Pictures are', pictures),
    ):
        if place is not None:
            print(f'{what} in {place}.')


def _analysed_metric(runner: Runner, out: str) -> BaseMetric:
    """The metric that is told to analyse, and to leave its records beside the page.

    Raises:
        ConfigError: No metric of the test can.
    """
    metrics = runner.test_loop.evaluator.metrics
    able = [metric for metric in metrics if hasattr(metric, 'report')]
    if not able:
        raise ConfigError(
            '--report analyses poses in pictures, which none of the metrics in test_evaluator '
            f'does ({", ".join(type(metric).__name__ for metric in metrics)}); add one such as '
            "dict(type='EPE')."
        )
    able[0].analysis = str(Path(out).with_suffix('.npz'))
    return able[0]


def _write_report(metric: BaseMetric, args: argparse.Namespace) -> None:
    from mmpose.evaluation.analysis import PoseRecords

    from .report import write_page

    records = PoseRecords.load(metric.analysis)
    name = Path(args.checkpoint).name
    for notice in write_page(args.report, name, records, metric.report):
        print(f'Note: {notice}')


def main(argv: Sequence[str] | None = None) -> int:
    """Run this command as a program of its own; returns the exit status."""
    from .main import main_of

    return main_of('test', argv)

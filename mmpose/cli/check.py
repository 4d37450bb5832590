"""``mmpose check``: what is wrong with a config and its data, without training."""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import ConfigError
from .launch import add_config_arguments, load_config
from .part_checks import failing_imports, find_remarks
from .preflight import find_faults, raise_faults

if TYPE_CHECKING:
    from mmengine.config import Config
    from torch import nn

    from .checking.data import LoaderData
    from .checking.report import Report

SECTIONS = ('train', 'val', 'test')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of this command."""
    add_config_arguments(parser)
    parser.add_argument(
        '--samples',
        type=int,
        default=100,
        metavar='N',
        help='pictures of each data set to decode, evenly spread (default: 100); of all others '
        'only their existence is checked',
    )
    parser.add_argument('--out', metavar='FILE.json', help='write what was found to this file')


def run(args: argparse.Namespace) -> None:
    """Check, print what was found, and end with an error if there are faults."""
    from .checking.table import print_found

    if args.samples < 0:
        raise ConfigError(f'--samples is {args.samples}; give 0 or more.')
    found = check(load_config(args), args.config, args.samples, args.debug)
    print_found(found)
    if args.out is not None:
        Path(args.out).parent.mkdir(parents=True, exist_ok=True)
        Path(args.out).write_text(json.dumps(found, indent=2, default=str), encoding='utf-8')
    raise_faults(found['faults'])
    print('No faults were found.')


def check(cfg: Config, name: str, samples: int = 100, debug: bool = False) -> dict:
    """What was found, in values that JSON has.

    ``loaders`` has the facts of each loader by its name in the config, ``model`` those of the
    model; ``faults`` and ``remarks`` are sentences.

    Args:
        cfg: The config.
        name: Of the config, for the report.
        samples: How many pictures of each data set to decode.
        debug: Whether to print the tracebacks of parts that fail.
    """
    from mmengine.registry import init_default_scope

    from .checking.last_epochs import check_last_epochs
    from .checking.model import build_model, try_loss
    from .checking.report import Report

    init_default_scope(cfg.default_scope or 'mmpose')
    raise_faults([*dict.fromkeys(failing_imports(cfg, 'train') + failing_imports(cfg, 'test'))])
    report = Report(debug)
    with report.part('config'):
        report.faults += dict.fromkeys(find_faults(cfg, 'train') + find_faults(cfg, 'test'))
        for remark in find_remarks(cfg):
            report.remark('config', remark)
    with _quiet():
        loaders = _check_loaders(cfg, samples, report)
        model, model_facts = build_model(cfg, report)
        if model is not None and 'train' in loaders:
            try_loss(model, loaders['train'].opened, model_facts, report)
        _check_evaluation(cfg, loaders, model, report)
        if 'train' in loaders:
            check_last_epochs(cfg, loaders['train'], model, report)
    return dict(
        config=name,
        loaders={f'{section}_dataloader': data.facts() for section, data in loaders.items()},
        model=asdict(model_facts),
        faults=report.faults,
        remarks=report.remarks,
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what data sets tell of themselves: the table says it."""
    from mmengine.logging import MMLogger

    logger = MMLogger.get_current_instance()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def _check_loaders(cfg: Config, samples: int, report: Report) -> dict[str, LoaderData]:
    """The data of each section that the config has; equal sections are checked once."""
    from .checking.data import check_data, check_overlap

    loaders: dict[str, LoaderData] = {}
    for section in SECTIONS:
        loader = cfg.get(f'{section}_dataloader')
        if not loader or 'dataset' not in loader:
            continue
        if section == 'test' and 'val' in loaders and loader == cfg.val_dataloader:
            loaders['test'] = loaders['val']
            continue
        loaders[section] = check_data(f'{section}_dataloader', loader, samples, report)
        if section != 'train' and 'train' in loaders:
            check_overlap(loaders['train'], loaders[section], report)
    return loaders


def _check_evaluation(
    cfg: Config, loaders: dict[str, LoaderData], model: nn.Module | None, report: Report
) -> None:
    """Predict from the data of validation and testing, and hand it to their metrics."""
    from .checking.evaluators import check_evaluator
    from .checking.model import try_predict

    seen = []
    for section in ('val', 'test'):
        data, evaluator = loaders.get(section), cfg.get(f'{section}_evaluator')
        if data is None or (id(data), evaluator) in seen:
            continue
        seen.append((id(data), evaluator))
        predictions = None if model is None else try_predict(model, data.opened, report)
        if evaluator:
            items = [part.items for part in data.parts]
            check_evaluator(
                f'{section}_evaluator', evaluator, data.opened, items, predictions, report
            )


def main(argv: Sequence[str] | None = None) -> int:
    """Run this command as a program of its own; returns the exit status."""
    from .main import main_of

    return main_of('check', argv)

"""The ``mmpose`` command: finds the subcommand and imports that one alone."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from mmpose.version import __version__

# Each is a module here, with `add_arguments(parser)` and `run(args)`.
COMMANDS = dict(
    train='train a model from a config',
    test='measure a trained model on its test set',
    report='show what goes wrong in results: kinds of error, scores, worst cases',
    check='find what is wrong with a config and its data, without training',
    browse='show the pictures of a data set with their labels, before and behind the pipeline',
    convert='bring labelled pictures into COCO style: labelling tools, published data sets',
    infer='find poses in pictures and videos, draw and write them',
    webcam='show poses before a camera, live',
    serve='show a model on a web page and answer over HTTP',
    models='list, show and download the models of the zoo, with their published figures',
    pth_transfer='take the student out of the checkpoint of a distillation',
    quickstart='train and test a small model on drawn people, from nothing',
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a subcommand and return the exit status.

    Args:
        argv: The words after ``mmpose``; ``None`` means those of this process.
    """
    argv = sys.argv[1:] if argv is None else argv
    parser = argparse.ArgumentParser(prog='mmpose', description='Config-driven pose estimation.')
    parser.add_argument('--version', action='version', version=f'mmpose {__version__}')
    subparsers = parser.add_subparsers(metavar='COMMAND', required=True)
    for name, summary in COMMANDS.items():
        subparser = subparsers.add_parser(
            name, help=summary, description=f'{summary}.'.capitalize()
        )
        if name in argv[:1]:
            _prepare(subparser, name)
    args = parser.parse_args(argv)
    return _run(args)


def main_of(name: str, argv: Sequence[str] | None = None) -> int:
    """Run the subcommand ``name`` as a program of its own, as ``tools/*.py`` do."""
    parser = argparse.ArgumentParser(description=f'{COMMANDS[name]}.'.capitalize())
    _prepare(parser, name)
    return _run(parser.parse_args(argv))


def _prepare(parser: argparse.ArgumentParser, name: str) -> None:
    module = import_module(f'mmpose.cli.{name}')
    module.add_arguments(parser)
    parser.add_argument('--debug', action='store_true', help='show the traceback of every error')
    parser.set_defaults(run=module.run)


def _run(args: argparse.Namespace) -> int:
    from .errors import run_command

    return run_command(args.run, args)

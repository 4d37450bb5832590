"""``mmpose convert``: bring labelled pictures into COCO style, or out of it."""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Sequence
from types import ModuleType

from mmpose.datasets.converters import ConversionError, MissingPackageError, convert
from mmpose.datasets.converters.formats import FORMATS, format_module

from .errors import ConfigError

OUTCOME = (
    'Without an option for it, the pictures stay where they are and the annotation files refer '
    'to them.'
)


class _ListAction(argparse.Action):
    """Prints the formats and ends."""

    def __call__(self, parser: argparse.ArgumentParser, *args) -> None:
        width = max(map(len, FORMATS))
        print('\n'.join(f'{name:{width}}  {summary}' for name, summary in FORMATS.items()))
        parser.exit()


class _FormatParser(argparse.ArgumentParser):
    """Parses the arguments of one format, whose module is imported when it is chosen."""

    format_name = ''

    def parse_known_args(
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """As in the base class."""
        _add_format_arguments(self, format_module(self.format_name))
        return super().parse_known_args(args, namespace)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of this command."""
    parser.add_argument(
        '--list',
        action=_ListAction,
        nargs=0,
        default=argparse.SUPPRESS,
        help='show the formats and end',
    )
    subparsers = parser.add_subparsers(
        metavar='FORMAT', dest='format', required=True, parser_class=_FormatParser
    )
    for name, summary in FORMATS.items():
        subparser = subparsers.add_parser(
            name, help=summary, description=f'From {summary}. {OUTCOME}'
        )
        subparser.format_name = name


def _add_format_arguments(parser: argparse.ArgumentParser, module: ModuleType) -> None:
    parser.add_argument('source', help='the folder or file to read')
    parser.add_argument('out', help='the folder to write to')
    # it stands after the format as well as before; the parser in front has the default
    parser.add_argument(
        '--debug', action='store_true', default=argparse.SUPPRESS, help=argparse.SUPPRESS
    )
    group = parser.add_argument_group('this format')
    function = getattr(module, 'write', None) or module.read
    parameters = inspect.signature(function).parameters
    for name, option in module.OPTIONS.items():
        _add_option(group, name, option, parameters[name].default)
    if not hasattr(module, 'write'):
        _add_common_arguments(parser.add_argument_group('what is written'))


def _add_option(
    group: argparse._ArgumentGroup, name: str, option: str | dict, default: object
) -> None:
    """Declare an option of a format; if it is not given, the format's own default holds."""
    words = dict(help=option) if isinstance(option, str) else dict(option)
    if default is False:
        words.setdefault('action', 'store_true')
    elif default not in (None, '', ()):
        words['help'] += f' (default: {default})'
    group.add_argument(f'--{name.replace("_", "-")}', default=argparse.SUPPRESS, **words)


def _add_common_arguments(group: argparse._ArgumentGroup) -> None:
    parameters = inspect.signature(convert).parameters
    options = dict(
        val_share=dict(
            type=float,
            metavar='SHARE',
            help='write train.json and val.json, which gets this share of the pictures',
        ),
        seed=dict(type=int, help='of the choice of these pictures'),
        split_by=dict(
            choices=('group', 'image'),
            help='keep sequences or folders together, or not (default: group if there are several)',
        ),
        copy_images='copy the pictures to OUT/images, so that OUT can be moved',
        dataset_name=dict(metavar='NAME', help='in the metainfo (default: the name of OUT)'),
        box_margin=dict(
            type=float,
            metavar='SHARE',
            help='how much wider than the keypoints on each side a box is that the source lacks, '
            'as a share of the longer side (default: 0.2)',
        ),
        links=dict(
            nargs='+',
            metavar='A:B',
            help='the keypoints that the skeleton joins (default: as the source says)',
        ),
        swaps=dict(
            nargs='+',
            metavar='A:B',
            help='the keypoints that a mirror exchanges (default: as the source says, or else '
            'left and right in the names)',
        ),
    )
    for name, option in options.items():
        _add_option(group, name, option, parameters[name].default)


def run(args: argparse.Namespace) -> None:
    """Convert, and say what came out."""
    options = {
        name: value
        for name, value in vars(args).items()
        if name not in ('format', 'source', 'out', 'run', 'debug')
    }
    try:
        print(convert(args.format, args.source, args.out, **options).text)
    except (ConversionError, MissingPackageError) as error:
        raise ConfigError(str(error)) from error

"""``mmpose report``: what goes wrong in results, as tables and as a page with pictures."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import ConfigError

if TYPE_CHECKING:
    from mmpose.evaluation.analysis import PoseRecords

_SUFFIXES = ('.html', '.htm')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of this command."""
    parser.add_argument(
        'results',
        metavar='RESULTS',
        help='pose records (.npz), a COCO result file (.json), or the predictions of '
        '`mmpose test --dump` (.pkl, of which only plain values are read, nothing is run)',
    )
    parser.add_argument(
        '--ann-file',
        metavar='FILE',
        help='the COCO annotation file that the results are for; needed for .json',
    )
    parser.add_argument(
        '--metainfo',
        metavar='FILE.py',
        help='defines the keypoints by `dataset_info`, such as configs/_base_/datasets/coco.py '
        '(default: the shipped definition that fits)',
    )
    parser.add_argument(
        '--out', metavar='FILE.html', help='the page (default: RESULTS, ending in .html)'
    )
    parser.add_argument('--no-html', action='store_true', help='print the tables, write no page')
    parser.add_argument('--json', metavar='FILE', help='write all numbers to this file')
    parser.add_argument(
        '--img-prefix',
        metavar='FOLDER',
        help='where the pictures are, if their paths are relative or lead nowhere',
    )
    parser.add_argument(
        '--worst', type=int, default=24, metavar='N', help='cases to show (default: 24)'
    )
    parser.add_argument(
        '--pck-thr',
        type=float,
        default=0.05,
        metavar='SHARE',
        help='of the longer side of the labelled box, below which a keypoint counts as right '
        'for PCK (default: 0.05)',
    )


def run(args: argparse.Namespace) -> None:
    """Print the tables, and write the files that are asked for."""
    from mmpose.evaluation.analysis import analyse, print_analysis

    from .reporting.results import read_results

    _check_arguments(args)
    records, notices = read_results(args.results, args.ann_file, args.metainfo)
    report = analyse(records, args.pck_thr, args.worst)
    print_analysis(report)
    if args.json is not None:
        _write(args.json, json.dumps(report, indent=2, allow_nan=False))
    if not args.no_html:
        out = args.out or str(Path(args.results).with_suffix('.html'))
        name = Path(args.results).name
        notices += write_page(out, name, records, report, args.img_prefix)
        print(f'The page is in {out}.')
    for notice in notices:
        print(f'Note: {notice}')


def write_page(
    out: str, name: str, records: PoseRecords, report: dict, img_prefix: str | None = None
) -> list[str]:
    """Write an analysis as a page; returns what there is to say about its pictures.

    Args:
        out: The file.
        name: Of the results, for the heading.
        records: What was analysed.
        report: What :func:`mmpose.evaluation.analysis.analyse` found in it.
        img_prefix: Folder of pictures whose paths are relative or lead nowhere.
    """
    from .reporting.cases import CasePainter
    from .reporting.page import report_page

    painter = CasePainter(records, img_prefix)
    _write(out, report_page(name, report, list(painter.cards(report['worst']))))
    if not painter.missing:
        return []
    return [
        f'{len(painter.missing)} of {len(report["worst"])} pictures of the worst cases were not '
        f'found ({painter.missing[0] or "of unknown path"}), and these are drawn on blank; say by '
        '--img-prefix FOLDER where they are.'
    ]


def _check_arguments(args: argparse.Namespace) -> None:
    if args.worst < 0:
        raise ConfigError(f'--worst is {args.worst}; give 0 or more.')
    if not 0 < args.pck_thr < float('inf'):
        raise ConfigError(f'--pck-thr is {args.pck_thr}; give a share above 0, such as 0.05.')
    if args.out is not None and args.no_html:
        raise ConfigError('--no-html contradicts --out.')
    if args.out is not None and not args.out.lower().endswith(_SUFFIXES):
        raise ConfigError(f'--out is {args.out}; give a file that ends in .html.')


def _write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding='utf-8')


def main(argv: Sequence[str] | None = None) -> int:
    """Run this command as a program of its own; returns the exit status."""
    from .main import main_of

    return main_of('report', argv)

"""An analysis as tables on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from .error_kinds import KINDS

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

MAX_ROWS = 40  # keypoints shown; of more, those of the lowest AP
_MEASURES = ('AP', 'PCK', 'px', *KINDS)


def print_analysis(report: Mapping, console: Console | None = None) -> None:
    """Print tables of the outcome, the kinds of error, keypoints, slices and calibration.

    Shares and average precisions are in percent, px are median distances from the label, '-' is
    where there is nothing to measure. The worst cases are left out, for they are to be looked at.

    Args:
        report: What :func:`analyse` returns.
        console: Where to; ``None`` means standard output.
    """
    from rich.console import Console
    from rich.text import Text

    if console is None:
        # a file or a pipe has no width of its own
        console = Console(width=None if sys.stdout.isatty() else 100)
    for make in (_overview, _errors, _keypoints, _slices, _calibration):
        title, table = make(report)  # a title of the table itself would not be wider than it
        console.print(Text(title, 'bold'), table, '', sep='\n')


def _overview(report: Mapping) -> tuple[str, Table]:
    numbers, outcomes = report['numbers'], report['outcomes']
    instances, detections = report['instances'], report['detections']
    left = [(name, _percent(numbers[name])) for name in ('AP', 'AP .5', 'AP .75', 'AR')]
    left += [
        (f'PCK at {report["pck_thr"]:g}', _percent(numbers['PCK'])),
        ('median error, px', _decimal(numbers['median_error'])),
    ]
    right = [('images', report['images'], None), ('instances', instances, None)]
    right += [(f'  {name}', outcomes[name], instances) for name in ('found', 'missed')]
    right += [('detections', detections, None)]
    right += [(f'  {name}', outcomes[name], detections) for name in ('background', 'duplicate')]

    title = report['dataset'] or 'Analysis'
    if report['sigmas_assumed']:
        title += ' (without sigmas; 0.05 is assumed for every keypoint)'
    table = _table('number', '%', ' ', '', 'count', '%', texts=('number', ' ', ''))
    for number, outcome in zip_longest(left, right, fillvalue=('', '')):
        name, count, whole = outcome
        share = _percent(count / whole) if whole else ''
        _add(table, *number, '', name, str(count), share)
    return title, table


def _errors(report: Mapping) -> tuple[str, Table]:
    """The share of each kind of error, and the AP without it."""
    errors, precision = report['errors'], report['numbers']['AP']
    title = f'Kinds of error of {errors["keypoints"]} keypoints'
    table = _table('kind', '%', 'AP if mended', 'gain', texts=('kind',))
    for kind in (*KINDS, 'all'):
        mended = errors['AP_if_mended'].get(kind)
        share = _percent(errors['share'][kind]) if kind in KINDS else ''
        cells = ('', '') if kind == 'good' else (_percent(mended), _gain(mended, precision))
        _add(table, kind, share, *cells)
    return title, table


def _keypoints(report: Mapping) -> tuple[str, Table]:
    rows, title = report['keypoints'], 'Keypoints'
    if len(rows) > MAX_ROWS:
        measured = [row for row in rows if row['AP'] is not None]
        lowest = sorted(measured, key=lambda row: row['AP'])[:MAX_ROWS]
        title += f' (the {len(lowest)} of {len(rows)} with the lowest AP)'
        rows = lowest
    table = _table('name', 'labels', *_MEASURES, texts=('name',))
    for row in rows:
        _add(table, row['name'], str(row['labelled']), *_measures(row))
    return title, table


def _slices(report: Mapping) -> tuple[str, Table]:
    """The slices that have instances."""
    title = 'Slices'
    table = _table('by', 'count', *_MEASURES, texts=('by',))
    for by, slices in report['slices'].items():
        _add(table, by)
        for part in slices:
            if part['instances']:
                _add(table, f'  {part["name"]}', str(part['instances']), *_measures(part))
    return title, table


def _calibration(report: Mapping) -> tuple[str, Table]:
    """Scores beside the OKS reached, and beside the share of keypoints near their label."""
    pose, keypoint = report['calibration']['pose'], report['calibration']['keypoint']
    columns = ('poses', 'score', 'OKS', ' ', 'keypoints', 'score', 'near')
    title = 'Calibration: scores against what they promise'
    table = _table('score from', *columns)
    for one, other in zip(pose['bins'], keypoint['bins'], strict=True):
        _add(table, f'{one["low"]:.1f}', *_bin(one), '', *_bin(other))
    table.add_section()
    for label, name in (('ECE', 'ece'), ('correlation', 'correlation')):
        numbers = [_decimal(part[name], 2) for part in (pose, keypoint)]
        _add(table, label, '', '', numbers[0], '', '', '', numbers[1])
    return title, table


def _measures(row: Mapping) -> list[str]:
    """The cells of the columns that keypoints and slices share."""
    shares = [_percent(row[kind]) for kind in KINDS]
    return [_percent(row['AP']), _percent(row['PCK']), _decimal(row['median_error']), *shares]


def _bin(part: Mapping) -> list[str]:
    return [str(part['count']), _decimal(part['score'], 2), _decimal(part['quality'], 2)]


def _percent(share: float | None) -> str:
    return '-' if share is None else f'{100 * share:.1f}'


def _gain(mended: float | None, precision: float | None) -> str:
    if mended is None or precision is None:
        return '-'
    return f'{round(100 * (mended - precision), 1) + 0.0:+.1f}'  # no -0.0


def _decimal(number: float | None, digits: int = 1) -> str:
    return '-' if number is None else f'{number:.{digits}f}'


def _table(*columns: str, texts: Sequence[str] = ()) -> Table:
    """A table whose columns are numbers, but for some texts; these give way if it is narrow."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    for name in columns:
        if name in texts:
            table.add_column(name, overflow='fold')
        else:
            table.add_column(name, justify='right', no_wrap=True)
    return table


def _add(table: Table, *cells: str) -> None:
    """A row of cells that stand as they are, whatever brackets a name has."""
    from rich.text import Text

    table.add_row(*map(Text, cells))

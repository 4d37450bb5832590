"""The facts of a check as a table."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping

from .report import counted

MAX_ROWS = 40  # keypoints shown; of more, those least labelled


def print_found(facts: Mapping) -> None:
    """Print what :func:`mmpose.cli.check.check` found, but for the faults."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=facts['config'], title_justify='left', title_style='bold')
    table.add_column('')
    columns = list(facts['loaders'].values())
    for name in facts['loaders']:
        table.add_column(name.removesuffix('_dataloader'))
    for section in (_loader_rows(columns), _part_rows(columns), _label_rows(columns)):
        for label, cells in section:
            table.add_row(label, *cells)
        table.add_section()
    # a file or a pipe has no width of its own
    console = Console(width=None if sys.stdout.isatty() else 100, highlight=False, markup=False)
    if columns:
        console.print(table)
    lines = [*_model_lines(facts['model']), '']
    if facts['remarks']:
        lines += [f'{counted(len(facts["remarks"]), "remark")}:']
        indented = (remark.replace('\n', '\n  ') for remark in facts['remarks'])
        lines += [f'- {remark}' for remark in indented] + ['']
    print('\n'.join(lines), flush=True)


def _loader_rows(columns: list[Mapping]) -> Iterator[tuple[str, list[str]]]:
    yield 'data set', [column['dataset'] for column in columns]
    for name in ('pictures', 'without instance', 'instances', 'keypoints'):
        yield name, [_text(column[name]) for column in columns]
    yield 'dropped', [_dropped(column['dropped']) if column['parts'] else '-' for column in columns]
    batches = [(_text(column['batch size']), column['batches']) for column in columns]
    yield 'batch size', [size if n is None else f'{size} ({n} batches)' for size, n in batches]
    yield 'input, targets', ['\n'.join(_shapes(column['shapes'])) or '-' for column in columns]


def _part_rows(columns: list[Mapping]) -> Iterator[tuple[str, list[str]]]:
    """A row for each of several data sets that a wrapper joins."""
    most = max((len(column['parts']) for column in columns), default=0)
    if most < 2:
        return
    for i in range(most):
        cells = []
        for column in columns:
            part = column['parts'][i] if i < len(column['parts']) else None
            cells.append(
                f'{part["dataset"]}: {part["instances"]} instances in {part["pictures"]} '
                f'pictures, {part["keypoints"]} keypoints; dropped {_dropped(part["dropped"])}'
                if part
                else ''
            )
        yield f'part {i}', cells


def _label_rows(columns: list[Mapping]) -> Iterator[tuple[str, list[str]]]:
    """The share of instances that have each keypoint labelled, those least labelled first."""
    names = list(dict.fromkeys(name for column in columns for name in column['labelled']))
    if len(names) > MAX_ROWS:
        shares = {
            name: min(column['labelled'].get(name, 1) for column in columns) for name in names
        }
        names = sorted(names, key=shares.__getitem__)[:MAX_ROWS]
    if names:
        yield 'labelled', [''] * len(columns)
    for name in names:
        shares = [column['labelled'].get(name) for column in columns]
        yield f'  {name}', ['-' if s is None else f'{s:.1%}' for s in shares]


def _model_lines(model: Mapping) -> list[str]:
    lines = [f'model: {model["type"]}']
    if model['parameters'] is not None:
        lines[0] += f'; {model["parameters"] / 1e6:.2f} M parameters'
        if model['trainable'] != model['parameters']:
            lines[0] += f', {model["trainable"] / 1e6:.2f} M of them trained'
    if model['outputs']:
        counts = Counter(_shape(shape) for shape in model['outputs'])
        told = (shape if n == 1 else f'{n} x {shape}' for shape, n in counts.items())
        lines.append(f'returns {", ".join(told)} per item')
    if model['losses']:
        values = ', '.join(f'{name} {value:.4g}' for name, value in model['losses'].items())
        lines.append(f'untrained: {values}')
    return lines


def _text(value: object) -> str:
    return '-' if value is None else str(value)


def _dropped(dropped: Mapping[str, int]) -> str:
    return ', '.join(f'{count} ({reason})' for reason, count in dropped.items()) or 'none'


def _shapes(shapes: Mapping[str, list]) -> Iterator[str]:
    for name, shape in shapes.items():
        yield f'{name} {_shape(shape)}'


def _shape(shape: list) -> str:
    return f'({", ".join(map(str, shape))}{"," * (len(shape) == 1)})'

"""Tables with bars in their cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

from mmpose.evaluation.analysis.error_kinds import KINDS

from .charts import stacked_bar
from .words import exact, number, percent, term


class Column(NamedTuple):
    """A column of a table.

    Attributes:
        key: Of the value in a row.
        title: What stands above it.
        meaning: Key of its definition; '' if it has none.
        form: 'name'; 'count'; 'score', from 0 to 1; 'percent', a share from 0 to 1; 'pixels';
            or 'kinds', a bar of the kinds of error in the row.
    """

    key: str
    title: str
    meaning: str
    form: str


KIND_COLUMNS = (
    Column('', 'kinds of error', '', 'kinds'),
    *(Column(kind, kind, kind, 'percent') for kind in KINDS),
)


def table(
    columns: Sequence[Column], rows: Sequence[Mapping], definitions: Mapping[str, str]
) -> str:
    """A table that is sorted by a column when its title is clicked.

    Args:
        columns: Its columns, that of names first.
        rows: Values by key.
        definitions: Sentences by the columns' ``meaning``.
    """
    highest = {
        column.key: max((row[column.key] or 0 for row in rows), default=0)
        for column in columns
        if column.form in ('pixels', 'percent')
    }
    head = ''.join(_title(column, definitions) for column in columns)
    body = '\n'.join(
        f'<tr>{"".join(_cell(column, row, highest.get(column.key, 1)) for column in columns)}</tr>'
        for row in rows
    )
    return (
        '<div class="scroll"><table>\n'
        f'<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>'
    )


def _title(column: Column, definitions: Mapping[str, str]) -> str:
    if column.form == 'kinds':
        return f'<th class="kinds">{column.title}</th>'
    words = term(column.title, definitions[column.meaning]) if column.meaning else column.title
    return f'<th class="{column.form}"><button type="button">{words}</button></th>'


def _cell(column: Column, row: Mapping, highest: float) -> str:
    if column.form == 'kinds':
        return f'<td class="kinds">{stacked_bar(row)}</td>'
    value = row[column.key]
    if column.form == 'name':
        text = escape(str(value))
        return f'<th scope="row" data-value="{text}">{text}</th>'
    if column.form == 'count':
        return f'<td data-value="{value}">{value}</td>'
    if column.form == 'percent':
        text = percent(value)
    else:
        text = number(value, 1 if column.form == 'pixels' else 3)
    length = (value or 0) / (highest or 1)
    kind = column.key if column.key in KINDS else ''
    return (
        f'<td class="bar {kind}" data-value="{exact(value)}" style="--length:{length:.4f}">'
        f'{text}</td>'
    )

"""The analysis as an HTML page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from mmpose.cli import html
from mmpose.cli.checking.report import counted

from .cases import MARKED, CaseCard
from .charts import gains, legend, reliability, stacked_bar
from .style import SCRIPT, STYLE
from .tables import KIND_COLUMNS, Column, table
from .words import definitions, exact, number, percent, term

_MEASURES = ('AP', 'AP .5', 'AP .75', 'AR')
_WHOLES = dict(
    found='instances', missed='instances', background='detections', duplicate='detections'
)
_TITLES = {
    'wrong pose': 'Wrong poses',
    'missed': 'Missed instances',
    'background': 'Background taken for a pose',
}
_SIDES = dict(one='one side of the body', mirror='its mirror', between='between them')
_PLACE_COLUMNS = (
    Column('PCK', 'PCK', 'PCK', 'score'),
    Column('median_error', 'median error', 'median error', 'pixels'),
    *KIND_COLUMNS,
)
_KEYPOINT_COLUMNS = (
    Column('name', 'keypoint', '', 'name'),
    Column('labelled', 'labelled', 'labelled', 'count'),
    Column('matched', 'matched', 'matched', 'count'),
    Column('AP', 'AP', 'AP of a keypoint', 'score'),
    *_PLACE_COLUMNS,
)
_SLICE_COLUMNS = (
    Column('instances', 'instances', 'instances', 'count'),
    Column('AP', 'AP', 'AP', 'score'),
    Column('AR', 'AR', 'AR', 'score'),
    *_PLACE_COLUMNS,
)


def report_page(name: str, report: Mapping, cases: Iterable[CaseCard]) -> str:
    """The text of the page.

    Args:
        name: Of the results.
        report: What :func:`mmpose.evaluation.analysis.analyse` found.
        cases: The worst ones, drawn.
    """
    terms = definitions(report['pck_thr'])
    subtitle = ', '.join(
        [
            report['dataset'] or 'a data set without a name',
            counted(report['images'], 'image'),
            counted(report['instances'], 'instance'),
            counted(report['detections'], 'detection'),
        ]
    )
    sections = {
        'Overview': _overview(report, terms),
        'Errors of keypoints': _errors(report, terms),
        'Keypoints': table(_KEYPOINT_COLUMNS, report['keypoints'], terms),
        'Calibration of scores': _calibration(report['calibration'], terms),
        'Sizes and crowds': _slices(report['slices'], terms),
        'Worst cases': _worst(cases, terms),
        'What the words mean': _glossary(terms),
    }
    content = '\n'.join(
        f'<section><h2>{title}</h2>\n{content}\n</section>' for title, content in sections.items()
    )
    return html.page(f'Report on {name}', subtitle, content, STYLE, SCRIPT)


def _overview(report: Mapping, terms: Mapping[str, str]) -> str:
    numbers = report['numbers']
    measured = [
        *(_tile(term(key, terms[key]), numbers[key]) for key in _MEASURES),
        _tile(term(f'PCK@{report["pck_thr"]:g}', terms['PCK']), numbers['PCK']),
        _tile(term('median error', terms['median error']), numbers['median_error'], 1, ' px'),
    ]
    told = [_outcome(key, report, terms) for key in report['outcomes']]
    text = f'<dl class="tiles">{"".join(measured)}</dl><dl class="tiles">{"".join(told)}</dl>'
    if report['sigmas_assumed']:
        text += (
            '<p class="note">The data set has no sigmas, so 0.05 is assumed for every keypoint: '
            'AP, AR and kinds of error can be compared with each other, not with those of other '
            'data sets.</p>'
        )
    return text


def _outcome(key: str, report: Mapping, terms: Mapping[str, str]) -> str:
    """The tile of a count of instances or of detections, with its share of them."""
    whole, count = _WHOLES[key], report['outcomes'][key]
    share = percent(count / report[whole]) if report[whole] else 'none'
    return (
        f'<div><dt>{term(key, terms[key])}</dt><dd data-value="{count}">{count}</dd>'
        f'<dd class="part">{share} of {whole}</dd></div>'
    )


def _tile(title: str, value: float | None, digits: int = 3, unit: str = '') -> str:
    text = number(value, digits) + (unit if value is not None else '')
    return f'<div><dt>{title}</dt><dd data-value="{exact(value)}">{text}</dd></div>'


def _errors(report: Mapping, terms: Mapping[str, str]) -> str:
    errors, now = report['errors'], report['numbers']['AP']
    if not errors['keypoints']:
        return '<p>No keypoint could be judged.</p>'
    return (
        f'<p>Of {counted(errors["keypoints"], "labelled keypoint")} of found instances:</p>'
        f'<div class="large">{stacked_bar(errors["share"])}</div>'
        f'{legend(errors["share"], terms)}'
        f'<h3>{term("AP if mended", terms["AP if mended"])}</h3>'
        f'{gains(now, errors["AP_if_mended"])}'
    )


def _calibration(calibration: Mapping, terms: Mapping[str, str]) -> str:
    diagrams = [
        _diagram('Poses', calibration['pose'], 'OKS reached', terms),
        _diagram('Keypoints', calibration['keypoint'], 'keypoints in place', terms),
    ]
    return f'<p>{escape(terms["reliability"])}</p><div class="diagrams">{"".join(diagrams)}</div>'


def _diagram(what: str, found: Mapping, quality: str, terms: Mapping[str, str]) -> str:
    numbers = ', '.join(
        f'{term(name, terms[name])} <b data-value="{exact(found[key])}">{number(found[key])}</b>'
        for name, key in (('ECE', 'ece'), ('correlation', 'correlation'))
    )
    return (
        f'<div><h3>{what}</h3><p>{numbers}</p>'
        f'{reliability(found["bins"], quality, what.lower())}</div>'
    )


def _slices(slices: Mapping, terms: Mapping[str, str]) -> str:
    titles = {'size': 'size', 'crowd': 'crowding'}
    return '\n'.join(
        f'<h3>By {term(title, terms[title])}</h3>'
        + table((Column('name', title, '', 'name'), *_SLICE_COLUMNS), slices[key], terms)
        for key, title in titles.items()
    )


def _worst(cases: Iterable[CaseCard], terms: Mapping[str, str]) -> str:
    figures: dict[str, list[str]] = {}
    for case in cases:
        figures.setdefault(case.kind, []).append(html.figure(case.pictures, case.caption))
    if not figures:
        return '<p>There are none.</p>'
    parts = [
        '<p>The pose as it is labelled, then as it was predicted; keypoints that have no label '
        'are faint. Rings mark keypoints with an error, with a line to where they belong.</p>',
        _keys(_SIDES),
        _keys(dict(zip(MARKED, MARKED, strict=True))),
    ]
    for kind, of_kind in figures.items():
        parts += [f'<h3>{term(_TITLES[kind], terms[kind])}</h3>']
        parts += [f'<div class="{kind.replace(" ", "-")}">{html.cards(of_kind)}</div>']
    return '\n'.join(parts)


def _keys(names: Mapping[str, str]) -> str:
    """A legend of names by the class of their colour."""
    entries = ''.join(
        f'<li><span class="key {color}"></span>{name}</li>' for color, name in names.items()
    )
    return f'<ul class="legend">{entries}</ul>'


def _glossary(terms: Mapping[str, str]) -> str:
    rows = ''.join(f'<dt>{escape(k)}</dt><dd>{escape(text)}</dd>' for k, text in terms.items())
    return f'<dl class="terms">{rows}</dl>'

"""Charts as HTML and SVG; their colours are in the style of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from mmpose.evaluation.analysis.error_kinds import ERRORS, KINDS

from .words import exact, number, percent, term

# the square of a reliability diagram and the counts below it, in units of the drawing
_LEFT, _TOP, _SIDE = 40, 8, 280
_COUNT_TOP, _COUNT_HEIGHT = 334, 44
_SMALLEST_DOT, _LARGEST_DOT = 3.0, 9.0


def stacked_bar(shares: Mapping[str, float | None]) -> str:
    """The kinds of error as parts of a bar.

    Args:
        shares: By the name of each kind; others are passed over.
    """
    parts = ''.join(
        f'<span class="{kind}" style="width:{100 * shares[kind]:.3f}%" '
        f'title="{kind}: {percent(shares[kind])}"></span>'
        for kind in KINDS
        if shares[kind]
    )
    return f'<div class="stack">{parts}</div>'


def legend(shares: Mapping[str, float | None], definitions: Mapping[str, str]) -> str:
    """The kinds of error with their colours and shares."""
    entries = ''.join(
        f'<li><span class="key {kind}"></span>'
        f'{term(kind, definitions[kind])} '
        f'<b data-value="{exact(shares[kind])}">{percent(shares[kind])}</b></li>'
        for kind in KINDS
    )
    return f'<ul class="legend">{entries}</ul>'


def gains(now: float | None, mended: Mapping[str, float | None]) -> str:
    """The AP as it is and if errors were mended, a bar each."""
    rows = [_gain('now', now, now)]
    rows += [_gain(kind, now, mended[kind]) for kind in (*ERRORS, 'all')]
    return f'<div class="gains">{"".join(rows)}</div>'


def _gain(kind: str, now: float | None, then: float | None) -> str:
    name = {'now': 'now', 'all': 'without any'}.get(kind, f'without {kind}')
    if now is None or then is None:
        return f'<span>{name}</span><div class="track"></div><b>{number(then)}</b><span></span>'
    base, more = 100 * now, 100 * max(then - now, 0)
    return (
        f'<span>{name}</span>'
        f'<div class="track"><span class="base" style="width:{base:.3f}%"></span>'
        f'<span class="{kind}" style="width:{more:.3f}%"></span></div>'
        f'<b data-value="{exact(then)}">{number(then)}</b>'
        f'<span class="quiet">{"" if kind == "now" else f"{then - now:+.3f}"}</span>'
    )


def reliability(bins: Sequence[Mapping], quality: str, what: str) -> str:
    """The quality that scores of each bin reach as a line, and the counts as bars below it.

    Args:
        bins: Of each ``low``, ``high``, ``count``, ``score`` and ``quality``.
        quality: Name of the vertical axis.
        what: What was counted.
    """
    most = max((b['count'] for b in bins), default=0) or 1
    right, bottom = _LEFT + _SIDE, _TOP + _SIDE
    points = [
        (_x(b['score']), _y(b['quality']), b) for b in bins if b['count'] and b['score'] is not None
    ]
    line = ' '.join(f'{x:.1f},{y:.1f}' for x, y, _ in points)
    dots = ''.join(
        f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="{_radius(b["count"] / most):.1f}">'
        f'<title>{_told(b, quality, what)}</title></circle>'
        for x, y, b in points
    )
    floor = _COUNT_TOP + _COUNT_HEIGHT
    bars = ''.join(_count_bar(b, floor, most, _told(b, quality, what)) for b in bins)
    return f"""<svg viewBox="0 0 {right + 12} {floor + 18}" role="img"
 aria-label="{escape(quality)} by score">
{_grid()}
<line class="diagonal" x1="{_LEFT}" y1="{bottom}" x2="{right}" y2="{_TOP}"/>
<polyline class="curve" points="{line}"/>
{dots}
<text class="axis" x="{_LEFT + _SIDE / 2}" y="{bottom + 32}">score</text>
<text class="axis" transform="translate(10 {_TOP + _SIDE / 2}) rotate(-90)">{escape(quality)}</text>
{bars}
<line class="frame" x1="{_LEFT}" y1="{floor}" x2="{right}" y2="{floor}"/>
<text class="axis" x="{_LEFT + _SIDE / 2}" y="{floor + 14}">{escape(what)} by score</text>
</svg>"""


def _x(value: float) -> float:
    return _LEFT + _SIDE * value


def _y(value: float) -> float:
    return _TOP + _SIDE * (1 - value)


def _radius(share: float) -> float:
    """That of a dot whose area grows with its share of the most frequent."""
    return _SMALLEST_DOT + (_LARGEST_DOT - _SMALLEST_DOT) * share**0.5


def _told(b: Mapping, quality: str, what: str) -> str:
    text = f'score {b["low"]:.1f} to {b["high"]:.1f}: {b["count"]} {what}'
    if b['count']:
        text += f', mean score {number(b["score"])}, {quality} {number(b["quality"])}'
    return escape(text)


def _grid() -> str:
    lines = []
    for i in range(6):
        value = i / 5
        x, y, end = _x(value), _y(value), _TOP + _SIDE
        lines.append(
            f'<line class="grid" x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{end}"/>'
            f'<line class="grid" x1="{_LEFT}" y1="{y:.1f}" x2="{_LEFT + _SIDE}" y2="{y:.1f}"/>'
            f'<text x="{x:.1f}" y="{end + 15}">{value:g}</text>'
            f'<text class="left" x="{_LEFT - 6}" y="{y + 4:.1f}">{value:g}</text>'
        )
    return '\n'.join(lines)


def _count_bar(b: Mapping, floor: float, most: int, title: str) -> str:
    height = _COUNT_HEIGHT * b['count'] / most
    x, width = _x(b['low']), _SIDE * (b['high'] - b['low'])
    return (
        f'<rect class="count" x="{x + 1:.1f}" y="{floor - height:.1f}" width="{width - 2:.1f}" '
        f'height="{height:.1f}"><title>{title}</title></rect>'
        f'<text class="small" x="{x + width / 2:.1f}" y="{floor - height - 3:.1f}">'
        f'{_short(b["count"])}</text>'
    )


def _short(count: int) -> str:
    """A count in at most four characters, such as 12k."""
    for limit, unit in ((1e6, 'M'), (1e3, 'k')):
        if count >= limit:
            value = count / limit
            return f'{value:.1f}{unit}' if value < 9.95 else f'{value:.0f}{unit}'
    return str(count)

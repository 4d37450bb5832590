"""The look of the page, and the script that sorts its tables."""

from __future__ import annotations

# for the kinds of error, and for poses: one side of the body, its mirror, what is between them
COLORS = dict(
    good='#5f9e8c',
    jitter='#d6b12f',
    inversion='#e2762f',
    swap='#a566cc',
    miss='#d23f57',
    one='#339cff',
    mirror='#8fe03a',
    between='#dcdcdc',
)

_CLASSES = '\n'.join(f'.{name} {{ --kind: {color}; }}' for name, color in COLORS.items())

STYLE = (
    f"""
{_CLASSES}
.all, .now {{ --kind: var(--accent); }}
"""
    + """
:root { --width: 80rem; --card: 15rem; --accent: #3b82c4; }
main { display: grid; gap: 2.5rem; grid-template-columns: minmax(0, 1fr); }
h2 { font-size: 1.05rem; font-weight: 600; margin: 0 0 .75rem; }
h3 { font-size: .875rem; font-weight: 600; margin: 1.5rem 0 .5rem; }
h2 + h3, .diagrams h3 { margin-top: 0; }
section p { margin: 0 0 1rem; max-width: 46rem; }
.quiet, .note { color: var(--quiet); }
.term { cursor: help; text-decoration: underline dotted var(--quiet) 1px;
  text-underline-offset: 3px; }
b { font-weight: 600; font-variant-numeric: tabular-nums; }

.tiles { display: grid; gap: .75rem; margin: 0 0 .75rem;
  grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); }
.tiles div { border: 1px solid var(--line); border-radius: 8px; padding: .6rem .9rem; }
.tiles dd { font-size: 1.375rem; line-height: 1.3; font-weight: 600; }
.tiles .part { font-size: .75rem; font-weight: 400; color: var(--quiet); }

.stack { display: flex; height: .75rem; border-radius: 3px; overflow: hidden;
  background: var(--faint); }
.stack span, .track span { background: var(--kind); }
.large .stack { height: 1.75rem; border-radius: 6px; }
.legend { list-style: none; margin: .6rem 0; padding: 0; display: flex; flex-wrap: wrap;
  gap: .25rem 1.5rem; }
.key { display: inline-block; width: .75rem; height: .75rem; border-radius: 3px;
  margin-right: .4rem; background: var(--kind); vertical-align: -.05rem; }
.gains { display: grid; gap: .35rem .9rem; align-items: center; max-width: 46rem;
  grid-template-columns: max-content minmax(4rem, 1fr) max-content max-content; }
.track { display: flex; height: .75rem; border-radius: 3px; overflow: hidden;
  background: var(--faint); }
.track .base { background: color-mix(in srgb, var(--accent) 45%, Canvas); }

.scroll { overflow: auto; max-height: 85vh; border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: separate; border-spacing: 0; width: 100%; font-size: .8125rem;
  white-space: nowrap; }
thead th { position: sticky; top: 0; z-index: 1; background: Canvas; font-weight: 600;
  border-bottom: 1px solid var(--line); }
tr > :first-child { position: sticky; left: 0; background: Canvas; text-align: left; }
thead tr > :first-child { z-index: 2; }
tbody th { font-weight: 400; }
th, td { padding: .3rem .6rem; text-align: right; font-variant-numeric: tabular-nums; }
tbody tr + tr > * { border-top: 1px solid var(--faint); }
th.kinds { text-align: left; }
td.kinds { min-width: 9rem; }
td.bar { padding-bottom: .5rem; --tone: var(--kind, var(--accent));
  background: linear-gradient(var(--tone), var(--tone)) .6rem calc(100% - .25rem) /
    calc((100% - 1.2rem) * var(--length)) 3px no-repeat; }
th button { all: unset; cursor: pointer; }
th button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
th[aria-sort] button::after { content: ' \\2193'; }
th[aria-sort=ascending] button::after { content: ' \\2191'; }

.diagrams { display: grid; gap: 1.5rem 3rem;
  grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 25rem)); }
.diagrams p { margin: 0 0 .75rem; }
svg { display: block; width: 100%; max-width: 25rem; height: auto; }
svg text { fill: currentColor; font-size: 11px; text-anchor: middle; opacity: .75; }
svg .left { text-anchor: end; } svg .small { font-size: 9px; } svg .axis { font-size: 12px; }
svg .grid { stroke: var(--line); stroke-width: .5; }
svg .frame { stroke: var(--quiet); stroke-width: .75; }
svg .diagonal { stroke: var(--quiet); stroke-dasharray: 4 4; }
svg .curve { fill: none; stroke: var(--accent); stroke-width: 2; }
svg .dot { fill: var(--accent); stroke: Canvas; stroke-width: 1.5; }
svg .count { fill: color-mix(in srgb, var(--accent) 55%, Canvas); }

.wrong-pose { --card: 26rem; }
.cards img { max-height: 24rem; }
@media (min-width: 40rem) { .cards img:not(:only-child) { max-width: calc(50% - .2rem); } }

.terms { margin: 0; display: grid; gap: .4rem 1.25rem; max-width: 60rem; font-size: .8125rem;
  grid-template-columns: fit-content(30%) 1fr; }
.terms dt { font-weight: 600; color: inherit; }
@media print { .scroll { max-height: none; } }
"""
)

# The first click sorts numbers downwards and names upwards; rows without a number stay last.
SCRIPT = """
for (const button of document.querySelectorAll('th button')) button.onclick = () => {
  const head = button.closest('th'), body = head.closest('table').tBodies[0];
  const up = head.ariaSort ? head.ariaSort === 'descending' : head.className === 'name';
  const place = head.cellIndex;
  const value = row => row.cells[place].dataset.value;
  const compare = (a, b) => a === '' || b === '' ? (a === '') - (b === '')
    : (up ? 1 : -1) * (isNaN(a) ? a.localeCompare(b) : a - b);
  for (const other of head.parentNode.cells) other.ariaSort = null;
  head.ariaSort = up ? 'ascending' : 'descending';
  body.append(...[...body.rows].sort((a, b) => compare(value(a), value(b))));
};
"""

"""Writes the tables of the model zoo: of each family's README and of docs/zoo.md.

    python docs/make_zoo.py            # after a change of a metafile
    python docs/make_zoo.py --check    # exit status 1 if a table is out of date

What stands between the two marks of a page is written anew; the rest is written by hand.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from mmpose.utils.model_zoo import ZooModel, papers_of, zoo_models

ROOT = Path(__file__).resolve().parent.parent
BEGIN = '<!-- begin: written by docs/make_zoo.py -->'
END = '<!-- end -->'


def main() -> None:
    """Write or check all pages."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--check', action='store_true')
    check = parser.parse_args().check
    stale = [path for path, text in pages().items() if path.read_text(encoding='utf-8') != text]
    for path in stale:
        print(f'{path.relative_to(ROOT)}: {"out of date" if check else "written"}')
        if not check:
            path.write_text(pages()[path], encoding='utf-8')
    sys.exit(bool(stale) and check)


def pages() -> dict[Path, str]:
    """The text of each page with its tables as they have to be."""
    models = list(zoo_models(ROOT / 'model-index.yml'))
    families = {name: list(members) for name, members in groupby(models, lambda m: m.family)}
    made = {ROOT / 'docs/zoo.md': overview(families)}
    for name, members in families.items():
        made[ROOT / 'configs' / name / 'README.md'] = family_tables(members)
    return {path: _put(path.read_text(encoding='utf-8'), text) for path, text in made.items()}


def family_tables(members: Sequence[ZooModel]) -> str:
    """The results of a family by data set, what has none, and the works it follows."""
    parts = []
    kinds = dict.fromkeys((r.dataset, r.setting) for m in members for r in m.results)
    for dataset, setting in kinds:
        parts.append(f'### {dataset}{setting and ", "}{setting}')
        parts.append(results_table(members, dataset, setting))
    if bare := [m for m in members if not m.results]:
        parts.append('### Without published figures')
        parts.append('\n'.join(f'- {_link(m)}' for m in bare))
    parts.append('### Works')
    works = {name: paper for m in members for name, paper in papers_of(m).items()}
    parts.append(
        '\n'.join(
            f'- {name}: [{paper["Title"]}]({paper["URL"]}), {paper["Venue"]}'
            for name, paper in works.items()
        )
    )
    return '\n\n'.join(parts)


def results_table(members: Iterable[ZooModel], dataset: str, setting: str) -> str:
    """A row for each model with figures on a data set."""
    rows = [
        (m, r.metrics)
        for m in members
        for r in m.results
        if (r.dataset, r.setting) == (dataset, setting)
    ]
    metrics = list(dict.fromkeys(name for _, figures in rows for name in figures))
    lines = [
        f'| model | input | {" | ".join(metrics)} | weights |',
        f'|---|---|{"---:|" * len(metrics)}---|',
    ]
    for model, figures in rows:
        numbers = ' | '.join(str(figures.get(name, '')) for name in metrics)
        weights = f'[file]({model.weights})' if model.weights else ''
        lines.append(f'| {_link(model)} | {_size(model)} | {numbers} | {weights} |')
    return '\n'.join(lines)


def overview(families: dict[str, list[ZooModel]]) -> str:
    """All families, then all aliases."""
    lines = [
        '### Families',
        '',
        '| family | configs | with weights | follows |',
        '|---|---:|---:|---|',
    ]
    for name, members in families.items():
        works = dict.fromkeys(work for m in members for work in m.architecture)
        lines.append(
            f'| [{name}](../configs/{name}/README.md) | {len(members)} '
            f'| {sum(m.weights is not None for m in members)} | {", ".join(works)} |'
        )
    lines += ['', '### Aliases', '', '| alias | model |', '|---|---|']
    for model in (m for members in families.values() for m in members if m.aliases):
        names = ', '.join(f'`{alias}`' for alias in model.aliases)
        lines.append(f'| {names} | [{model.name}](../{model.config}) |')
    return '\n'.join(lines)


def _link(model: ZooModel) -> str:
    inside = Path(model.config).relative_to(Path('configs') / model.family)
    return f'[{model.name}]({inside})'


def _size(model: ZooModel) -> str:
    """Width x height, which names of configs give as height x width."""
    if found := re.search(r'[-_](\d{2,4})x(\d{2,4})(?![0-9])', model.name):
        return f'{found[2]} x {found[1]}'
    found = re.search(r'_coco-(\d{3})$', model.name)  # a square one of YOLOX
    return f'{found[1]} x {found[1]}' if found else ''


def _put(page: str, text: str) -> str:
    before, rest = page.split(BEGIN)
    return f'{before}{BEGIN}\n\n{text}\n\n{END}{rest.split(END)[1]}'


if __name__ == '__main__':
    main()

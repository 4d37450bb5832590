"""``mmpose models``: what the model zoo holds, and how to get it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmpose.utils.model_zoo import ZooModel, find_zoo_model, papers_of, zoo_models

from .errors import ConfigError

if TYPE_CHECKING:
    from rich.console import Console

_PUBLISHED = 'Figures as published with the checkpoint; they were not measured with this package.'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of this command."""
    actions = parser.add_subparsers(metavar='ACTION', required=True)

    listing = actions.add_parser('list', help='list models, all or some')
    listing.add_argument(
        'words',
        nargs='*',
        metavar='WORD',
        help='only models that have all these words in their name, alias, architecture or data',
    )
    listing.add_argument('--task', help="such as 'hand' or 'body 3d'")
    listing.add_argument(
        '--weights', action='store_true', help='only models with a published checkpoint'
    )
    listing.add_argument('--json', action='store_true', help='print JSON instead of a table')
    listing.set_defaults(action=_list)

    showing = actions.add_parser('show', help='tell all about one model')
    showing.add_argument('name', metavar='MODEL', help='its name or alias')
    showing.add_argument('--json', action='store_true', help='print JSON instead of text')
    showing.set_defaults(action=_show)

    download = actions.add_parser('download', help='save the checkpoint and the config of models')
    download.add_argument('names', nargs='+', metavar='MODEL', help='names or aliases')
    download.add_argument(
        '--dest', default='.', metavar='FOLDER', help='where to (default: the working directory)'
    )
    download.add_argument(
        '--config-only', action='store_true', help='write the config, load no checkpoint'
    )
    download.add_argument(
        '--no-verify',
        action='store_true',
        help='keep a checkpoint whose checksum is not that in its name',
    )
    download.set_defaults(action=_download)


def run(args: argparse.Namespace) -> None:
    """List, show or download models."""
    args.action(args)


def _list(args: argparse.Namespace) -> None:
    models = [m for m in zoo_models() if _has_words(m, args)]
    if args.json:
        print(json.dumps([_as_dict(m) for m in models], indent=2))
        return
    if not models:
        raise ConfigError(
            f'No model of the zoo has {" and ".join(map(repr, _wanted(args)))} in its name, alias, '
            'architecture or data; `mmpose models list` without words lists all.'
        )
    from rich.table import Table

    table = Table(box=None, header_style='bold')
    for title in ('model', 'alias', 'published', 'weights'):
        table.add_column(title, overflow='fold')
    for family, members in _by_family(models):
        table.add_row(f'[bold]{family}[/bold]')
        for m in members:
            table.add_row(
                f'  {m.name}', ', '.join(m.aliases), _headline(m), 'yes' if m.weights else ''
            )
    console = _console()
    console.print(table)
    console.print(f'{len(models)} models. {_PUBLISHED}', style='dim')


def _show(args: argparse.Namespace) -> None:
    model = _find(args.name)
    parts = _parts(model)
    if args.json:
        print(json.dumps({**_as_dict(model), 'model': parts}, indent=2))
        return
    from rich.table import Table

    console = _console()
    console.print(f'[bold]{model.name}[/bold]')
    facts = Table(box=None, show_header=False)
    facts.add_column(style='dim')
    facts.add_column(overflow='fold')
    for name, paper in papers_of(model).items():
        facts.add_row(name, f'{paper["Title"]} ({paper["Venue"]}), {paper["URL"]}')
    rows = {
        'aliases': ', '.join(model.aliases),
        'config': str(model.path),
        **parts,
        'trained on': ', '.join(model.training_data),
        'weights': model.weights or 'none published',
    }
    for key, value in rows.items():
        if value:
            facts.add_row(key, str(value))
    console.print(facts)
    for result in model.results:
        title = ', '.join(filter(None, (result.dataset, result.setting)))
        table = Table(title=title, title_justify='left')
        for metric in result.metrics:
            table.add_column(metric, justify='right')
        table.add_row(*map(str, result.metrics.values()))
        console.print(table)
    if model.results:
        console.print(_PUBLISHED, style='dim')


def _download(args: argparse.Namespace) -> None:
    from mmpose.utils.config_reading import read_config

    models = [_find(name) for name in args.names]
    folder = Path(args.dest)
    folder.mkdir(parents=True, exist_ok=True)
    for model in models:
        config = folder / f'{model.name}.py'
        read_config(model.path).dump(config)
        print(config)
        if not args.config_only:
            print(_load_checkpoint(model, folder, verify=not args.no_verify))


def _load_checkpoint(model: ZooModel, folder: Path, verify: bool) -> Path:
    """The checkpoint's file in a folder, loaded unless it is there."""
    from torch.hub import download_url_to_file

    if model.weights is None:
        raise ConfigError(
            f'No checkpoint of {model.name} was published; train it: `mmpose train {model.path}`. '
            '--config-only writes the config alone.'
        )
    target = folder / Path(model.weights).name
    if target.exists():
        return target
    try:
        download_url_to_file(model.weights, str(target), model.checksum if verify else None)
    except RuntimeError as error:  # of the checksum, from torch
        raise ConfigError(
            f'What {model.weights} gave is damaged: its SHA-256 does not begin with '
            f'{model.checksum}. Try again; --no-verify keeps it all the same.'
        ) from error
    except OSError as error:
        reason = getattr(error, 'reason', error)
        raise ConnectionError(
            f'{model.weights} could not be loaded: {reason}. Load it elsewhere and give its path '
            f'as the checkpoint; the config is {folder / model.name}.py.'
        ) from error
    return target


def _console() -> Console:
    from rich.console import Console

    # a file or a pipe has no width; names stay whole there, for grep
    width = None if sys.stdout.isatty() else 200
    return Console(highlight=False, width=width)


def _find(name: str) -> ZooModel:
    try:
        return find_zoo_model(name.removesuffix('.py'))
    except ValueError as error:
        raise ConfigError(str(error)) from error


def _wanted(args: argparse.Namespace) -> list[str]:
    return [*args.words, *([args.task] if args.task else [])]


def _has_words(model: ZooModel, args: argparse.Namespace) -> bool:
    task = model.family.split('/')[0].replace('_', ' ')
    text = ' '.join((*model.names, model.family, *model.architecture, *model.training_data)).lower()
    return (
        all(word.lower() in text for word in args.words)
        and all(word in task for word in (args.task or '').lower().replace('-', ' ').split())
        and not (args.weights and model.weights is None)
    )


def _by_family(models: Iterable[ZooModel]) -> list[tuple[str, list[ZooModel]]]:
    families: dict[str, list[ZooModel]] = {}
    for model in models:
        families.setdefault(model.family, []).append(model)
    return list(families.items())


def _headline(model: ZooModel) -> str:
    """The first figure of the first result."""
    if not model.results:
        return ''
    result = model.results[0]
    metrics = dict(result.metrics)
    name = next((n for n in ('AP', 'Whole AP', 'Mean', 'Total') if n in metrics), None)
    name = name or next(iter(metrics))
    return f'{result.dataset} {name} {metrics[name]}'


def _as_dict(model: ZooModel) -> dict[str, Any]:
    fields = asdict(model)
    fields['root'] = str(model.root)
    return fields


def _parts(model: ZooModel) -> dict[str, str]:
    """What the model is made of, from its config; of a distillation, the student."""
    import torch
    from mmengine.registry import init_default_scope

    from mmpose.registry import MODELS
    from mmpose.utils import register_all_modules
    from mmpose.utils.config_reading import read_config
    from mmpose.utils.resources import resource_path

    register_all_modules()
    init_default_scope('mmpose')
    described = read_config(model.path).model
    if 'student_cfg' in described:
        described = read_config(resource_path(described.student_cfg)).model
    with torch.device('meta'):  # shapes without memory
        built = MODELS.build(described)
    parts = {k: described[k].type for k in ('backbone', 'neck', 'head') if described.get(k)}
    decoder = (described.get('head') or {}).get('decoder') or {}
    decoder = decoder[0] if isinstance(decoder, list) else decoder
    codec = decoder.get('type')  # ED-Pose calls a part of its network so
    size = decoder.get('input_size')
    return {
        'estimator': described.type,
        **parts,
        **({'codec': codec} if codec else {}),
        **({'input': ' x '.join(map(str, size)) + ' (width, height)'} if size else {}),
        'parameters': f'{sum(p.numel() for p in built.parameters()) / 1e6:.2f} M',
    }

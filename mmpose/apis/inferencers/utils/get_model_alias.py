"""Names and aliases of the models in the model index."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from mmengine.fileio import load

from mmpose.utils.resources import resource_path


def get_model_aliases(scope: str = 'mmpose') -> dict[str, str]:
    """The config's name for each alias; nothing if there is no model index.

    Args:
        scope: Only ``'mmpose'`` has aliases.
    """
    if scope != 'mmpose':
        return {}
    return {
        alias: Path(model['Config']).stem for model, _ in _models() for alias in _aliases(model)
    }


def find_model(name: str) -> tuple[Path, str | None]:
    """The config and the weights of a model.

    Args:
        name: A model's name or alias, in any case.

    Raises:
        FileNotFoundError: ``name`` looks like a path, and there is no such file.
        ValueError: No model is called so; the message lists similar names.
    """
    if name.endswith(('.py', '.json', '.yml', '.yaml')):
        return resource_path(name), None
    known: list[str] = []
    for model, folder in _models():
        names = [model['Name'], Path(model['Config']).stem, *_aliases(model)]
        if name.lower() in (known_name.lower() for known_name in names):
            weights = model.get('Weights')
            weights = weights[0] if isinstance(weights, list) else weights
            return folder / model['Config'], weights
        known += names
    near = get_close_matches(name, known, n=3)
    hint = f' Did you mean {" or ".join(map(repr, near))}?' if near else ''
    raise ValueError(
        f'{name!r} is neither the name or alias of a model nor the path of a config.{hint} Paths '
        'end in .py.'
    )


def _models() -> Iterator[tuple[dict, Path]]:
    """The entries of all metafiles, each with the folder that its paths start from."""
    try:
        index = resource_path('model-index.yml')
    except FileNotFoundError:
        return
    for metafile in load(index)['Import']:
        for model in load(index.parent / metafile)['Models']:
            yield model, index.parent


def _aliases(model: dict) -> list[str]:
    aliases = model.get('Alias', [])
    return [aliases] if isinstance(aliases, str) else list(aliases)

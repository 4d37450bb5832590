"""The model zoo: what the metafiles of ``model-index.yml`` tell of each model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from mmengine.fileio import load

from .resources import resource_path

INDEX = 'model-index.yml'
PAPERS = 'configs/papers.yml'


@dataclass(frozen=True)
class PublishedResult:
    """Figures that were published with a checkpoint.

    Attributes:
        task: Such as 'Body 2D Keypoint'.
        dataset: What was measured on.
        setting: How, if there are several ways, such as 'detected boxes'; '' otherwise.
        metrics: Figures by name, as published: shares from 0 to 1 or percentages, errors in
            pixels or millimetres.
    """

    task: str
    dataset: str
    setting: str
    metrics: Mapping[str, float]


@dataclass(frozen=True)
class ZooModel:
    """A model of the zoo.

    Attributes:
        name: The config's name without its suffix.
        config: The config's path, from the folder of the index.
        root: The folder of the index.
        aliases: Short names, such as 'human'.
        architecture: Names of the works that it follows, keys of ``configs/papers.yml``.
        training_data: The data sets that it was trained on.
        results: Published figures.
        weights: The checkpoint's URL; ``None`` if none was published.
    """

    name: str
    config: str
    root: Path
    aliases: tuple[str, ...] = ()
    architecture: tuple[str, ...] = ()
    training_data: tuple[str, ...] = ()
    results: tuple[PublishedResult, ...] = ()
    weights: str | None = None

    @property
    def path(self) -> Path:
        """Where the config is."""
        return self.root / self.config

    @property
    def family(self) -> str:
        """The folder of its family, such as 'body_2d_keypoint/rtmpose'."""
        return '/'.join(Path(self.config).parts[1:3])

    @property
    def names(self) -> tuple[str, ...]:
        """All that it can be called."""
        return tuple(dict.fromkeys((self.name, Path(self.config).stem, *self.aliases)))

    @property
    def checksum(self) -> str | None:
        """The first digits of the checkpoint's SHA-256, which its file name carries."""
        found = re.search(r'[-_]([0-9a-f]{7,8})[-_]\d{8}\.pth$', self.weights or '')
        return found and found[1]


def zoo_models(index: Path | None = None) -> Iterator[ZooModel]:
    """The models of the zoo, family by family; none if there is no index.

    Args:
        index: The file that lists the metafiles; ``None`` is ``model-index.yml`` of the working
            directory, else that of the package.
    """
    if index is None:
        try:
            index = resource_path(INDEX)
        except FileNotFoundError:
            return
    for metafile in load(index)['Import']:
        for entry in load(index.parent / metafile)['Models']:
            yield _model(entry, index.parent)


def find_zoo_model(name: str, models: Iterable[ZooModel] | None = None) -> ZooModel:
    """The model of that name or alias, in any case.

    Args:
        name: A name, an alias, or a config's path from the zoo's folder.
        models: Where to look; ``None`` is the zoo.

    Raises:
        ValueError: No model is called so; the message lists similar names.
    """
    models = list(zoo_models() if models is None else models)
    wanted = name.lower().removeprefix('mmpose::').removeprefix('configs/')
    for model in models:
        known = {*model.names, model.config.removeprefix('configs/')}
        if wanted in (one.lower() for one in known):
            return model
    # aliases first: of two names that are equally near, a short one is more likely meant
    known = [n for m in models for n in m.aliases] + [n for m in models for n in m.names]
    near = get_close_matches(wanted, dict.fromkeys(n.lower() for n in known), n=3, cutoff=0.5)
    hint = f' Did you mean {" or ".join(map(repr, near))}?' if near else ''
    raise ValueError(
        f'{name!r} is neither the name or alias of a model nor the path of a config.{hint} Paths '
        'end in .py; `mmpose models list` shows all names.'
    )


def papers_of(model: ZooModel) -> dict[str, dict[str, str]]:
    """``Title``, ``Venue`` and ``URL`` of each work that a model follows."""
    papers = load(model.root / PAPERS)['Papers']
    return {name: papers[name] for name in model.architecture if name in papers}


def _model(entry: Mapping, root: Path) -> ZooModel:
    about = entry.get('Metadata') or {}
    weights = entry.get('Weights')
    results = (
        PublishedResult(r['Task'], r['Dataset'], r.get('Setting', ''), r['Metrics'])
        for r in entry.get('Results') or []
    )
    return ZooModel(
        name=entry['Name'],
        config=entry['Config'],
        root=root,
        aliases=_as_tuple(entry.get('Alias')),
        architecture=_as_tuple(about.get('Architecture')),
        training_data=_as_tuple(about.get('Training Data')),
        results=tuple(results),
        weights=weights[0] if isinstance(weights, list) else weights,
    )


def _as_tuple(value: str | list[str] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())

"""Checks of the parts that a config names: their types, their arguments, what goes together.

Each gives a sentence per fault, of what training (stage 'train') or testing ('test') uses.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from mmengine.config import Config
from mmengine.config.lazy import LazyAttr, LazyObject
from mmengine.fileio import get_file_backend
from mmengine.fileio.backends import backends

from mmpose import registry as reg
from mmpose.signatures import argument_faults, near_names

from .places import PART_KEYS, SECTIONS, TOP_LEVEL_KEYS, TRAINING, Place, section, walk


def find_remarks(cfg: Config) -> list[str]:
    """What of ``cfg`` is probably a mistake, a sentence each.

    A config may have variables of its own, so a name at the top level is remarked upon only if it
    is close to one that is read, and no line of the config uses it.
    """
    unread = [key for key in cfg if key not in TOP_LEVEL_KEYS and not _is_used(key, cfg.text)]
    near = {key: get_close_matches(key, TOP_LEVEL_KEYS, n=1, cutoff=0.85) for key in unread}
    return [
        f'nothing reads `{key}` at the top level of the config. Did you mean `{found[0]}`?'
        for key, found in near.items()
        if found
    ]


def _is_used(name: str, text: str) -> bool:
    """Whether lines of a config, or of its bases, do more with a name than to set it."""
    return re.search(rf'^(?!{name}\s*=).*\b{name}\b', text, flags=re.MULTILINE) is not None


def failing_imports(cfg: Mapping, stage: str) -> list[str]:
    """What a config imports in vain that names its parts by importing them, a sentence each.

    Only what the stage needs is imported.
    """
    faults = []
    # A ConfigDict imports what it holds as soon as it is asked for it.
    sections = dict.items(cfg._cfg_dict if isinstance(cfg, Config) else cfg)
    for name, value in sections:
        for path, lazy in _imported(value, name) if name in SECTIONS[stage] else ():
            try:
                lazy.build()
            except Exception as error:  # the module may fail in any way
                names = [n for n in vars(sys.modules.get(lazy.module, object)) if n[0] != '_']
                near = near_names(str(lazy), names)
                faults.append(f'{path}: {error}' + (f'. Did you mean {near[0]!r}?' if near else ''))
    return faults


def _imported(value: Any, path: str) -> Iterator[tuple[str, LazyObject | LazyAttr]]:
    if isinstance(value, LazyObject | LazyAttr):
        yield path, value
    elif isinstance(value, dict):
        for key, item in dict.items(value):
            yield from _imported(item, path if key == 'type' else f'{path}.{key}')
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _imported(item, f'{path}[{index}]')


def incomplete_sections(cfg: Mapping, stage: str) -> Iterator[str]:
    """Settings that work only together."""
    evaluation = tuple(f'val_{part}' for part in ('cfg', 'dataloader', 'evaluator'))
    for names in (TRAINING, evaluation) if stage == 'train' else ():
        absent = [name for name in names if cfg.get(name) is None]
        if absent and len(absent) < len(names) and not _only_defaults(cfg, names):
            present = [name for name in names if name not in absent]
            near = [n for name in absent for n in near_names(name, set(cfg) - TOP_LEVEL_KEYS)]
            hint = f'; is `{near[0]}` meant to be that?' if near else '.'
            yield f'{" and ".join(present)} are set but not {" and ".join(absent)}{hint}'


def _only_defaults(cfg: Mapping, names: tuple[str, ...]) -> bool:
    # _base_/default_runtime.py sets `val_cfg = dict()` for configs that go on to validate.
    return all(not cfg.get(name) for name in names)


def unknown_types(cfg: Mapping, stage: str) -> Iterator[str]:
    """Types that are not registered, as far as their package is known."""
    for place in _places(cfg, stage):
        name = place.name
        if isinstance(name, str) and place.registries and place.part is None:
            scope, dot, _ = name.partition('.')
            if not dot or scope in ('mmpose', 'mmengine', 'mmcv', *reg.FOREIGN_PACKAGES):
                yield f'{place.path}: {place.registries[0].missing_message(name)}'


def wrong_arguments(cfg: Mapping, stage: str) -> Iterator[str]:
    """Arguments that the class of a part does not take, or that it lacks."""
    for place in _places(cfg, stage):
        if place.part is not None and place.is_plain and place.is_complete:
            given = [key for key in place.cfg if key not in PART_KEYS]
            for fault in argument_faults(place.part, given, place.supplied, place.besides):
                yield f'{place.path}: {fault}'


def unusable_backends(cfg: Mapping, stage: str) -> Iterator[str]:
    """File backends that are unknown, or whose package is not there."""
    for place in _places(cfg, stage):
        args = place.cfg.get('backend_args')
        name = args.get('backend') if isinstance(args, Mapping) else None
        if name is not None and name not in backends:
            known = ', '.join(sorted(backends))
            hint = "; 'disk' is called 'local' there" if name == 'disk' else ''
            yield f'{place.path}.backend_args: the backend {name!r} is none of {known}{hint}.'
        elif name is not None:
            try:
                get_file_backend(backend_args=dict(args))
            except Exception as error:  # each backend needs something else
                yield f'{place.path}.backend_args: {type(error).__name__}: {error}'


def _places(cfg: Mapping, stage: str) -> Iterator[Place]:
    for name in SECTIONS[stage]:
        for place in section(cfg, name):
            yield from walk(place)

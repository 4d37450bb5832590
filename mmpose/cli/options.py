"""``--cfg-options``: changes of a config on the command line, checked against what it has."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from mmengine.config import Config

from mmpose.signatures import near_names

from .places import LOOP_KEYS, TOP_LEVEL_KEYS, Place


def option_faults(cfg: Config, options: Mapping[str, Any]) -> list[str]:
    """The options that change nothing, because the config has no such place; a sentence each.

    A new key is right where the class at its place takes it, in a dict that describes no part,
    and at the top level, as a variable of the user's, if it is like no known key.

    Args:
        cfg: The config before the changes.
        options: Values by their place, such as ``{'model.backbone.depth': 50}``.
    """
    faults = {option: _fault(cfg, option, options) for option in options}
    types = {
        option: value
        for option, value in options.items()
        if option.endswith('.type') and faults[option] is None
    }
    if types:  # the other options are for the classes that these name
        cfg = copy.deepcopy(cfg)
        cfg.merge_from_dict(types)
        faults = {option: _fault(cfg, option, options) for option in options}
    return [fault for fault in faults.values() if fault]


def option_remarks(cfg: Config, options: Mapping[str, Any]) -> list[str]:
    """The options for variables that only the config itself reads, a sentence each.

    Args:
        cfg: The config.
        options: Values by their place.
    """
    variables = {option.partition('.')[0] for option in options} - TOP_LEVEL_KEYS
    remarks = []
    for name in sorted(variables):
        users = [path for path in _paths(cfg) if path.endswith(f'.{name}')]
        hint = f', such as {users[0]}' if users else ''
        remarks.append(
            f'--cfg-options {name}: this is a variable of the config, and what was made from it is '
            f'fixed once the file is read; set the places that use it{hint}.'
        )
    return remarks


def _fault(cfg: Config, option: str, options: Mapping[str, Any]) -> str | None:
    place: Place | None = None
    value: Any = cfg
    path = ''
    for key in option.split('.'):
        if isinstance(value, (list, tuple)):
            if not key.isdigit() or int(key) >= len(value):
                return (
                    f'{option}: {path} is a list of {len(value)}; name an item by its number, '
                    f'such as {path}.0'
                )
            value, path = value[int(key)], f'{path}.{key}'
            place = Place(path, place.key, value) if place and isinstance(value, Mapping) else place
            continue
        if not isinstance(value, (Mapping, Config)):
            return f'{option}: {path} is {value!r}, which has no keys; set {path} itself.'
        if key not in value and (fault := _absent(cfg, option, path, key, place, options)):
            return fault
        value, path = value.get(key, {}), f'{path}.{key}'.lstrip('.')
        inner = value if isinstance(value, Mapping) else {}
        place = place.under(inner, key) if place else Place(path, LOOP_KEYS.get(key, key), inner)
    return None


def _absent(
    cfg: Config, option: str, path: str, key: str, place: Place | None, options: Mapping[str, Any]
) -> str | None:
    """What to say of an option whose ``key`` is not at ``path`` yet; ``None`` if it may be new."""
    if place is None:
        known = {*cfg, *TOP_LEVEL_KEYS}
        if key in known or not (near_names(key, known) or _ending_in(cfg, option)):
            return None
    elif place.path == 'default_hooks':
        known = set(place.cfg)
        if f'{path}.{key}.type' in options:
            return None
    else:
        names = place.names()
        if names is None or key in names:
            return None
        known = names
    elsewhere = _ending_in(cfg, option)
    prefix = f'{path}.' if path else ''
    rest = option[len(f'{prefix}{key}') :]
    near = elsewhere or [f'{prefix}{name}{rest}' for name in near_names(key, known)]
    kind = getattr(place.part, '__name__', '') if place else ''
    whose = f'{path}, a {kind},' if kind else path or 'the config'
    hint = f'Did you mean {near[0]}?' if near else f'It takes {", ".join(sorted(known))}.'
    return f'{option}: {whose} has no {key!r}. {hint}'


def _ending_in(cfg: Config, option: str) -> list[str]:
    """The places in the config whose path ends in the option, the shortest first."""
    return sorted((p for p in _paths(cfg) if p.endswith(f'.{option}')), key=len)


def _paths(value: Any, path: str = '') -> Iterator[str]:
    if isinstance(value, (Mapping, Config)):
        for key, item in value.items():
            yield f'{path}{key}'
            yield from _paths(item, f'{path}{key}.')

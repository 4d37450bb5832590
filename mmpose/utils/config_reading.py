"""Config files read as users of MMPose 1.x wrote them, with errors that say what to mend."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from os import PathLike
from types import ModuleType
from typing import Any

from mmengine.config import Config
from mmengine.config.lazy import LazyAttr, LazyObject
from mmengine.logging import print_log

from mmpose import registry as reg
from mmpose.registry import FOREIGN_PACKAGES, Registry, is_absent

from .config_failures import described_failure


class ConfigError(ValueError):
    """A config that cannot be used as it is; the message says what to change."""


def read_config(path: str | PathLike) -> Config:
    """The config in a file, merged with its bases, after the imports that it asks for.

    Differs from :meth:`mmengine.config.Config.fromfile` in its errors, and in what an import of
    ``custom_imports`` may lack: a package such as MMDetection or MMPretrain need not be there if
    we have all parts that the config takes from it. That holds for configs that import their parts,
    too, whose ``custom_imports`` MMEngine does not read. A ``data_preprocessor`` beside the model
    moves into it, and modules that a file imports for its own use are dropped.

    Args:
        path: Of a .py, .json or .yaml file.

    Raises:
        ConfigError: The file, one of its bases or an import fails; tells where and why.
    """
    path = str(path)
    try:
        cfg = Config.fromfile(path, import_custom_modules=False)
    except Exception as error:  # a config is a program, and can fail like one
        raise ConfigError(described_failure(path, error)) from error
    _name_absent_parts(cfg._cfg_dict)
    _import_custom(cfg, path)
    _complete(cfg)
    return cfg


def _complete(cfg: Config) -> None:
    """Put where MMEngine looks for it what a config says elsewhere, or leaves open."""
    model, loop = cfg.get('model'), cfg.get('train_cfg')
    if isinstance(model, Mapping):
        for key in ('data_preprocessor', 'preprocess_cfg'):
            if isinstance(cfg.get(key), Mapping):
                model.setdefault('data_preprocessor', cfg[key])
    if isinstance(loop, Mapping) and 'type' not in loop:
        loop.setdefault('by_epoch', 'max_iters' not in loop)
    for name, value in list(dict.items(cfg._cfg_dict)):
        if isinstance(value, ModuleType):  # `import os` in the file; it cannot be copied
            cfg._cfg_dict.pop(name)


def _name_absent_parts(value: Any) -> Any:
    """``value`` with names in place of what a config imports from packages that are not there."""
    if isinstance(value, LazyObject | LazyAttr):
        package = value.module.partition('.')[0]
        absent = package in FOREIGN_PACKAGES and is_absent(package)
        return f'{value.module}.{value}' if absent else value
    if isinstance(value, dict):
        for key, item in dict.items(value):  # ConfigDict's own method would import the parts
            dict.__setitem__(value, key, _name_absent_parts(item))
    elif isinstance(value, (list, tuple)):
        return type(value)(map(_name_absent_parts, value))
    return value


def _import_custom(cfg: Config, path: str) -> None:
    """Import the modules of ``custom_imports``, which may register parts.

    Raises:
        ConfigError: One of them fails, and may not.
    """
    wanted = cfg.get('custom_imports')
    if not wanted:
        return
    if not isinstance(wanted, Mapping) or 'imports' not in wanted:
        raise ConfigError(
            f'{path}: custom_imports is {wanted!r}; write custom_imports = dict(imports=['
            "'my_package.my_module'], allow_failed_imports=False)."
        )
    names = wanted['imports'] or []
    for name in [names] if isinstance(names, str) else names:
        try:
            import_module(name)
        except Exception as error:
            _pass_over(cfg, path, name, error)


def _pass_over(cfg: Config, path: str, name: str, error: Exception) -> None:
    """Tell that an import failed, if the config can do without it.

    Raises:
        ConfigError: It cannot.
    """
    package = name.partition('.')[0]
    if package in FOREIGN_PACKAGES and isinstance(error, ImportError):
        missing = sorted({t for t in _types_of(cfg, package) if not _is_ours(t)})
        if not missing:
            text = f'{name} was not imported ({error}); mmpose has all that the config takes of it.'
            print_log(f'custom_imports: {text}', 'current', logging.WARNING)
            return
        reason = (
            f'{error}; the config takes {", ".join(missing)} of {package}, which mmpose does not '
            f'have. `pip install {FOREIGN_PACKAGES[package]}` may provide it.'
        )
    else:
        reason = _import_failure(name, error)
    if cfg['custom_imports'].get('allow_failed_imports') and isinstance(error, ImportError):
        print_log(f'custom_imports: {name} was not imported: {reason}', 'current', logging.WARNING)
        return
    raise ConfigError(f'{path}: custom_imports: {name} cannot be imported: {reason}') from error


def _import_failure(name: str, error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError) and f'{name}.'.startswith(f'{error.name}.'):
        return (
            f'there is no module {error.name}. Modules are looked for in the working directory, in '
            'the folders of PYTHONPATH and among the installed packages; put the folder that '
            f'contains {error.name.partition(".")[0]} there.'
        )
    if isinstance(error, SyntaxError):
        return f'{error.filename}, line {error.lineno}: SyntaxError: {error.msg}'
    with suppress(Exception):  # of a package around the module
        spec = find_spec(name)
        frames = traceback.extract_tb(error.__traceback__)
        for frame in frames if spec is not None else ():
            if frame.filename == spec.origin:
                where = f' ({frame.filename}, line {frame.lineno})'
                return f'{_told(error)}{where}'
    return _told(error)


def _told(error: Exception) -> str:
    text = error.args[0] if isinstance(error, KeyError) and error.args else error
    return f'{type(error).__name__}: {text}'


def _types_of(value: Any, package: str) -> Iterator[str]:
    """The names, with scope, of the parts that a config takes from a package."""
    if isinstance(value, Mapping | Config):
        kind = value.get('type')
        if isinstance(kind, str):
            if kind.startswith(f'{package}.'):
                yield kind
            elif value.get('_scope_') == package:
                yield f'{package}.{kind}'
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _types_of(item, package)


def _is_ours(name: str) -> bool:
    registries = [r for r in vars(reg).values() if isinstance(r, Registry)]
    return any(registry.get(name) is not None for registry in registries)

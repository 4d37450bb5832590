"""The registries: one per kind of part, each a child of MMEngine's root registry of that kind.

A registry imports its package on first use, so a config can name a part that no script has
imported. To add a part, decorate it and re-export it from the package in the table::

    @MODELS.register_module()
    class MyHead(BaseHead): ...

Configs name some parts with another package's scope, such as ``mmdet.CSPNeXt``. Our part of that
name is taken if there is one, and the package is not needed then.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache, wraps
from importlib import import_module
from typing import Any

from mmengine import registry as root
from mmengine.registry import DefaultScope
from mmengine.registry import Registry as _Registry

from mmpose.signatures import argument_faults, near_names

# The packages whose scopes configs use, and what installs them.
FOREIGN_PACKAGES = dict(
    mmaction='mmaction2',
    mmcls='onedl-mmpretrain',  # the later name of mmcls
    mmdet='onedl-mmdetection',
    mmdet3d='mmdet3d',
    mmpretrain='onedl-mmpretrain',
    mmrazor='mmrazor',
    mmseg='onedl-mmsegmentation',
    mmselfsup='onedl-mmpretrain',
    mmyolo='mmyolo',
)
# Of these kinds, an installed package's part comes before ours of the same name: it is for samples
# with other keys, such as those of a detector.
_THEIRS_FIRST = ('dataset', 'metric', 'transform')


class Registry(_Registry):
    """A registry that names the near misses of a mistyped ``type`` and knows foreign scopes.

    ``mmdet.X``, and ``X`` with ``_scope_='mmdet'``, mean our ``X``, or the package's where we have
    none. Data sets, transforms and metrics are the package's where it is installed. ``mmcv.X`` is
    what MMCV registers with MMEngine.

    Building from this registry's parent gives the same answers, because a ``Runner`` does so.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for registry in (self, self.parent):
            if registry is not None and not hasattr(registry.build_func, '__wrapped__'):
                registry.build_func = _with_foreign_scopes(registry.build_func)

    def names(self) -> list[str]:
        """All names that a config may use here, this registry's own before its ancestors'."""
        self.import_from_location()
        names, registry = dict.fromkeys(self._module_dict), self.parent
        while registry is not None:
            names.update(dict.fromkeys(registry.module_dict))
            registry = registry.parent
        return list(names)

    def missing_message(self, name: str) -> str:
        """What to tell someone who asked for the unregistered ``name``.

        Args:
            name: With a scope or without.
        """
        scope, plain = self.split_scope_key(name)
        if scope in FOREIGN_PACKAGES:
            return self._missing_foreign(scope, plain)
        near = near_names(plain.rpartition('.')[2], self.names(), 3)
        hint = (
            f'Did you mean {" or ".join(map(repr, near))}?'
            if near
            else f'It has: {", ".join(sorted(self._module_dict)) or "nothing yet"}.'
        )
        return (
            f'{name!r} is not in the {self.scope}::{self.name} registry. {hint} '
            'A class of your own is found once its module is imported; list the module in '
            '`custom_imports` of the config.'
        )

    def _missing_foreign(self, scope: str, name: str) -> str:
        package = (
            f'{scope} is not installed: `pip install {FOREIGN_PACKAGES[scope]}` may provide it'
            if is_absent(scope)
            else f'{scope}, which is installed, does not have it either'
        )
        near = near_names(name.rpartition('.')[2], self.names(), 3)
        ours = f'The closest of ours: {", ".join(map(repr, near))}.' if near else ''
        return (
            f"'{scope}.{name}' is not in the {self.scope}::{self.name} registry under its plain "
            f'name, and {package}. {ours}'.rstrip()
        )

    def get(self, key: str) -> type | None:
        """The class, or other part, that is registered as ``key``.

        Args:
            key: The name, with a scope (``mmdet.CSPNeXt``) or without.
        """
        scope, name = self.split_scope_key(key) if isinstance(key, str) else (None, key)
        if scope == 'mmcv' and '.' not in name:
            return super().get(f'mmengine.{name}')
        if scope not in FOREIGN_PACKAGES:
            return super().get(key)
        theirs = super().get(key) if self.name in _THEIRS_FIRST and not is_absent(scope) else None
        return theirs or super().get(name.rpartition('.')[2]) or self._foreign(scope, key)

    def _foreign(self, scope: str, key: str) -> type | None:
        return None if is_absent(scope) else super().get(key)


def _with_foreign_scopes(build: Callable) -> Callable:
    """``build``, for configs that name parts by the scopes of other packages.

    Its errors for an unknown ``type`` and for arguments that do not fit name the near misses.
    """

    @wraps(build)
    def build_part(cfg: Any, *args: Any, registry: _Registry, **kwargs: Any) -> Any:
        ours = registry if isinstance(registry, Registry) else registry.children.get('mmpose')
        kind = cfg.get('type') if isinstance(cfg, Mapping) else None
        if isinstance(ours, Registry) and isinstance(kind, str):
            cfg = _in_its_scope(cfg, ours, registry)
            kind = ours.get(kind)
        try:
            return build(cfg, *args, registry=registry, **kwargs)
        except TypeError as error:
            if not callable(kind) or 'got an unexpected keyword' not in str(error):
                raise
            given = [key for key in cfg if key not in ('type', '_scope_')]
            faults = argument_faults(kind, given)
            raise TypeError(faults[0] if faults else str(error)) from error

    return build_part


def _in_its_scope(cfg: Mapping, ours: Registry, registry: _Registry) -> Mapping:
    """``cfg``, with a ``_scope_`` of ours where MMEngine would look elsewhere for our part.

    Raises:
        KeyError: There is no such part; the message lists the nearest names.
    """
    name, own_scope = cfg['type'], cfg.get('_scope_')
    scope = own_scope or _current_scope()
    if own_scope in FOREIGN_PACKAGES and not name.startswith(f'{own_scope}.'):
        name = f'{own_scope}.{name}'
    elif scope not in (None, ours.scope, ours.root.scope) and _has_registry(scope, ours.root):
        return cfg
    part = ours.get(name)
    if part is None:
        raise KeyError(ours.missing_message(name))
    if scope == ours.scope or (scope is None and registry is ours):
        return cfg
    if scope in FOREIGN_PACKAGES:
        is_ours = part is ours.get(name.rpartition('.')[2])
    else:
        is_ours = ours.root is ours or ours.root.get(name) is None
    if not is_ours:
        return cfg
    cfg = cfg.copy()
    cfg['_scope_'] = ours.scope
    return cfg


def _has_registry(scope: str, root: _Registry) -> bool:
    """Whether a project of this name has a registry of the kind that ``root`` is of."""
    with suppress(Exception):  # as MMEngine does before it looks
        import_module(f'{scope}.registry')
    return root._search_child(scope) is not None


def _current_scope() -> str | None:
    current = DefaultScope.get_current_instance()
    return None if current is None else current.scope_name


@cache
def is_absent(package: str) -> bool:
    """Whether the registries of ``package`` cannot be imported."""
    try:
        import_module(f'{package}.registry')
    except ModuleNotFoundError as error:
        if error.name == package:
            return True
        reason = error
    except Exception as error:  # packages assert the versions that they want
        reason = error
    else:
        return False
    warnings.warn(
        f'{package} is installed but cannot be imported ({reason}); of its parts, a config can '
        'name those that mmpose has too.',
        stacklevel=2,
    )
    return True


def _child(name: str, parent: _Registry | None, *locations: str) -> Registry:
    return Registry(name, parent=parent, scope='mmpose', locations=list(locations))


# fmt: off
# runs, and what happens around their steps
RUNNERS = _child('runner', root.RUNNERS)
RUNNER_CONSTRUCTORS = _child('runner constructor', root.RUNNER_CONSTRUCTORS)
LOOPS = _child('loop', root.LOOPS)
HOOKS = _child('hook', root.HOOKS, 'mmpose.engine.hooks')
LOG_PROCESSORS = _child('log processor', root.LOG_PROCESSORS, 'mmpose.visualization')
# optimisation
OPTIMIZERS = _child('optimizer', root.OPTIMIZERS, 'mmpose.engine')
OPTIM_WRAPPERS = _child('optim_wrapper', root.OPTIM_WRAPPERS, 'mmpose.engine')
OPTIM_WRAPPER_CONSTRUCTORS = _child(
    'optimizer constructor', root.OPTIM_WRAPPER_CONSTRUCTORS, 'mmpose.engine.optim_wrappers')
PARAM_SCHEDULERS = _child('parameter scheduler', root.PARAM_SCHEDULERS, 'mmpose.engine.schedulers')
# data
DATASETS = _child('dataset', root.DATASETS, 'mmpose.datasets')
DATA_SAMPLERS = _child('data sampler', root.DATA_SAMPLERS, 'mmpose.datasets.samplers')
TRANSFORMS = _child('transform', root.TRANSFORMS, 'mmpose.datasets.transforms')
KEYPOINT_CODECS = _child('keypoint codec', None, 'mmpose.codecs')
# models
MODELS = _child('model', root.MODELS, 'mmpose.models', 'mmpose.engine.hooks')  # weight averages
MODEL_WRAPPERS = _child('model wrapper', root.MODEL_WRAPPERS, 'mmpose.models')
WEIGHT_INITIALIZERS = _child('weight initializer', root.WEIGHT_INITIALIZERS, 'mmpose.models')
BATCH_AUGMENTS = _child('batch augment', None, 'mmpose.models')
TASK_UTILS = _child('task util', root.TASK_UTILS, 'mmpose.models.task_modules')
# evaluation, pictures, inference
METRICS = _child('metric', root.METRICS, 'mmpose.evaluation.metrics')
EVALUATORS = _child('evaluator', root.EVALUATOR, 'mmpose.evaluation.evaluators')
VISUALIZERS = _child('visualizer', root.VISUALIZERS, 'mmpose.visualization')
VISBACKENDS = _child('visualization backend', root.VISBACKENDS, 'mmpose.visualization')
INFERENCERS = _child('inferencer', root.INFERENCERS, 'mmpose.apis.inferencers')
# fmt: on

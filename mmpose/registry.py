"""The registries: one per kind of part, each a child of MMEngine's root registry of that kind.

A registry imports its package on first use, so a config can name a part that no script has
imported. To add a part, decorate it and re-export it from the package in the table::

    @MODELS.register_module()
    class MyHead(BaseHead): ...

Configs name some parts with another package's scope, such as ``mmdet.CSPNeXt``. Where that package
cannot be imported, our part of the same name stands in.
"""

from __future__ import annotations

import warnings
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from typing import Any

from mmengine import registry as root
from mmengine.registry import Registry as _Registry

_OTHER_SCOPES = ('mmdet', 'mmpretrain', 'mmcls')


class Registry(_Registry):
    """A registry that names the near misses of a mistyped ``type`` and knows foreign scopes.

    ``mmdet.X``, ``mmpretrain.X``, ``mmcls.X`` and ``_scope_`` with one of these packages mean the
    package's ``X``, or ours where the package is not installed.
    """

    def names(self) -> list[str]:
        """All names that a config may use here, this registry's own before its ancestors'."""
        self.import_from_location()
        names, registry = dict.fromkeys(self._module_dict), self.parent
        while registry is not None:
            names.update(dict.fromkeys(registry.module_dict))
            registry = registry.parent
        return list(names)

    def missing_message(self, name: str) -> str:
        """What to tell someone who asked for the unregistered ``name``."""
        options = self.names()
        by_lower = {option.lower(): option for option in options}
        near = [by_lower[m] for m in get_close_matches(name.lower(), by_lower, n=3, cutoff=0.6)]
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

    def get(self, key: str) -> type | None:
        """The class, or other part, that is registered as ``key``.

        Args:
            key: The name, with a scope (``mmdet.CSPNeXt``) or without.
        """
        return super().get(_own_name(key))

    def build(self, cfg: dict, *args: Any, **kwargs: Any) -> Any:
        """Build the object that ``cfg`` describes.

        Args:
            cfg: The ``type`` and the constructor's arguments.
            *args: Passed to the build function.
            **kwargs: Passed to the build function.

        Raises:
            KeyError: The ``type`` is not registered; the message lists the nearest names.
        """
        if isinstance(cfg, dict):
            if cfg.get('_scope_') in _OTHER_SCOPES and _is_absent(cfg['_scope_']):
                cfg = cfg.copy()
                del cfg['_scope_']
            name = _own_name(cfg.get('type'))
            if isinstance(name, str) and '.' not in name and self.get(name) is None:
                raise KeyError(self.missing_message(name))
        return super().build(cfg, *args, **kwargs)


def _own_name(key: Any) -> Any:
    """``key`` without its scope if that is a package for which we stand in."""
    if not isinstance(key, str):
        return key
    scope, _, name = key.partition('.')
    return name if scope in _OTHER_SCOPES and _is_absent(scope) else key


@cache
def _is_absent(package: str) -> bool:
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
        f'{package} is installed but cannot be imported ({reason}); the parts of mmpose stand in '
        'for those that the config takes from it.',
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

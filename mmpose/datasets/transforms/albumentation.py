"""Transforms of the Albumentations package in our pipelines."""

from __future__ import annotations

import os
from collections.abc import Callable
from inspect import Parameter, signature
from types import ModuleType
from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform

from mmpose.registry import TRANSFORMS

from .blur_and_dropout import BUILT_IN
from .sample import require_keys

_INSTALL = '`pip install albumentations`'


@TRANSFORMS.register_module()
class Albumentation(BaseTransform):
    """Applies transforms of `Albumentations <https://albumentations.ai>`_, one after the other.

    The package is optional: ``Blur``, ``MedianBlur``, ``CoarseDropout`` and ``GridDropout`` of a
    picture do without it, and also stand in where the installed version does not know the
    arguments any more, as version 2 does not know ``CoarseDropout(max_holes=1)``. Random numbers
    come from :mod:`numpy.random`, which seeds the package's own generators, too.

    Args:
        transforms: Configs: ``type``, the name (or the class) in the package, and its arguments.
            A transform that combines others takes their configs as its ``transforms``.
        keymap: The name that the package has for what is under a key of the sample; ``None`` is
            ``dict(img='image')``. Only these keys are passed, and replaced.

    Raises:
        ImportError: A transform is not built in, and the package is not installed.
        ValueError: A transform is unknown, or does not take its arguments.
        KeyError: A config has no ``type``; later, a sample lacks a key.

    Example::

        >>> dropout = dict(type='CoarseDropout', max_holes=1, max_height=0.4, max_width=0.4, p=1.0)
        >>> Albumentation([dict(type='Blur', p=0.1), dropout])
    """

    def __init__(self, transforms: list[dict], keymap: dict[str, str] | None = None) -> None:
        super().__init__()
        self.transforms = transforms
        self.keymap_to_albu = dict(keymap) if keymap else dict(img='image')
        self._steps = [self.albu_builder(cfg) for cfg in transforms]

    def albu_builder(self, cfg: dict) -> Callable[..., dict]:
        """The transform of a config: takes data by name, and returns them as a dict.

        Args:
            cfg: ``type`` and arguments.
        """
        if 'type' not in cfg:
            raise KeyError(f'The config {dict(cfg)} of an Albumentations transform has no `type`.')
        arguments = dict(cfg)
        name = arguments.pop('type')
        albumentations = _import_albumentations()
        if name in BUILT_IN and set(self.keymap_to_albu.values()) == {'image'}:
            original = getattr(albumentations, name, None)
            if original is None or not _takes(original, arguments):
                return _checked(BUILT_IN[name], arguments)(**arguments)
        if albumentations is None:
            raise ImportError(
                f'{name} needs the package Albumentations, {_INSTALL}; without it there are '
                f'{", ".join(BUILT_IN)} of pictures, `keymap` {{"img": "image"}}.'
            )
        return albumentations.Compose([_from_package(albumentations, cfg)])

    def transform(self, results: dict) -> dict:
        """The sample with what the transforms made of it."""
        remedy = '`keymap` names it.'
        require_keys(results, 'Albumentation', tuple(self.keymap_to_albu), remedy)
        data = {name: results[key] for key, name in self.keymap_to_albu.items()}
        for step in self._steps:
            if hasattr(step, 'set_random_seed'):
                step.set_random_seed(np.random.randint(2**31))
            data = step(**data)
        results.update((key, data[name]) for key, name in self.keymap_to_albu.items())
        return results


def _import_albumentations() -> ModuleType | None:
    # the package otherwise asks the network for its newest version, in every process
    os.environ.setdefault('NO_ALBUMENTATIONS_UPDATE', '1')
    try:
        import albumentations
    except ImportError:
        return None
    return albumentations


def _from_package(albumentations: ModuleType, cfg: dict) -> Any:
    """The package's transform for a config, and for those inside it."""
    arguments = dict(cfg)
    kind = arguments.pop('type')
    if isinstance(kind, str):
        if not hasattr(albumentations, kind):
            raise ValueError(
                f'albumentations {albumentations.__version__} has no transform {kind!r}; check '
                'the name, and which version has it.'
            )
        kind = getattr(albumentations, kind)
    if 'transforms' in arguments:
        arguments['transforms'] = [
            _from_package(albumentations, inner) for inner in arguments['transforms']
        ]
    return _checked(kind, arguments)(**arguments)


def _takes(kind: type, arguments: dict) -> bool:
    parameters = signature(kind).parameters
    return arguments.keys() <= parameters.keys() or any(
        parameter.kind is Parameter.VAR_KEYWORD for parameter in parameters.values()
    )


def _checked(kind: type, arguments: dict) -> type:
    """``kind`` itself; the package would replace arguments it does not know by its defaults."""
    if not _takes(kind, arguments):
        parameters = list(signature(kind).parameters)
        raise ValueError(
            f'{kind.__module__}.{kind.__name__} does not take '
            f'{sorted(arguments.keys() - set(parameters))}; it takes {parameters}.'
        )
    return kind

"""Packages that only some formats need."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType


class MissingPackageError(ImportError):
    """A package that a format needs and that is not installed."""


def require(module: str, purpose: str) -> ModuleType:
    """The imported module.

    Args:
        module: Its name, which is also that of its package.
        purpose: What needs it, the start of the error's sentence.

    Raises:
        MissingPackageError: It is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition('.')[0]
        raise MissingPackageError(
            f'{purpose} needs {package}, which cannot be imported ({error}); install it with '
            f'`pip install {package}`.'
        ) from error

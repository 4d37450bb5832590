"""Faults of a source that its owner can mend."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType


class ConversionError(ValueError):
    """A source that cannot be converted; the message names the place and the mend."""


class MissingPackageError(ImportError):
    """A package that one format needs and that is not installed."""


def require(module: str, package: str, purpose: str) -> ModuleType:
    """The imported ``module``.

    Args:
        module: Its name in ``import``.
        package: Its name for pip.
        purpose: What it is needed for, such as ``'reading .slp files'``.

    Raises:
        MissingPackageError: It is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingPackageError(
            f'{purpose} needs {module}, which cannot be imported ({error}); '
            f'install it with `pip install {package}`.'
        ) from error

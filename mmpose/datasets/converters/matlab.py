"""Reading MATLAB and HDF5 files, with errors that help."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import ConversionError, require

if TYPE_CHECKING:
    import h5py


def read_mat(path: Path, *names: str) -> list[Any]:
    """Variables of a MATLAB file, axes of length 1 dropped, structs as objects.

    Args:
        path: The file, older than version 7.3 of the format.
        names: The variables.

    Raises:
        FileNotFoundError: There is no such file.
        ConversionError: It is damaged or of version 7.3, or lacks a variable.
    """
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    _require_file(path)
    try:
        content = loadmat(path, squeeze_me=True, struct_as_record=False)
    except (ValueError, TypeError, OSError, NotImplementedError, MatReadError) as error:
        raise ConversionError(
            f'{str(path)!r} cannot be read as a MATLAB file: {error}. If it was downloaded or '
            'copied, it may be cut short; fetch it again.'
        ) from error
    _require_names(path, names, [name for name in content if not name.startswith('__')])
    return [content[name] for name in names]


@contextmanager
def open_hdf5(path: Path, *names: str) -> Iterator[h5py.File]:
    """An open HDF5 file; MATLAB files of version 7.3 are such, with the axes reversed.

    Args:
        path: The file.
        names: What must be in it.

    Raises:
        FileNotFoundError: There is no such file.
        MissingPackageError: h5py is not installed.
        ConversionError: It is no HDF5 file, or lacks something.
    """
    h5py = require('h5py', 'h5py', f'reading {path.name}')
    _require_file(path)
    try:
        file = h5py.File(path, 'r')
    except OSError as error:
        raise ConversionError(
            f'{str(path)!r} cannot be read as an HDF5 file: {error}. If it was downloaded or '
            'copied, it may be cut short; fetch it again.'
        ) from error
    with file:
        _require_names(path, names, list(file))
        yield file


def _require_file(path: Path) -> None:
    if not path.is_file():
        raise FileNotFoundError(
            f'There is no file {str(path)!r}; unpack the data set completely, with its folders as '
            'they come.'
        )


def _require_names(path: Path, wanted: tuple[str, ...], found: list[str]) -> None:
    if missing := [name for name in wanted if name not in found]:
        raise ConversionError(
            f'{str(path)!r} has no {", ".join(missing)}; it has {", ".join(found) or "nothing"}. '
            'It may be another file than its name says.'
        )

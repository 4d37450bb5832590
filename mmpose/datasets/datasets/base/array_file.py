"""Reading the files of arrays that motion capture comes in, with errors that say what is wrong."""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Collection
from typing import Any

import numpy as np

from .required_file import require_file

# what reading a damaged file can raise
_READ_ERRORS = (ValueError, OSError, EOFError, zipfile.BadZipFile, pickle.UnpicklingError)


def load_npz(
    path: str,
    data_root: str | None,
    required: Collection[str],
    optional: Collection[str] = (),
    has_objects: bool = False,
) -> dict[str, np.ndarray]:
    """Some arrays of a file by their names.

    Args:
        path: The file, already joined with ``data_root``.
        data_root: Named in the error when the file is absent.
        required: Arrays that must be there.
        optional: Arrays to read if they are there.
        has_objects: Whether arrays may hold Python objects, which are pickled. Reading them can
            run code, so the file must come from a source that you trust.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no npz file, or lacks arrays.
    """
    require_file(path, data_root, 'ann_file')
    try:
        with np.load(path, allow_pickle=has_objects) as file:
            names = sorted(file.files)
            arrays = {key: file[key] for key in (*required, *optional) if key in names}
    except (*_READ_ERRORS, AttributeError, TypeError) as error:  # an npy file has no `files`
        raise ValueError(_damaged(path, 'an npz file of arrays', error)) from error
    if missing := [key for key in required if key not in arrays]:
        raise ValueError(
            f'{path!r} lacks {missing}; it has {names}. Set `ann_file` to the labels of this data '
            'set.'
        )
    return arrays


def load_rows(
    setting: str, path: str, data_root: str | None, shape: tuple[int, ...], what: str
) -> np.ndarray:
    """An array with a row for each frame, as float32.

    Args:
        setting: The argument of the data set that names the file.
        path: The npy file, already joined with ``data_root``.
        data_root: Named in the error when the file is absent.
        shape: What the array must have; further axes of length 1 are dropped.
        what: What the axes are, for the error, such as ``'frames, keypoints, (x, y, score)'``.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no npy file, or has another shape.
    """
    require_file(path, data_root, setting)
    try:
        rows = np.load(path).astype(np.float32)
    except (*_READ_ERRORS, AttributeError, TypeError) as error:  # an npz file has no `astype`
        raise ValueError(_damaged(path, 'an npy file of numbers', error)) from error
    if rows.shape[: len(shape)] != shape or rows.size != np.prod(shape):
        raise ValueError(
            f'{setting} {path!r} has the shape {rows.shape}; expected {shape}: {what}. It must '
            'have been made from the same `ann_file`.'
        )
    return rows.reshape(shape)


def load_cameras(path: str, data_root: str | None) -> dict[Any, dict]:
    """The parameters of the cameras by their keys.

    Args:
        path: A pickled dict. Reading one can run code, so it must come from a source that you
            trust.
        data_root: Named in the error when the file is absent.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It does not hold a dict of dicts.
    """
    require_file(path, data_root, 'camera_param_file')
    try:
        with open(path, 'rb') as file:
            cameras = pickle.load(file)
    except (*_READ_ERRORS, ImportError, LookupError, AttributeError) as error:
        raise ValueError(_damaged(path, 'a pickled dict of cameras', error)) from error
    if not isinstance(cameras, dict) or not all(isinstance(c, dict) for c in cameras.values()):
        raise ValueError(
            f'{path!r} holds {type(cameras).__name__}; expected a dict with the parameters of each '
            'camera in a dict. Set `camera_param_file` to the file of the cameras.'
        )
    return cameras


def _damaged(path: str, expected: str, error: Exception) -> str:
    return (
        f'{path!r} cannot be read as {expected}: {error}. If it was downloaded or copied, it may '
        'be cut short; fetch it again.'
    )

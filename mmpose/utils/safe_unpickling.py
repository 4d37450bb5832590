"""What a checkpoint may name besides tensors, and the harmless things it gets instead.

``torch.load(weights_only=True)`` refuses every class and function it does not know. Published
checkpoints hold a few more: NumPy arrays in the dataset description, loss histories in the message
hub. The stand-ins here rebuild those from checked plain values; nothing from the file is called.
NumPy's own functions would not do: a crafted dtype makes NumPy follow raw bytes as pointers.
:func:`load_pickle` reads plain pickles, such as dumped predictions, by the same rule.
"""

from __future__ import annotations

import argparse
import datetime
import pathlib
import re
import sys
import types
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from inspect import isclass
from io import BytesIO
from pickle import Unpickler, UnpicklingError
from typing import Any, BinaryIO

import numpy as np
import torch
from mmengine.logging import HistoryBuffer

_FOREIGN_ORDER = '>' if sys.byteorder == 'little' else '<'


class _Held:
    """A value under construction; :meth:`plain` gives the real one."""

    state: Any = None

    def __setstate__(self, state: Any) -> None:
        self.state = state

    def plain(self) -> Any:
        """The value that the state describes."""
        raise NotImplementedError


class _Dtype(_Held):
    """Stands in for ``numpy.dtype``: numbers, booleans, text and objects, no fields."""

    def __init__(self, spec: str, *_: Any) -> None:
        if not re.fullmatch(r'[biufcUSO]\d+', spec):
            raise UnpicklingError(f'Unsupported NumPy dtype {spec!r}')
        self.spec = spec

    def plain(self) -> np.dtype:
        dtype = np.dtype(self.spec)
        foreign = self.state is not None and self.state[1] == _FOREIGN_ORDER
        return dtype.newbyteorder() if foreign else dtype


class _Array(_Held):
    """Stands in for ``numpy.ndarray``; its state is (version, shape, dtype, fortran, data)."""

    def plain(self) -> np.ndarray:
        _, shape, dtype, fortran, data = self.state
        order = 'F' if fortran else 'C'
        if dtype.spec[0] == 'O':
            array = np.empty(len(data), dtype=object)
            for index, item in enumerate(data):
                array[index] = settle(item)
            return array.reshape(shape, order=order)
        data = data.encode('latin1') if isinstance(data, str) else data
        return np.ndarray(shape, dtype.plain(), buffer=data, order=order).copy(order)


class _History(_Held):
    """Stands in for MMEngine's ``HistoryBuffer``; its statistics methods are the installed ones."""

    def plain(self) -> HistoryBuffer:
        log, count = (settle(self.state[key]) for key in ('_log_history', '_count_history'))
        return HistoryBuffer(log, count, self.state.get('max_length', 1000000))


def _reconstruct(kind: type, *_: Any) -> _Array:
    if not (isclass(kind) and issubclass(kind, _Array)):
        raise UnpicklingError(f'Unsupported NumPy array type {kind!r}')
    return kind()


def _scalar(dtype: _Dtype, data: bytes | str) -> Any:
    array = _Array()
    array.state = (1, (), dtype, False, data)
    return array.plain()[()]


def _getattr(owner: Any, name: str) -> None:
    # A history pickles its statistics methods as getattr(HistoryBuffer, 'mean'). Every history
    # shares the installed methods, so the reference is checked and dropped.
    if not (isclass(owner) and issubclass(owner, _History)):
        raise UnpicklingError(f'Unsupported global: GLOBAL getattr of {owner!r}, {name!r}')


def _dict(*args: Any) -> dict:
    return dict(next((arg for arg in args if isinstance(arg, dict)), {}))


_STAND_INS: dict[str, Callable] = {
    'numpy.dtype': _Dtype,
    'numpy.ndarray': _Array,
    **{
        f'numpy.{core}.multiarray.{name}': function
        for core in ('core', '_core')  # NumPy 1 and NumPy 2
        for name, function in (('_reconstruct', _reconstruct), ('scalar', _scalar))
    },
    'mmengine.logging.history_buffer.HistoryBuffer': _History,
    'builtins.getattr': _getattr,
    'collections.defaultdict': _dict,
    'mmengine.config.config.ConfigDict': _dict,
    **{
        f'{module}.{name}': lambda *parts: pathlib.PurePath(*parts)
        for module in ('pathlib', 'pathlib._local')  # the second is Python 3.13's
        for name in ('PosixPath', 'PurePosixPath', 'WindowsPath', 'PureWindowsPath')
    },
}
_PLAIN_VALUES = [
    *(bool, int, float, bytes, str, list, dict, tuple, frozenset, slice),
    argparse.Namespace,
    types.SimpleNamespace,
    datetime.date,
    datetime.datetime,
    datetime.time,
    datetime.timedelta,
    datetime.timezone,
]


def _named(path: str, target: Callable) -> Callable:
    """``target`` under the name that a pickle uses; torch looks allowed objects up by it."""
    if isclass(target):
        alias = type(target.__name__, (target,), {})
    else:

        def alias(*args: Any) -> Any:
            return target(*args)

    alias.__module__, _, alias.__name__ = path.rpartition('.')
    alias.__qualname__ = alias.__name__
    return alias


_ALLOWED = _PLAIN_VALUES + [_named(path, target) for path, target in _STAND_INS.items()]


@contextmanager
def allowed_globals() -> Iterator[None]:
    """Let ``torch.load(weights_only=True)`` read our stand-ins while the context lasts.

    What it returns must go through :func:`settle`.
    """
    before = torch.serialization.get_safe_globals()
    torch.serialization.add_safe_globals(_ALLOWED)
    try:
        yield
    finally:
        torch.serialization.clear_safe_globals()
        torch.serialization.add_safe_globals(before)


def _latin1(text: str, encoding: str) -> bytes:
    # how the older protocols write bytes
    if encoding != 'latin1':
        raise UnpicklingError(f'Unsupported encoding of bytes {encoding!r}')
    return text.encode('latin1')


def _array_of_buffer(data: bytes, dtype: _Dtype, shape: tuple[int, ...], order: str) -> _Array:
    array = _Array()
    array.state = (1, shape, dtype, order == 'F', bytes(data))
    return array


def _storage(data: bytes) -> Any:
    return torch.load(BytesIO(data), weights_only=True)


class RefusedError(UnpicklingError):
    """A pickle names what could run code.

    Args:
        name: What it names, such as 'posix.system'.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f'Unsupported global: GLOBAL {name}')
        self.name = name


class _PlainUnpickler(Unpickler):
    """Finds plain values, arrays and tensors; everything else it refuses by name."""

    _known = {
        **_STAND_INS,
        **{f'{kind.__module__}.{kind.__qualname__}': kind for kind in _PLAIN_VALUES},
        '_codecs.encode': _latin1,
        'builtins.set': set,
        'collections.OrderedDict': OrderedDict,
        'numpy._core.numeric._frombuffer': _array_of_buffer,  # of protocol 5
        'torch._utils._rebuild_tensor_v2': torch._utils._rebuild_tensor_v2,
        'torch.storage._load_from_bytes': _storage,
    }

    def find_class(self, module: str, name: str) -> Any:
        """The stand-in for a name in the file."""
        path = f'{module.replace("__builtin__", "builtins")}.{name}'  # the old protocols' name
        if path not in self._known:
            raise RefusedError(path)
        return self._known[path]


def load_pickle(file: BinaryIO) -> Any:
    """The plain values, arrays and tensors of a pickle; nothing in it is run.

    Args:
        file: What ``pickle.dump`` wrote, open for reading.

    Raises:
        RefusedError: The pickle names something else, which could run code.
        UnpicklingError: This is no pickle, or a damaged one.
    """
    try:
        return settle(_PlainUnpickler(file).load())
    except UnpicklingError:
        raise
    except Exception as error:  # whatever the bytes of another kind of file make of the machine
        raise UnpicklingError(f'no pickle: {type(error).__name__}: {error}') from error


def settle(value: Any, _seen: set[int] | None = None) -> Any:
    """``value`` with the stand-ins in it replaced by what they hold; containers keep identity."""
    if isinstance(value, _Held):
        return value.plain()
    seen = set() if _seen is None else _seen
    if type(value) is tuple:
        return tuple(settle(item, seen) for item in value)
    if id(value) in seen:
        return value
    seen.add(id(value))
    if isinstance(value, dict):
        for key, item in value.items():
            value[key] = settle(item, seen)
    elif isinstance(value, list):
        value[:] = [settle(item, seen) for item in value]
    elif isinstance(value, (argparse.Namespace, types.SimpleNamespace)):
        settle(vars(value), seen)
    return value

"""Items held packed: a million of them in little memory, which forked processes share."""

from __future__ import annotations

import math
import pickle
from array import array
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

LONG = 64  # where a list has as many floats, it is worth the time to write them as whole numbers,
SHORT = 8  # them and those of other lists, but for those that are shorter than that
CONTAINERS = (list, dict)
# how numbers with few digits are written: times what, and as which type
WHOLE = ((10, 'i2'), (100, 'i4'), (1000, 'i4'))


def pack_items(items: Iterable[dict]) -> tuple[np.ndarray, np.ndarray]:
    """The packed items, one after the other, as uint8, and where each ends.

    Args:
        items: One at a time, so that each can be freed once it is packed.
    """
    packed, ends = bytearray(), array('q')
    for item in items:
        packed += pack(item)
        ends.append(len(packed))
    return np.frombuffer(packed, dtype=np.uint8), np.array(ends, dtype=np.int64)


def pack(item: dict) -> bytes:
    """The item as bytes of which :func:`pickle.loads` makes it again.

    They are smaller than a plain pickle, and made faster: arrays go in as their bytes, long lists
    of floats as whole numbers where that loses nothing.

    Args:
        item: Has strings as keys.
    """
    return pickle.dumps(_Item(item), protocol=pickle.HIGHEST_PROTOCOL)


class _Item:
    """What is pickled in place of an item."""

    def __init__(self, item: dict) -> None:
        self.item = item

    def __reduce__(self) -> tuple:
        values = list(self.item.values())
        arrays, content = [], []
        lists: dict[int, list] = {}
        for place, value in enumerate(values):
            kind = type(value)
            if kind is np.ndarray and value.dtype.kind in 'biuf':
                arrays.append((place, value.dtype.str, value.shape))
                content.append(value.tobytes())
                values[place] = None
            elif kind in CONTAINERS:
                _find_floats(value, lists)
        floats = ()
        if max(map(len, lists.values()), default=0) >= LONG:
            only_floats = [v for v in lists.values() if set(map(type, v)) == {float}]
            replaced: dict[int, Any] = {id(numbers): [] for numbers in only_floats}
            values = [_hollowed(value, replaced) for value in values]
            hollow = [(replaced[id(numbers)], len(numbers)) for numbers in only_floats]
            floats = (hollow, *_shortened(only_floats))
        return _unpack, (tuple(self.item), values, arrays, b''.join(content), *floats)


def _find_floats(value: list | dict, found: dict[int, list]) -> None:
    """Adds the lists in a JSON value that begin with a float and are not short, by their id."""
    if type(value) is dict:
        parts = value.values()
    elif value and type(value[0]) is float:
        if len(value) >= SHORT:
            found[id(value)] = value
        return
    elif value and type(value[0]) in CONTAINERS:
        parts = value
    else:
        return
    for part in parts:
        if type(part) in CONTAINERS:
            _find_floats(part, found)


def _hollowed(value: Any, replaced: dict[int, Any]) -> Any:
    """A JSON value in which some parts are replaced; it stays as it is itself.

    Args:
        value: Parts may be in it at any depth.
        replaced: What stands for parts, by their id. The lists and dicts around them are added,
            so that one that is in several places stays one.
    """
    if type(value) not in CONTAINERS:
        return value
    new = replaced.get(id(value))
    if new is None:
        new = value
        if type(value) is dict:
            new = {
                key: _hollowed(part, replaced) if type(part) in CONTAINERS else part
                for key, part in value.items()
            }
        elif value and type(value[0]) in CONTAINERS:
            new = [_hollowed(part, replaced) for part in value]
        replaced[id(value)] = new
    return new


def _shortened(lists: list[list[float]]) -> tuple[int, str, bytes]:
    """What to divide numbers by to get those of the lists, their type, and their bytes."""
    floats = array('d')
    for numbers in lists:
        floats.fromlist(numbers)
    exact = floats.tobytes()
    values = np.frombuffer(exact)
    with np.errstate(all='ignore'):  # what is too large does not come back as it was
        for scale, dtype in WHOLE:
            whole = np.rint(values * scale).astype(dtype)
            if (whole / scale).tobytes() == exact:
                return scale, dtype, whole.tobytes()
    return 1, 'f8', exact


def _unpack(
    keys: tuple[str, ...],
    values: list,
    arrays: list[tuple[int, str, tuple[int, ...]]],
    content: bytes,
    hollow: Sequence[tuple[list, int]] = (),
    scale: int = 1,
    dtype: str = 'f8',
    numbers: bytes = b'',
) -> dict:
    start = 0
    for place, kind, shape in arrays:
        flat = np.frombuffer(content, kind, math.prod(shape), start)
        start += flat.nbytes
        values[place] = flat.reshape(shape).copy()  # writable and aligned
    if hollow:
        floats = (np.frombuffer(numbers, dtype) / scale).tolist()
        start = 0
        for numbers_list, length in hollow:
            numbers_list += floats[start : start + length]
            start += length
    return dict(zip(keys, values, strict=True))

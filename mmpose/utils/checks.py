"""Checks of settings, with messages that say how to mend them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def check_size(name: str, size: Sequence[int], num_axes: int = 2) -> None:
    """Passes a size of the given number of axes, all positive.

    Args:
        name: The parameter's name, for the message.
        size: (w, h), or (w, h, d) with ``num_axes=3``.
        num_axes: How many entries the size must have.

    Raises:
        ValueError: The size is something else.
    """
    entries = size if isinstance(size, (Sequence, np.ndarray)) else ()
    if len(entries) != num_axes or not all(map(_is_positive, entries)):
        wanted = {2: '(w, h)', 3: '(w, h, d)'}[num_axes]
        raise ValueError(
            f'{name} is {size!r}, but must be {num_axes} positive numbers; give it as {wanted}.'
        )


def check_positive(name: str, value: float | Sequence[float], several: bool = True) -> None:
    """Passes a positive number, or several.

    Args:
        name: The parameter's name, for the message.
        value: The number or numbers.
        several: Whether more than one number makes sense.

    Raises:
        ValueError: ``value`` is something else.
    """
    values = value if several and isinstance(value, (Sequence, np.ndarray)) else (value,)
    if len(values) == 0 or not all(map(_is_positive, values)):
        kind = 'positive' if several else 'positive and a single number'
        raise ValueError(f'{name} is {value!r}, but must be {kind}; set a number above 0.')


def check_odd(name: str, kernel_size: int) -> None:
    """Passes a positive odd size, that of a window centred on a cell.

    Raises:
        ValueError: ``kernel_size`` is something else.
    """
    if not _is_positive(kernel_size) or kernel_size % 2 != 1:
        mend = int(kernel_size) // 2 * 2 + 1 if _is_positive(kernel_size) else 1
        raise ValueError(
            f'{name} is {kernel_size!r}, but a window centred on a cell needs an odd size; '
            f'set {mend}.'
        )


def check_choice(name: str, value: Any, allowed: Sequence[Any]) -> None:
    """Passes one of the allowed values.

    Raises:
        ValueError: ``value`` is not among them.
    """
    if value not in allowed:
        raise ValueError(
            f'{name} is {value!r}, but must be one of {", ".join(map(repr, allowed))}.'
        )


def _is_positive(value: Any) -> bool:
    return isinstance(value, (int, float, np.number)) and 0 < value < float('inf')

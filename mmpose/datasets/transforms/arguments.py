"""Arguments of transforms in the one form that the code works with, checked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmpose.codecs.utils.checks import check_size


def size_pair(name: str, size: int | Sequence[int]) -> tuple[int, int]:
    """A size as (w, h).

    Args:
        name: The parameter's name, for the message.
        size: Pixels, (w, h), or one number for both.

    Raises:
        ValueError: It is not positive, or not one size.
    """
    pair = (size, size) if np.isscalar(size) else size
    check_size(name, pair)
    if any(length % 1 for length in pair):
        raise ValueError(f'{name} is {size!r}; expected whole pixels, (w, h).')
    return int(pair[0]), int(pair[1])


def check_range(name: str, bounds: Sequence[float]) -> None:
    """Passes the smallest and the largest value of a positive quantity.

    Args:
        name: The parameter's name, for the message.
        bounds: The two values.

    Raises:
        ValueError: It is something else.
    """
    if np.shape(bounds) != (2,) or not 0 < bounds[0] <= bounds[1] < np.inf:
        raise ValueError(
            f'{name} is {bounds!r}; expected the smallest and the largest value, both positive, '
            'such as (0.5, 1.5).'
        )


def check_probs(**probs: float) -> None:
    """Passes probabilities by the names of their parameters.

    Raises:
        ValueError: One is not from 0 to 1.
    """
    for name, prob in probs.items():
        if not 0 <= prob <= 1:
            raise ValueError(f'{name} is {prob!r}; expected a probability, from 0 to 1.')


def fill_color(pad_val: float | Sequence[float]) -> tuple[float, ...]:
    """The value of each channel of a border.

    Args:
        pad_val: One number for all channels, or one for each.
    """
    return (pad_val,) * 4 if np.isscalar(pad_val) else tuple(pad_val)

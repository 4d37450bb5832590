"""Float32 numbers in few digits."""

from __future__ import annotations

import numpy as np

_DIGITS = (9, 8, 7, 6)  # 9 tell any two float32 apart; 6 are always kept by one


def shortest(values: np.ndarray) -> np.ndarray:
    """Doubles of few decimal digits that are these values when read as float32.

    Args:
        values: float32 of any shape; what is not finite stays.

    Examples:
        >>> np.float32(0.3).item(), shortest(np.float32(0.3)).item()
        (0.30000001192092896, 0.3)
    """
    values = np.asarray(values, dtype=np.float32)
    exact = short = values.astype(np.float64)
    with np.errstate(all='ignore'):
        exponent = np.floor(np.log10(np.abs(exact)))
        for digits in _DIGITS:
            # by powers of ten that are exact, so that the nearest double comes out
            places = digits - 1 - exponent
            scale = 10.0 ** np.abs(places)
            rounded = np.where(
                places >= 0, np.rint(exact * scale) / scale, np.rint(exact / scale) * scale
            )
            short = np.where(rounded.astype(np.float32) == values, rounded, short)
    return short

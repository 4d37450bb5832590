"""Channel counts that suit the hardware."""

from __future__ import annotations


def make_divisible(
    value: float, divisor: int, min_value: int | None = None, min_ratio: float = 0.9
) -> int:
    """The multiple of ``divisor`` nearest to a number of channels.

    Args:
        value: Number of channels, often scaled by a width factor.
        divisor: What the result is a multiple of.
        min_value: Least result; ``None`` for ``divisor``.
        min_ratio: Least ratio of the result to ``value``; below it the next multiple is taken.

    Example:
        >>> make_divisible(35, 8), make_divisible(36, 8), make_divisible(11, 8)
        (32, 40, 16)
    """
    nearest = int(value + divisor / 2) // divisor * divisor
    channels = max(divisor if min_value is None else min_value, nearest)
    return channels if channels >= min_ratio * value else channels + divisor

"""Numbers in lines of text, with errors that name the line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .errors import ConversionError


def read_lines(path: Path) -> list[str]:
    """The lines of a text file.

    Raises:
        ConversionError: It is no text in UTF-8.
    """
    try:
        return path.read_text(encoding='utf-8-sig').splitlines()
    except UnicodeDecodeError as error:
        raise ConversionError(f'{str(path)!r} is no text: {error}.') from error


def numbers_of(words: Sequence[str], place: str) -> np.ndarray:
    """The words as finite numbers.

    Args:
        words: N words.
        place: Where they stand, for the error, such as ``"'a.txt', line 3"``.

    Raises:
        ConversionError: One of them is no number.
    """
    numbers = []
    for word in words:
        try:
            numbers.append(float(word))
        except ValueError:
            numbers.append(np.nan)
        if not np.isfinite(numbers[-1]):
            raise ConversionError(f'{place}: {word!r} is no number.')
    return np.array(numbers)


def points_of(lines: Sequence[str], path: Path, first_line: int, num_points: int) -> np.ndarray:
    """(K, 2) points of a text with x and y in each line.

    Args:
        lines: Those with the points, and possibly empty ones.
        path: Where they stand, for the error.
        first_line: Number of the first of them there, from 1.
        num_points: K.

    Raises:
        ConversionError: A line has not two numbers, or there are more or fewer than K.
    """
    points = []
    for number, line in enumerate(lines, start=first_line):
        words = line.split()
        place = f'{str(path)!r}, line {number}'
        if len(words) not in (0, 2):
            raise ConversionError(f'{place}: {len(words)} fields; expected x and y.')
        if words:
            points.append(numbers_of(words, place))
    if len(points) != num_points:
        raise ConversionError(f'{str(path)!r} has {len(points)} points; expected {num_points}.')
    return np.array(points)

"""Left and right in the names of keypoints."""

from __future__ import annotations

import re
from collections.abc import Sequence

# a word for a side: anywhere if it is written out, alone if it is one letter
_SIDE = re.compile(r'left|right|(?<![^\W_])[lr](?![^\W_])', re.IGNORECASE)
_OTHER = dict(left='right', right='left', l='r', r='l')


def mirrors_by_name(keypoints: Sequence[str]) -> dict[str, str]:
    """The mirror images that the names tell, both ways.

    Examples:
        >>> mirrors_by_name(['nose', 'LeftEar', 'RightEar', 'paw_l', 'paw_r', 'tail'])
        {'LeftEar': 'RightEar', 'RightEar': 'LeftEar', 'paw_l': 'paw_r', 'paw_r': 'paw_l'}
    """
    others = {name: _SIDE.sub(_swapped_side, name) for name in keypoints}
    return {name: other for name, other in others.items() if other != name and other in others}


def side_of(name: str) -> str | None:
    """The side that a name speaks of first: ``'left'``, ``'right'`` or ``None``."""
    side = _SIDE.search(name)
    if side is None:
        return None
    return 'left' if side.group()[0].lower() == 'l' else 'right'


def _swapped_side(match: re.Match) -> str:
    word = match.group()
    other = _OTHER[word.lower()]
    return other.upper() if word.isupper() else other.title() if word[0].isupper() else other

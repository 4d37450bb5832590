"""The table of all families."""

from __future__ import annotations

from . import bottomup, lifting, topdown
from .family import Family

FAMILIES: dict[str, Family] = {**topdown.FAMILIES, **lifting.FAMILIES, **bottomup.FAMILIES}

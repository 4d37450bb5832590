"""The tables of the families that can be trained, and of all."""

from __future__ import annotations

from . import bottomup, lifting, topdown
from .family import Family

FAMILIES: dict[str, Family] = {**topdown.FAMILIES, **lifting.FAMILIES, **bottomup.FAMILIES}
ALL_FAMILIES: dict[str, Family] = {**FAMILIES, **bottomup.UNTRAINED}

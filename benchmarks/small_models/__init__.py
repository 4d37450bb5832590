"""A small model, its codec and its samples for each family of heads; a row each.

Every head is in a row of ``ALL_FAMILIES``; those of ``FAMILIES`` can be trained.

A row's transforms end with those of the family's published configs: the codec makes targets and
they are packed, as in training.
"""

from .families import ALL_FAMILIES, FAMILIES
from .family import Family
from .weights import enliven

__all__ = ['ALL_FAMILIES', 'FAMILIES', 'Family', 'enliven']

"""A small model, its codec and its samples for each family of heads; a row each.

A row's transforms end with those of the family's published configs: the codec makes targets and
they are packed, as in training.
"""

from .families import FAMILIES
from .family import Family

__all__ = ['FAMILIES', 'Family']

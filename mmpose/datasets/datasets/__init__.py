from .base import BaseCocoStyleDataset
from .body import CocoDataset

__all__ = ['BaseCocoStyleDataset', 'CocoDataset']

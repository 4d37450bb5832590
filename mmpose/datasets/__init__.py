from .builder import build_dataset
from .dataset_wrappers import CombinedDataset
from .datasets import BaseCocoStyleDataset, CocoDataset

__all__ = ['BaseCocoStyleDataset', 'CocoDataset', 'CombinedDataset', 'build_dataset']

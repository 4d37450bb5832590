from . import transforms
from .builder import build_dataset
from .dataset_wrappers import CombinedDataset
from .datasets import BaseCocoStyleDataset, CocoDataset
from .samplers import MultiSourceSampler
from .transforms import *  # noqa: F403

__all__ = [
    'BaseCocoStyleDataset',
    'CocoDataset',
    'CombinedDataset',
    'MultiSourceSampler',
    'build_dataset',
    *transforms.__all__,
]

from .batch_augmentation import BatchSyncRandomResize
from .data_preprocessor import PoseDataPreprocessor

__all__ = ['BatchSyncRandomResize', 'PoseDataPreprocessor']

from .deepfashion2_dataset import DeepFashion2Dataset
from .deepfashion_dataset import DeepFashionDataset

__all__ = ['DeepFashion2Dataset', 'DeepFashionDataset']

from .h3wb_dataset import H36MWholeBodyDataset
from .ubody3d_dataset import UBody3dDataset

__all__ = ['H36MWholeBodyDataset', 'UBody3dDataset']

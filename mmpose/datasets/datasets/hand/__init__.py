from .coco_wholebody_hand_dataset import CocoWholeBodyHandDataset
from .freihand_dataset import FreiHandDataset
from .interhand2d_double_dataset import InterHand2DDoubleDataset
from .onehand10k_dataset import OneHand10KDataset
from .panoptic_hand2d_dataset import PanopticHand2DDataset
from .rhd2d_dataset import Rhd2DDataset

__all__ = [
    'CocoWholeBodyHandDataset',
    'FreiHandDataset',
    'InterHand2DDoubleDataset',
    'OneHand10KDataset',
    'PanopticHand2DDataset',
    'Rhd2DDataset',
]

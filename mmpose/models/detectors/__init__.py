from .rtmdet_head import RTMDetSepBNHead
from .single_stage import YOLOX, RTMDet
from .yolox_head import YOLOXHead

__all__ = ['YOLOX', 'RTMDet', 'RTMDetSepBNHead', 'YOLOXHead']

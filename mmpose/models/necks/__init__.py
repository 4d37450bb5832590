from .channel_mapper import ChannelMapper
from .fmap_proc_neck import FeatureMapProcessor
from .fpn import FPN
from .gap_neck import GlobalAveragePooling

__all__ = [
    'FPN',
    'ChannelMapper',
    'FeatureMapProcessor',
    'GlobalAveragePooling',
]

from .base_simcc_head import BaseSimCCHead
from .rtmcc_head import RTMCCHead
from .rtmw_head import RTMWHead
from .simcc_head import SimCCHead

__all__ = ['BaseSimCCHead', 'RTMCCHead', 'RTMWHead', 'SimCCHead']

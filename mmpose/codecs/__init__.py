from .base import BaseKeypointCodec
from .msra_heatmap import MSRAHeatmap

__all__ = ['BaseKeypointCodec', 'MSRAHeatmap']

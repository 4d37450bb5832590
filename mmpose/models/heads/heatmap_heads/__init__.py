from .base_heatmap_head import BaseHeatmapHead
from .heatmap_head import HeatmapHead

__all__ = ['BaseHeatmapHead', 'HeatmapHead']

from .base_head import BaseHead
from .heatmap_heads import BaseHeatmapHead, HeatmapHead

__all__ = ['BaseHead', 'BaseHeatmapHead', 'HeatmapHead']

from .ae_head import AssociativeEmbeddingHead
from .base_heatmap_head import BaseHeatmapHead
from .base_multi_output_head import BaseMultiOutputHead
from .cid_head import CIDHead
from .cpm_head import CPMHead
from .heatmap_head import HeatmapHead
from .internet_head import InternetHead
from .mspn_head import MSPNHead
from .vipnas_head import ViPNASHead

__all__ = [
    'AssociativeEmbeddingHead',
    'BaseHeatmapHead',
    'BaseMultiOutputHead',
    'CIDHead',
    'CPMHead',
    'HeatmapHead',
    'InternetHead',
    'MSPNHead',
    'ViPNASHead',
]

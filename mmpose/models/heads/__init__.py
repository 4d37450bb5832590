from .base_head import BaseHead
from .coord_cls_heads import BaseSimCCHead, RTMCCHead, RTMWHead, SimCCHead
from .heatmap_heads import (
    AssociativeEmbeddingHead,
    BaseHeatmapHead,
    BaseMultiOutputHead,
    CIDHead,
    CPMHead,
    HeatmapHead,
    InternetHead,
    MSPNHead,
    ViPNASHead,
)
from .hybrid_heads import DEKRHead, RTMOHead, VisPredictHead, YOLOXPoseHead
from .regression_heads import (
    BaseLiftingHead,
    BaseRegressionHead,
    DSNTHead,
    IntegralRegressionHead,
    MotionRegressionHead,
    RegressionHead,
    RLEHead,
    TemporalRegressionHead,
    TrajectoryRegressionHead,
)
from .transformer_heads import EDPoseHead, TransformerHead

__all__ = [
    'AssociativeEmbeddingHead',
    'BaseHead',
    'BaseHeatmapHead',
    'BaseLiftingHead',
    'BaseMultiOutputHead',
    'BaseRegressionHead',
    'BaseSimCCHead',
    'CIDHead',
    'CPMHead',
    'DEKRHead',
    'DSNTHead',
    'EDPoseHead',
    'HeatmapHead',
    'IntegralRegressionHead',
    'InternetHead',
    'MSPNHead',
    'MotionRegressionHead',
    'RLEHead',
    'RTMCCHead',
    'RTMOHead',
    'RTMWHead',
    'RegressionHead',
    'SimCCHead',
    'TemporalRegressionHead',
    'TrajectoryRegressionHead',
    'TransformerHead',
    'ViPNASHead',
    'VisPredictHead',
    'YOLOXPoseHead',
]

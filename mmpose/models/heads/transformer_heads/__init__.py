from .base_transformer_head import TransformerHead
from .edpose_head import EDPoseHead
from .transformers import (
    FFN,
    DeformableDetrTransformerDecoder,
    DeformableDetrTransformerDecoderLayer,
    DeformableDetrTransformerEncoder,
    DeformableDetrTransformerEncoderLayer,
    DetrTransformerDecoder,
    DetrTransformerDecoderLayer,
    DetrTransformerEncoder,
    DetrTransformerEncoderLayer,
    PositionEmbeddingSineHW,
)

__all__ = [
    'FFN',
    'DeformableDetrTransformerDecoder',
    'DeformableDetrTransformerDecoderLayer',
    'DeformableDetrTransformerEncoder',
    'DeformableDetrTransformerEncoderLayer',
    'DetrTransformerDecoder',
    'DetrTransformerDecoderLayer',
    'DetrTransformerEncoder',
    'DetrTransformerEncoderLayer',
    'EDPoseHead',
    'PositionEmbeddingSineHW',
    'TransformerHead',
]

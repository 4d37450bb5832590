from .deformable_detr_layers import (
    DeformableDetrTransformerDecoder,
    DeformableDetrTransformerDecoderLayer,
    DeformableDetrTransformerEncoder,
    DeformableDetrTransformerEncoderLayer,
)
from .detr_layers import (
    DetrTransformerDecoder,
    DetrTransformerDecoderLayer,
    DetrTransformerEncoder,
    DetrTransformerEncoderLayer,
)
from .utils import FFN, PositionEmbeddingSineHW

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
    'PositionEmbeddingSineHW',
]

from .bottomup_transforms import (
    BottomupGetHeatmapMask,
    BottomupRandomAffine,
    BottomupRandomChoiceResize,
    BottomupRandomCrop,
    BottomupResize,
)
from .common_transforms import (
    Albumentation,
    FilterAnnotations,
    GenerateTarget,
    GetBBoxCenterScale,
    PhotometricDistortion,
    RandomBBoxTransform,
    RandomFlip,
    RandomHalfBody,
    YOLOXHSVRandomAug,
)
from .converting import KeypointConverter, SingleHandConverter
from .formatting import PackPoseInputs
from .hand_transforms import HandRandomFlip
from .loading import LoadImage
from .mix_img_transforms import MixImageTransform, Mosaic, YOLOXMixUp
from .pose3d_transforms import RandomFlipAroundRoot
from .topdown_transforms import TopdownAffine

__all__ = [
    'Albumentation',
    'BottomupGetHeatmapMask',
    'BottomupRandomAffine',
    'BottomupRandomChoiceResize',
    'BottomupRandomCrop',
    'BottomupResize',
    'FilterAnnotations',
    'GenerateTarget',
    'GetBBoxCenterScale',
    'HandRandomFlip',
    'KeypointConverter',
    'LoadImage',
    'MixImageTransform',
    'Mosaic',
    'PackPoseInputs',
    'PhotometricDistortion',
    'RandomBBoxTransform',
    'RandomFlip',
    'RandomFlipAroundRoot',
    'RandomHalfBody',
    'SingleHandConverter',
    'TopdownAffine',
    'YOLOXHSVRandomAug',
    'YOLOXMixUp',
]

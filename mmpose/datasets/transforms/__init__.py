from .common_transforms import (
    GenerateTarget,
    GetBBoxCenterScale,
    RandomBBoxTransform,
    RandomFlip,
    RandomHalfBody,
)
from .formatting import PackPoseInputs
from .loading import LoadImage
from .topdown_transforms import TopdownAffine

__all__ = [
    'GenerateTarget',
    'GetBBoxCenterScale',
    'LoadImage',
    'PackPoseInputs',
    'RandomBBoxTransform',
    'RandomFlip',
    'RandomHalfBody',
    'TopdownAffine',
]

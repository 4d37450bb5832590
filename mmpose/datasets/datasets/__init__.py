from . import animal, body, body3d, face, fashion, hand, hand3d, wholebody, wholebody3d
from .animal import *  # noqa: F403
from .base import BaseCocoStyleDataset, BaseMocapDataset
from .body import *  # noqa: F403
from .body3d import *  # noqa: F403
from .face import *  # noqa: F403
from .fashion import *  # noqa: F403
from .hand import *  # noqa: F403
from .hand3d import *  # noqa: F403
from .wholebody import *  # noqa: F403
from .wholebody3d import *  # noqa: F403

__all__ = [
    'BaseCocoStyleDataset',
    'BaseMocapDataset',
    *animal.__all__,
    *body.__all__,
    *body3d.__all__,
    *face.__all__,
    *fashion.__all__,
    *hand.__all__,
    *hand3d.__all__,
    *wholebody.__all__,
    *wholebody3d.__all__,
]

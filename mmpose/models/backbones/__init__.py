from .hrnet import HRNet
from .regnet import RegNet
from .resnest import ResNeSt
from .resnet import ResNet, ResNetV1d
from .resnext import ResNeXt
from .scnet import SCNet
from .seresnet import SEResNet
from .seresnext import SEResNeXt
from .vipnas_resnet import ViPNAS_ResNet

__all__ = [
    'HRNet',
    'RegNet',
    'ResNeSt',
    'ResNeXt',
    'ResNet',
    'ResNetV1d',
    'SCNet',
    'SEResNeXt',
    'SEResNet',
    'ViPNAS_ResNet',
]

from .hrnet import HRNet
from .resnet import ResNet, ResNetV1d

__all__ = ['HRNet', 'ResNet', 'ResNetV1d']

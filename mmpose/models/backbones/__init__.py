from .alexnet import AlexNet
from .cpm import CPM
from .csp_darknet import CSPDarknet
from .cspnext import CSPNeXt
from .dstformer import DSTFormer
from .hourglass import HourglassNet
from .hourglass_ae import HourglassAENet
from .hrformer import HRFormer
from .hrnet import HRNet
from .litehrnet import LiteHRNet
from .mobilenet_v2 import MobileNetV2
from .mobilenet_v3 import MobileNetV3
from .mspn import MSPN
from .pvt import PyramidVisionTransformer, PyramidVisionTransformerV2
from .regnet import RegNet
from .resnest import ResNeSt
from .resnet import ResNet, ResNetV1d
from .resnext import ResNeXt
from .rsn import RSN
from .scnet import SCNet
from .seresnet import SEResNet
from .seresnext import SEResNeXt
from .shufflenet_v1 import ShuffleNetV1
from .shufflenet_v2 import ShuffleNetV2
from .swin import SwinTransformer
from .tcn import TCN
from .v2v_net import V2VNet
from .vgg import VGG
from .vipnas_mbv3 import ViPNAS_MobileNetV3
from .vipnas_resnet import ViPNAS_ResNet
from .vision_transformer import VisionTransformer

__all__ = [
    'CPM',
    'MSPN',
    'RSN',
    'TCN',
    'VGG',
    'AlexNet',
    'CSPDarknet',
    'CSPNeXt',
    'DSTFormer',
    'HRFormer',
    'HRNet',
    'HourglassAENet',
    'HourglassNet',
    'LiteHRNet',
    'MobileNetV2',
    'MobileNetV3',
    'PyramidVisionTransformer',
    'PyramidVisionTransformerV2',
    'RegNet',
    'ResNeSt',
    'ResNeXt',
    'ResNet',
    'ResNetV1d',
    'SCNet',
    'SEResNeXt',
    'SEResNet',
    'ShuffleNetV1',
    'ShuffleNetV2',
    'SwinTransformer',
    'V2VNet',
    'ViPNAS_MobileNetV3',
    'ViPNAS_ResNet',
    'VisionTransformer',
]

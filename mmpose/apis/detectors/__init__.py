from .build import build_detector
from .network_detector import NetworkDetector
from .onnx_detector import OnnxDetector
from .protocol import CheckedDetector, Detections, Detector, as_detections
from .torchvision_detector import TorchvisionDetector

__all__ = [
    'CheckedDetector',
    'Detections',
    'Detector',
    'NetworkDetector',
    'OnnxDetector',
    'TorchvisionDetector',
    'as_detections',
    'build_detector',
]

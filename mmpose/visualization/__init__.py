from .fast_visualizer import FastVisualizer
from .local_visualizer import PoseLocalVisualizer
from .local_visualizer_3d import Pose3dLocalVisualizer
from .opencv_backend_visualizer import OpencvBackendVisualizer

__all__ = [
    'FastVisualizer',
    'OpencvBackendVisualizer',
    'Pose3dLocalVisualizer',
    'PoseLocalVisualizer',
]

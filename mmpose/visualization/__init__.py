from .fast_visualizer import FastVisualizer
from .local_visualizer import PoseLocalVisualizer
from .opencv_backend_visualizer import OpencvBackendVisualizer

__all__ = ['FastVisualizer', 'OpencvBackendVisualizer', 'PoseLocalVisualizer']

from .accuracy import heatmap_pck, heatmap_peaks, keypoint_pck
from .check_and_update_config import check_and_update_config
from .ops import resize, to_float32
from .tta import flip_coordinates, flip_heatmaps, flip_vectors, flip_visibility, mean_outputs

__all__ = [
    'check_and_update_config',
    'flip_coordinates',
    'flip_heatmaps',
    'flip_vectors',
    'flip_visibility',
    'heatmap_pck',
    'heatmap_peaks',
    'keypoint_pck',
    'mean_outputs',
    'resize',
    'to_float32',
]

from .gaussian_heatmap import (
    generate_gaussian_heatmaps,
    generate_udp_gaussian_heatmaps,
    generate_unbiased_gaussian_heatmaps,
)
from .post_processing import batch_heatmap_nms, gaussian_blur, get_heatmap_maximum
from .refinement import refine_keypoints, refine_keypoints_dark

__all__ = [
    'batch_heatmap_nms',
    'gaussian_blur',
    'generate_gaussian_heatmaps',
    'generate_udp_gaussian_heatmaps',
    'generate_unbiased_gaussian_heatmaps',
    'get_heatmap_maximum',
    'refine_keypoints',
    'refine_keypoints_dark',
]

from .blur_weights import mirrored_blur
from .camera_image_projection import camera_to_image_coord, camera_to_pixel, pixel_to_camera
from .gaussian_heatmap import (
    generate_3d_gaussian_heatmaps,
    generate_blurred_point_heatmaps,
    generate_gaussian_heatmaps,
    generate_udp_gaussian_heatmaps,
    generate_unbiased_gaussian_heatmaps,
)
from .instance_property import get_diagonal_lengths, get_instance_bbox, get_instance_root
from .offset_heatmap import generate_displacement_heatmap, generate_offset_heatmap
from .post_processing import (
    batch_heatmap_nms,
    gaussian_blur,
    gaussian_blur1d,
    get_heatmap_3d_maximum,
    get_heatmap_maximum,
    get_simcc_maximum,
    get_simcc_normalized,
)
from .refinement import (
    refine_keypoints,
    refine_keypoints_by_offsets,
    refine_keypoints_dark,
    refine_keypoints_dark_udp,
    refine_keypoints_megvii,
    refine_simcc_dark,
)

__all__ = [
    'batch_heatmap_nms',
    'camera_to_image_coord',
    'camera_to_pixel',
    'gaussian_blur',
    'gaussian_blur1d',
    'generate_3d_gaussian_heatmaps',
    'generate_blurred_point_heatmaps',
    'generate_displacement_heatmap',
    'generate_gaussian_heatmaps',
    'generate_offset_heatmap',
    'generate_udp_gaussian_heatmaps',
    'generate_unbiased_gaussian_heatmaps',
    'get_diagonal_lengths',
    'get_heatmap_3d_maximum',
    'get_heatmap_maximum',
    'get_instance_bbox',
    'get_instance_root',
    'get_simcc_maximum',
    'get_simcc_normalized',
    'mirrored_blur',
    'pixel_to_camera',
    'refine_keypoints',
    'refine_keypoints_by_offsets',
    'refine_keypoints_dark',
    'refine_keypoints_dark_udp',
    'refine_keypoints_megvii',
    'refine_simcc_dark',
]

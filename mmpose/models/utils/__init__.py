from .accuracy import heatmap_pck, heatmap_peaks, keypoint_pck, mean_distance, simcc_pck
from .check_and_update_config import check_and_update_config
from .ckpt_convert import pvt_convert
from .csp_layer import CSPLayer
from .detr_encoder import DetrTransformerEncoder
from .gau import GAUEncoder
from .misc import filter_scores_and_topk
from .ops import FrozenBatchNorm2d, inverse_sigmoid, resize, to_float32
from .positional_encoding import SinePositionalEncoding
from .reparam_layers import RepVGGBlock
from .rtmcc_block import RTMCCBlock, rope
from .transformer import PatchEmbed, nchw_to_nlc, nlc_to_nchw
from .tta import (
    check_flip_indices,
    flip_coordinates,
    flip_heatmaps,
    flip_poses,
    flip_tracks,
    flip_vectors,
    flip_visibility,
    mean_outputs,
)

__all__ = [
    'CSPLayer',
    'DetrTransformerEncoder',
    'FrozenBatchNorm2d',
    'GAUEncoder',
    'PatchEmbed',
    'RTMCCBlock',
    'RepVGGBlock',
    'SinePositionalEncoding',
    'check_and_update_config',
    'check_flip_indices',
    'filter_scores_and_topk',
    'flip_coordinates',
    'flip_heatmaps',
    'flip_poses',
    'flip_tracks',
    'flip_vectors',
    'flip_visibility',
    'heatmap_pck',
    'heatmap_peaks',
    'inverse_sigmoid',
    'keypoint_pck',
    'mean_distance',
    'mean_outputs',
    'nchw_to_nlc',
    'nlc_to_nchw',
    'pvt_convert',
    'resize',
    'rope',
    'simcc_pck',
    'to_float32',
]

from .channel_shuffle import channel_shuffle
from .checks import check_lengths, check_stages, is_pretrained, pick_arch
from .conv_norm import conv_norm
from .inverted_residual import InvertedResidual
from .make_divisible import make_divisible
from .norms import NumberedNorms
from .recomputation import run_block
from .se_layer import SELayer
from .utils import get_state_dict, load_checkpoint, read_weights

__all__ = [
    'InvertedResidual',
    'NumberedNorms',
    'SELayer',
    'channel_shuffle',
    'check_lengths',
    'check_stages',
    'conv_norm',
    'get_state_dict',
    'is_pretrained',
    'load_checkpoint',
    'make_divisible',
    'pick_arch',
    'read_weights',
    'run_block',
]

from .channel_shuffle import channel_shuffle
from .checks import check_lengths, check_stages, is_pretrained, pick_arch
from .inverted_residual import InvertedResidual
from .make_divisible import make_divisible
from .norms import NumberedNorms
from .pretrained import ConvertedWeights
from .recomputation import run_block
from .se_layer import SELayer
from .utils import get_state_dict, load_checkpoint

__all__ = [
    'ConvertedWeights',
    'InvertedResidual',
    'NumberedNorms',
    'SELayer',
    'channel_shuffle',
    'check_lengths',
    'check_stages',
    'get_state_dict',
    'is_pretrained',
    'load_checkpoint',
    'make_divisible',
    'pick_arch',
    'run_block',
]

from .checks import check_lengths, check_stages, is_pretrained, pick_arch
from .make_divisible import make_divisible
from .norms import NumberedNorms
from .se_layer import SELayer
from .utils import get_state_dict, load_checkpoint

__all__ = [
    'NumberedNorms',
    'SELayer',
    'check_lengths',
    'check_stages',
    'get_state_dict',
    'is_pretrained',
    'load_checkpoint',
    'make_divisible',
    'pick_arch',
]

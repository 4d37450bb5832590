from .checks import check_lengths, check_stages, is_pretrained, pick_arch
from .norms import NumberedNorms
from .utils import get_state_dict, load_checkpoint

__all__ = [
    'NumberedNorms',
    'check_lengths',
    'check_stages',
    'get_state_dict',
    'is_pretrained',
    'load_checkpoint',
    'pick_arch',
]

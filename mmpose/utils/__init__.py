"""Environment, logging and helpers that know nothing of poses."""

from .camera import SimpleCamera, SimpleCameraTorch
from .collect_env import collect_env
from .config_utils import adapt_mmdet_pipeline
from .dist_utils import reduce_mean
from .logger import get_root_logger
from .setup_env import register_all_modules, setup_multi_processes
from .timer import StopWatch

__all__ = [
    'SimpleCamera',
    'SimpleCameraTorch',
    'StopWatch',
    'adapt_mmdet_pipeline',
    'collect_env',
    'get_root_logger',
    'reduce_mean',
    'register_all_modules',
    'setup_multi_processes',
]

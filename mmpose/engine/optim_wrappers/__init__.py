from .amp_optim_wrapper import AmpOptimWrapper
from .force_default_constructor import ForceDefaultOptimWrapperConstructor

__all__ = ['AmpOptimWrapper', 'ForceDefaultOptimWrapperConstructor']

from .amp_optim_wrapper import AmpOptimWrapper
from .force_default_constructor import ForceDefaultOptimWrapperConstructor
from .layer_decay_optim_wrapper import LayerDecayOptimWrapperConstructor

__all__ = [
    'AmpOptimWrapper',
    'ForceDefaultOptimWrapperConstructor',
    'LayerDecayOptimWrapperConstructor',
]

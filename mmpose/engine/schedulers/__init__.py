from .constant_lr import ConstantLR
from .quadratic_warmup import (
    QuadraticWarmupLR,
    QuadraticWarmupMomentum,
    QuadraticWarmupParamScheduler,
)

__all__ = [
    'ConstantLR',
    'QuadraticWarmupLR',
    'QuadraticWarmupMomentum',
    'QuadraticWarmupParamScheduler',
]

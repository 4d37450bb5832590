"""Loss curves of the published configs, a config of each folder ``configs/TASK/ALGORITHM``.

A curve is what :func:`train` returns: the losses of 30 steps of the real model, with the config's
own optimiser and targets, on two small synthetic samples. :mod:`.recording` compares it with the
recorded one. ``tools/misc/record_training_curves.py`` records them.
"""

from .recording import Deviation, compare, falls, read_curves, tolerances, write_curves
from .table import CURVES, WITHOUT_LOSS, Row
from .training import STEPS, train

__all__ = [
    'CURVES',
    'STEPS',
    'WITHOUT_LOSS',
    'Deviation',
    'Row',
    'compare',
    'falls',
    'read_curves',
    'tolerances',
    'train',
    'write_curves',
]

"""Transforms of samples that may have two hands."""

from __future__ import annotations

import numpy as np

from mmpose.registry import TRANSFORMS

from .common_transforms import RandomFlip


@TRANSFORMS.register_module()
class HandRandomFlip(RandomFlip):
    """Flips picture, boxes and keypoints of hands from left to right at random.

    Does what :class:`RandomFlip` does. Besides, left hands become right hands: exchanges the two
    entries of ``hand_type`` (..., 2), and negates ``rel_root_depth``, the depth of the left hand's
    root from the right hand's, if they are there.

    Args:
        prob: Probability of a flip.
    """

    def __init__(self, prob: float | list[float] = 0.5) -> None:
        super().__init__(prob=prob, direction='horizontal')

    @staticmethod
    def _flip(results: dict, direction: str) -> None:
        RandomFlip._flip(results, direction)
        if results.get('hand_type') is not None:
            results['hand_type'] = np.flip(results['hand_type'], axis=-1).copy()
        if results.get('rel_root_depth') is not None:
            results['rel_root_depth'] = np.negative(results['rel_root_depth'])

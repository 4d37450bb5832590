"""What the necks over several feature maps share."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn


def check_number_of_maps(neck: nn.Module, inputs: Sequence[Tensor]) -> None:
    """Check that a neck gets as many feature maps as its ``in_channels`` has entries.

    Raises:
        ValueError: It gets another number.
    """
    if len(inputs) != len(neck.in_channels):
        raise ValueError(
            f'{type(neck).__name__} gets {len(inputs)} feature maps, but in_channels='
            f'{list(neck.in_channels)} announces {len(neck.in_channels)}; set `out_indices` of the '
            'backbone or `in_channels` of the neck.'
        )


def check_halved_maps(neck: nn.Module, inputs: Sequence[Tensor]) -> None:
    """Check that each feature map is half as large as the one before, along both sides.

    Raises:
        ValueError: A map is not.
    """
    for fine, coarse in pairwise(inputs):
        (h, w), (half_h, half_w) = fine.shape[-2:], coarse.shape[-2:]
        if (h, w) != (2 * half_h, 2 * half_w):
            raise ValueError(
                f'{type(neck).__name__} gets a feature map of {w}x{h} (w x h) cells followed by '
                f'one of {half_w}x{half_h}, but each must be half as large as the one before; '
                'give pictures whose sides are multiples of the coarsest stride (`input_size` of '
                'the data pipeline, or `pad_size_divisor` of the data preprocessor).'
            )

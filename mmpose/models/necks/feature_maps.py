"""What the necks over several feature maps share."""

from __future__ import annotations

from collections.abc import Sequence

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

"""Channels of grouped layers in an order that mixes the groups."""

from __future__ import annotations

from torch import Tensor


def channel_shuffle(x: Tensor, groups: int) -> Tensor:
    """The first channel of every group, then the second of every group, and so on.

    Paper: `Zhang et al., 2018, ShuffleNet <https://arxiv.org/abs/1707.01083>`_.

    Args:
        x: (B, C, H, W).
        groups: Number of groups of neighbouring channels.

    Raises:
        ValueError: The channels do not divide into the groups.

    Example:
        >>> channel_shuffle(torch.arange(6).view(1, 6, 1, 1), 2).flatten().tolist()
        [0, 3, 1, 4, 2, 5]
    """
    if x.shape[1] % groups:
        raise ValueError(
            f'{x.shape[1]} channels do not divide into {groups} groups; choose a divisor.'
        )
    return x.unflatten(1, (groups, -1)).transpose(1, 2).flatten(1, 2)

"""Configs whose head chooses its feature maps, as releases before 1.0 wrote them."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mmpose.utils.typing import OptConfigType

_OLD_KEYS = ('input_transform', 'input_index', 'align_corners')


def check_and_update_config(
    neck: OptConfigType, head: OptConfigType
) -> tuple[OptConfigType, OptConfigType]:
    """The configs of neck and head, with the choice of the feature maps moved into the neck.

    A head with ``input_transform`` (``'select'`` or ``'resize_concat'``), ``input_index`` (one
    map, or several) or ``align_corners`` loses them to a
    :class:`~mmpose.models.FeatureMapProcessor`, and its ``in_channels`` become those that this
    returns. Other configs stay as they are; none is changed in place.

    Args:
        neck: Config of the neck, or ``None``.
        head: Config of the head, or ``None``.

    Raises:
        ValueError: There is a neck already, or ``input_transform`` is unknown.
    """
    given = [key for key in _OLD_KEYS if head is not None and key in head]
    if not given:
        return neck, head
    if neck is not None:
        raise ValueError(
            f'The head has {given}, which would add a neck, but the config has one '
            f'({neck["type"]}); drop {given} and give a FeatureMapProcessor as the neck where '
            'its work is needed.'
        )
    head = head.copy()
    transform, index, align_corners = (head.pop(key, None) for key in _OLD_KEYS)
    channels = head.get('in_channels')
    channels = channels if isinstance(channels, (list, tuple)) else None
    neck = dict(type='FeatureMapProcessor', align_corners=bool(align_corners))
    if transform in (None, 'select'):
        neck['select_index'] = index = -1 if index is None else index
        if channels:
            several = isinstance(index, (list, tuple))
            head['in_channels'] = [channels[i] for i in index] if several else channels[index]
    elif transform == 'resize_concat':
        indices = [index] if isinstance(index, int) else index
        neck.update(concat=True, select_index=indices)
        if channels:
            head['in_channels'] = sum(channels[i] for i in indices or range(len(channels)))
    else:
        raise ValueError(
            f"input_transform of the head is {transform!r}; choose 'select' or 'resize_concat'."
        )
    warnings.warn(
        f'{given} of the head are deprecated; write neck={neck} and '
        f'in_channels={head.get("in_channels")} instead.',
        DeprecationWarning,
        stacklevel=2,
    )
    return neck, head

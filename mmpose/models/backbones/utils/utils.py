"""Weights of a backbone from a file."""

from __future__ import annotations

import logging
import re
from collections import OrderedDict

import torch
from torch import Tensor, nn

from mmpose.utils.checkpoint import (
    CheckpointError,
    LoadReport,
    load_checkpoint_file,
    load_state_dict_checked,
)


def get_state_dict(
    filename: str, map_location: str | torch.device | None = 'cpu'
) -> OrderedDict[str, Tensor]:
    """The weights in a file, by their names in the backbone.

    Args:
        filename: A path, a URL, or a name such as ``torchvision://resnet50``.
        map_location: The device to put the weights on.
    """
    checkpoint = load_checkpoint_file(filename, map_location)
    weights = checkpoint.get('state_dict', checkpoint)
    prefix = re.compile(r'(module\.)?(backbone\.)?')
    return OrderedDict((prefix.sub('', name, count=1), value) for name, value in weights.items())


def read_weights(
    filename: str,
    prefix: str | None = None,
    map_location: str | torch.device | None = 'cpu',
) -> OrderedDict[str, Tensor]:
    """The weights of one part of what a file holds, by their names in that part.

    Args:
        filename: A path, a URL, or a name such as ``torchvision://resnet50``.
        prefix: The part's name in the whole; ``None`` for ``backbone`` where the file has one, and
            for everything where not.
        map_location: The device to put the weights on.

    Raises:
        CheckpointError: Nothing bears the prefix.
    """
    checkpoint = load_checkpoint_file(filename, map_location)
    for key in ('state_dict', 'model'):
        if isinstance(checkpoint.get(key), dict):
            checkpoint = checkpoint[key]
    weights = OrderedDict((name.removeprefix('module.'), v) for name, v in checkpoint.items())
    part = (prefix or 'backbone').rstrip('.') + '.'
    own = OrderedDict((n.removeprefix(part), v) for n, v in weights.items() if n.startswith(part))
    if prefix and not own:
        parts = ', '.join(sorted({name.partition('.')[0] for name in weights}))
        raise CheckpointError(f'{filename} has nothing under {prefix!r}; it has {parts}.')
    return own or weights


def load_checkpoint(
    model: nn.Module,
    filename: str,
    map_location: str | torch.device | None = 'cpu',
    strict: bool = False,
    logger: logging.Logger | None = None,
) -> LoadReport:
    """Load a backbone's weights from a file, and say what did not match.

    Args:
        model: The backbone.
        filename: A path, a URL, or a name such as ``torchvision://resnet50``.
        map_location: The device to put the weights on.
        strict: Whether any difference is an error; otherwise only finding nothing is.
        logger: Gets a warning that lists the differences; ``None`` prints it.
    """
    return load_state_dict_checked(
        model,
        get_state_dict(filename, map_location),
        source=filename,
        strict=strict,
        logger=logger,
        partial=not strict,
    )

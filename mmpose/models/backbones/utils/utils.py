"""Weights of a backbone from a file."""

from __future__ import annotations

import logging
import re
from collections import OrderedDict

import torch
from torch import Tensor, nn

from mmpose.utils.checkpoint import LoadReport, load_checkpoint_file, load_state_dict_checked


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

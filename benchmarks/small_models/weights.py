"""Weights under which there is something to see."""

from __future__ import annotations

import torch
from torch import nn


def enliven(model: nn.Module) -> nn.Module:
    """The model with seeded weights in its head whose outputs differ from cell to cell.

    Of heads that predict boxes these are the weights of the scores alone, since boxes would become
    too large for anything to be told of them.
    """
    torch.manual_seed(0)
    weights = {key: value for key, value in model.head.named_parameters() if value.dim() > 1}
    if any('bbox' in key for key in weights):
        weights = {key: value for key, value in weights.items() if 'out_cls' in key}
    for weight in weights.values():
        nn.init.kaiming_normal_(weight)
    return model

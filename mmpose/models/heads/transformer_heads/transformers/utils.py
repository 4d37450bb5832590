"""What transformer heads share: small networks, positions, and boxes that layers refine."""

from __future__ import annotations

import math

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn
from torch.nn.functional import relu

from ....utils.ops import inverse_sigmoid, to_float32


class FFN(BaseModule):
    """Linear layers with ReLU between them.

    Args:
        input_dim: Channels of the input.
        hidden_dim: Channels between the layers.
        output_dim: Channels of the output.
        num_layers: Number of layers.

    Example:
        >>> sum(p.numel() for p in FFN(3, 5, 2, num_layers=2).parameters())
        32
    """

    def __init__(self, input_dim: int, hidden_dim: int, output_dim: int, num_layers: int) -> None:
        super().__init__()
        widths = [input_dim, *[hidden_dim] * (num_layers - 1), output_dim]
        self.num_layers = num_layers
        self.layers = nn.ModuleList(map(nn.Linear, widths[:-1], widths[1:]))

    def forward(self, x: Tensor) -> Tensor:
        """The output (..., ``output_dim``)."""
        *hidden, last = self.layers
        for layer in hidden:
            x = relu(layer(x))
        return last(x)


def sine_embedding(positions: Tensor, num_feats: int, temperature: float) -> Tensor:
    """Sines and cosines of positions in turn, (..., ``num_feats``).

    Args:
        positions: (...), radians in the highest frequency.
        num_feats: Number of channels, even; two by two they share a frequency.
        temperature: Ratio of the highest to the lowest frequency, nearly.
    """
    pairs = torch.arange(num_feats // 2, dtype=torch.float32, device=positions.device)
    angles = positions[..., None] / temperature ** (2 * pairs / num_feats)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


class PositionEmbeddingSineHW(BaseModule):
    """Sines and cosines of a map's rows, then of its columns, each with a temperature of its own.

    Args:
        num_pos_feats: Channels for each of the two, even.
        temperatureH: Ratio of the highest to the lowest frequency along the height, nearly.
        temperatureW: The same along the width.
        normalize: Whether positions are shares of the picture's sides, times ``scale``; else they
            count cells from 1.
        scale: ``None`` for a full circle.

    Raises:
        ValueError: ``scale`` is given without ``normalize``, or ``num_pos_feats`` is odd.
    """

    def __init__(
        self,
        num_pos_feats: int = 64,
        temperatureH: float = 10000,
        temperatureW: float = 10000,
        normalize: bool = False,
        scale: float | None = None,
    ) -> None:
        super().__init__()
        if scale is not None and not normalize:
            raise ValueError(f'scale is {scale}, which only works with `normalize=True`.')
        if num_pos_feats % 2:
            raise ValueError(
                f'num_pos_feats is {num_pos_feats}; it must be even, for sines and cosines.'
            )
        self.num_pos_feats = num_pos_feats
        self.temperatureH = temperatureH
        self.temperatureW = temperatureW
        self.normalize = normalize
        self.scale = 2 * math.pi if scale is None else scale

    def forward(self, mask: Tensor) -> Tensor:
        """The embedding (B, 2 * ``num_pos_feats``, H, W) of y and x.

        Args:
            mask: (B, H, W), true where a cell is no part of the picture, that is at the right and
                at the bottom.
        """
        inside = ~mask
        y = inside.cumsum(1, dtype=torch.float32)
        x = inside.cumsum(2, dtype=torch.float32)
        if self.normalize:
            # the published weights have seen this small number; it keeps padding finite, too
            y = y / (y[:, -1:] + 1e-6) * self.scale
            x = x / (x[:, :, -1:] + 1e-6) * self.scale
        embedding = (
            sine_embedding(y, self.num_pos_feats, self.temperatureH),
            sine_embedding(x, self.num_pos_feats, self.temperatureW),
        )
        return torch.cat(embedding, dim=-1).permute(0, 3, 1, 2)


def refine(references: Tensor, deltas: Tensor) -> Tensor:
    """References moved by ``deltas`` on the scale of logits, so that they stay between 0 and 1.

    Args:
        references: (..., D) coordinates from 0 to 1.
        deltas: (..., E), E at least D. Where there are more numbers, references are taken to start
            from 0.5.

    Example:
        >>> refine(torch.tensor([0.5, 0.8]), torch.tensor([0.0, 0.0, 0.0]))
        tensor([0.5000, 0.8000, 0.5000])
    """
    deltas = to_float32(deltas)
    logits = inverse_sigmoid(to_float32(references))
    missing = deltas.shape[-1] - logits.shape[-1]
    return (deltas + nn.functional.pad(logits, (0, missing))).sigmoid()

"""Positions as sines and cosines."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Tokens whose channels i and i + C / 2 are rotated together.

    Paper: `Su et al., 2021, RoFormer <https://arxiv.org/abs/2104.09864>`_.

    Args:
        x: (..., C), C even.
        cos: Cosines of the angles, in a shape that expands to (..., C / 2).
        sin: Their sines.
    """
    first, second = x.chunk(2, dim=-1)
    return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)


class SinePositionalEncoding(nn.Module):
    """Cosines and sines of positions, in frequencies from 1 down to nearly 1 / ``temperature``.

    Paper: `Vaswani et al., 2017, Attention Is All You Need <https://arxiv.org/abs/1706.03762>`_.

    Args:
        out_channels: Channels per coordinate: the cosines, then the sines.
        spatial_dim: Number of coordinates of a position, 1 or 2.
        temperature: Ratio of the highest to the lowest frequency, nearly.
        learnable: Whether the wavelengths are learned.
        eval_size: As ``size`` of :meth:`generate_pos_encoding`; the encoding of this grid is kept
            ready for evaluation. ``None`` for none.

    Raises:
        ValueError: ``out_channels`` is odd, ``temperature`` is not positive, or ``spatial_dim`` is
            neither 1 nor 2.
    """

    def __init__(
        self,
        out_channels: int,
        spatial_dim: int = 1,
        temperature: float = 1e5,
        learnable: bool = False,
        eval_size: int | Sequence[int] | None = None,
    ) -> None:
        super().__init__()
        if out_channels % 2 or temperature <= 0:
            raise ValueError(
                f'out_channels is {out_channels} and temperature is {temperature}; the former must '
                'be even, the latter positive.'
            )
        _check_spatial_dim(spatial_dim)
        self.out_channels = out_channels
        self.spatial_dim = spatial_dim
        self.temperature = temperature
        self.learnable = learnable
        half = out_channels // 2
        dim_t = temperature ** (torch.arange(half, dtype=torch.float32) / half)
        if learnable:
            self.dim_t = nn.Parameter(dim_t)
        else:
            self.register_buffer('dim_t', dim_t)

        self._kept: dict[tuple[int, ...], str] = {}
        if eval_size is not None:
            self.keep(eval_size)

    def keep(self, size: int | Sequence[int]) -> None:
        """Keep the encoding of a grid ready, as long as its wavelengths do not change in training.

        Args:
            size: As for :meth:`generate_pos_encoding`.
        """
        sides = self._sides(size)
        name = 'pos_enc_' + 'x'.join(map(str, sides))
        with torch.no_grad():
            self.register_buffer(name, self._encode(self._grid(sides)), persistent=False)
        self._kept[sides] = name

    def forward(self, *args, **kwargs) -> Tensor:
        """As :meth:`generate_pos_encoding`."""
        return self.generate_pos_encoding(*args, **kwargs)

    def generate_pos_encoding(
        self, size: int | Sequence[int] | None = None, position: Tensor | None = None
    ) -> Tensor:
        """The encoding of a grid's cells, row by row, or of given positions; one must be given.

        Args:
            size: Number of positions, or (h, w) of the grid; one number for a square.
            position: (...) in one dimension, (..., 2) as (y, x) in two.

        Returns:
            (..., ``out_channels``) in one dimension, (..., ``out_channels``, 2) in two: of y and x.

        Raises:
            ValueError: Both arguments are given, or neither; or ``position`` has not two
                coordinates in two dimensions.
        """
        if (size is None) == (position is None):
            raise ValueError('Give either size or position.')
        if size is None:
            if self.spatial_dim == 2 and position.shape[-1] != 2:
                raise ValueError(
                    f'position has the shape {tuple(position.shape)}; in two dimensions give '
                    '(..., 2), as (y, x).'
                )
            return self._encode(position)
        sides = self._sides(size)
        if sides in self._kept and not (self.learnable and self.training):
            return getattr(self, self._kept[sides])
        return self._encode(self._grid(sides))

    def _sides(self, size: int | Sequence[int]) -> tuple[int, ...]:
        sides = (size,) * self.spatial_dim if isinstance(size, int) else tuple(size)
        return sides[: self.spatial_dim]

    def _grid(self, sides: tuple[int, ...]) -> Tensor:
        """The positions of all cells: (N,) or (H * W, 2)."""
        axes = [torch.arange(n, dtype=torch.float32, device=self.dim_t.device) for n in sides]
        return axes[0] if self.spatial_dim == 1 else torch.cartesian_prod(*axes)

    def _encode(self, position: Tensor) -> Tensor:
        if self.spatial_dim == 1:
            position = position[..., None]
        angles = position[..., None, :] / self.dim_t[:, None]
        encoding = torch.cat([angles.cos(), angles.sin()], dim=-2)
        return encoding[..., 0] if self.spatial_dim == 1 else encoding

    @staticmethod
    def apply_additional_pos_enc(feature: Tensor, pos_enc: Tensor, spatial_dim: int = 1) -> Tensor:
        """Tokens plus their encoding.

        Args:
            feature: (..., C) in one dimension; (..., 2 C) in two, the half of y before that of x.
            pos_enc: As :meth:`generate_pos_encoding` returns it, with C channels.
            spatial_dim: Number of coordinates, 1 or 2.
        """
        _check_spatial_dim(spatial_dim)
        pos_enc = pos_enc.type_as(feature)
        return feature + (pos_enc if spatial_dim == 1 else pos_enc.mT.flatten(-2))

    @staticmethod
    def apply_rotary_pos_enc(feature: Tensor, pos_enc: Tensor, spatial_dim: int = 1) -> Tensor:
        """Tokens rotated by their encoding; in two dimensions one half by y and the other by x.

        Args:
            feature: As for :meth:`apply_additional_pos_enc`.
            pos_enc: As for :meth:`apply_additional_pos_enc`.
            spatial_dim: Number of coordinates, 1 or 2.
        """
        _check_spatial_dim(spatial_dim)
        pos_enc = pos_enc.type_as(feature)
        if spatial_dim == 1:
            return rotate(feature, *pos_enc.chunk(2, dim=-1))
        halves = feature.unflatten(-1, (2, -1))
        return rotate(halves, *pos_enc.mT.chunk(2, dim=-1)).flatten(-2)


def _check_spatial_dim(spatial_dim: int) -> None:
    if spatial_dim not in (1, 2):
        raise ValueError(f'spatial_dim is {spatial_dim}; choose 1 or 2.')

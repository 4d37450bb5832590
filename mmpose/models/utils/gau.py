"""Gated attention units."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from mmcv.cnn.bricks import DropPath
from torch import Tensor, nn

from mmpose.utils.checks import check_choice

from .positional_encoding import SinePositionalEncoding

if TYPE_CHECKING:
    from collections.abc import Sequence

_ACTIVATIONS = dict(SiLU=nn.SiLU, ReLU=nn.ReLU)
_POSITIONS = ('none', 'add', 'rope')


class ScaleNorm(nn.Module):
    """Tokens brought to one learned length.

    Paper: `Nguyen et al., 2019, Transformers without Tears <https://arxiv.org/abs/1910.05895>`_.

    Args:
        dim: Channels of the tokens.
        eps: Least root mean square of the channels to divide by.
    """

    def __init__(self, dim: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.scale = dim**-0.5
        self.eps = eps
        self.g = nn.Parameter(torch.ones(1))

    def forward(self, x: Tensor) -> Tensor:
        """The tokens (..., C) with a root mean square of ``g``."""
        rms = torch.linalg.vector_norm(x, dim=-1, keepdim=True) * self.scale
        return x / rms.clamp(min=self.eps) * self.g


class Scale(nn.Module):
    """Values times a learned factor.

    Args:
        dim: Number of factors, one per channel.
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(dim))

    def forward(self, x: Tensor) -> Tensor:
        """The values (..., C), each channel scaled."""
        return x * self.scale


class GatedAttention(nn.Module):
    """The parts that gated attention units share.

    Paper: `Hua et al., ICML 2022, Transformer Quality in Linear Time
    <https://arxiv.org/abs/2202.10447>`_. Tokens gate what a single head attends to; its weights
    are squared rectified scores. A unit whose input and output have as many channels has a
    shortcut with a learned scale.

    Args:
        in_token_dims: Channels of the tokens.
        out_token_dims: Channels of the output.
        projections: Channels of each of the parts that the tokens are projected to together, the
            gate first.
        s: Channels of queries and keys.
        eps: As in :class:`ScaleNorm`.
        dropout_rate: Share of the attention weights that are set to 0 in training.
        drop_path: How often, from 0 to 1, the unit is skipped for a sample in training.
        act_fn: Activation of the projections, ``'SiLU'`` or ``'ReLU'``.
        bias: Whether the linear layers have a bias.

    Raises:
        ValueError: The activation is unknown.
    """

    def __init__(
        self,
        in_token_dims: int,
        out_token_dims: int,
        projections: Sequence[int],
        s: int,
        eps: float,
        dropout_rate: float,
        drop_path: float,
        act_fn: str,
        bias: bool,
    ) -> None:
        super().__init__()
        check_choice('act_fn', act_fn, tuple(_ACTIVATIONS))
        self.s = s
        self.projections = list(projections)
        self.shortcut = in_token_dims == out_token_dims
        self.ln = ScaleNorm(in_token_dims, eps)
        self.uv = nn.Linear(in_token_dims, sum(projections), bias=bias)
        nn.init.xavier_uniform_(self.uv.weight)
        self.o = nn.Linear(projections[0], out_token_dims, bias=bias)
        if self.shortcut:
            self.res_scale = Scale(in_token_dims)
        self.act_fn = _ACTIVATIONS[act_fn]()
        self.dropout = nn.Dropout(dropout_rate)
        self.drop_path = DropPath(drop_path) if drop_path > 0 else nn.Identity()

    def project(self, x: Tensor) -> list[Tensor]:
        """The parts of the projected tokens (..., C)."""
        return self.act_fn(self.uv(self.ln(x))).split(self.projections, dim=-1)

    def weigh(self, scores: Tensor) -> Tensor:
        """Attention weights for scores."""
        return (scores / self.s**0.5).relu().square()

    def finish(self, x: Tensor, gate: Tensor, weights: Tensor, values: Tensor) -> Tensor:
        """The unit's output for its input ``x`` and what was made of it."""
        out = self.drop_path(self.o(gate * (self.dropout(weights) @ values)))
        return self.res_scale(x) + out if self.shortcut else out


class GAUEncoder(GatedAttention):
    """Tokens (..., N, C) that attend to each other.

    The arguments that are not listed are those of :class:`GatedAttention`.

    Args:
        expansion_factor: Ratio of the channels of gate and values to ``in_token_dims``.
        pos_enc: What is done with the positional encoding of queries and keys: ``'none'``,
            ``'add'``, or ``'rope'`` to rotate them by it.
        spatial_dim: Number of coordinates of a position, 1 or 2.

    Raises:
        ValueError: The activation or ``pos_enc`` is unknown.
    """

    def __init__(
        self,
        in_token_dims: int,
        out_token_dims: int,
        expansion_factor: float = 2,
        s: int = 128,
        eps: float = 1e-5,
        dropout_rate: float = 0.0,
        drop_path: float = 0.0,
        act_fn: str = 'SiLU',
        bias: bool = False,
        pos_enc: str = 'none',
        spatial_dim: int = 1,
    ) -> None:
        e = int(in_token_dims * expansion_factor)
        super().__init__(
            in_token_dims,
            out_token_dims,
            projections=(e, e, s),
            s=s,
            eps=eps,
            dropout_rate=dropout_rate,
            drop_path=drop_path,
            act_fn=act_fn,
            bias=bias,
        )
        check_choice('pos_enc', pos_enc, _POSITIONS)
        self.pos_enc = pos_enc
        self.spatial_dim = spatial_dim
        self.gamma = nn.Parameter(torch.rand(2, s))
        self.beta = nn.Parameter(torch.rand(2, s))

    def forward(
        self, x: Tensor, mask: Tensor | None = None, pos_enc: Tensor | None = None
    ) -> Tensor:
        """The output (..., N, ``out_token_dims``).

        Args:
            x: (..., N, C).
            mask: What the attention weights are multiplied by, in a shape that expands to
                (..., N, N): 0 where a token (row) must not attend to another. ``None``: all may.
            pos_enc: Positional encoding of the tokens, as :class:`SinePositionalEncoding` returns
                it, with ``s`` channels over all coordinates; not read with ``'none'``.
        """
        gate, values, base = self.project(x)
        q, k = (base[..., None, :] * self.gamma + self.beta).unbind(-2)
        if self.pos_enc != 'none':
            q, k = self._place(q, pos_enc), self._place(k, pos_enc)
        weights = self.weigh(q @ k.mT)
        if mask is not None:
            weights = weights * mask.type_as(weights)
        return self.finish(x, gate, weights, values)

    def _place(self, tokens: Tensor, pos_enc: Tensor) -> Tensor:
        if self.pos_enc == 'add':
            apply = SinePositionalEncoding.apply_additional_pos_enc
        else:
            apply = SinePositionalEncoding.apply_rotary_pos_enc
        return apply(tokens, pos_enc, self.spatial_dim)

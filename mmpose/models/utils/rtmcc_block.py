"""The gated attention of RTMPose's head."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mmpose.utils.checks import check_choice

from .gau import GatedAttention, Scale, ScaleNorm
from .positional_encoding import rotate

__all__ = ['RTMCCBlock', 'Scale', 'ScaleNorm', 'rope']

_ATTENTION_TYPES = ('self-attn', 'cross-attn')


def rope_tables(
    length: int, channels: int, device: torch.device | str | None = None
) -> tuple[Tensor, Tensor]:
    """Cosines and sines (``length``, ``channels / 2``) of the angles that positions turn by."""
    half = channels // 2
    # in the paper's order, from the highest frequency down to 1 / 10000; other releases of the
    # block take powers of +10000 instead, in which no published model has been trained
    frequencies = 10000.0 ** -(torch.arange(half, device=device) / half)
    angles = torch.arange(length, device=device)[:, None] * frequencies
    return angles.cos(), angles.sin()


def rope(x: Tensor, dim: int | Sequence[int]) -> Tensor:
    """Tokens rotated by their position, so that products tell how far two are apart.

    Paper: `Su et al., 2021, RoFormer <https://arxiv.org/abs/2104.09864>`_.

    Args:
        x: Tokens, with channels as the last axis.
        dim: Axis of the positions, or neighbouring axes whose items are counted row by row.

    Raises:
        ValueError: The number of channels is odd.
    """
    axes = [axis % x.ndim for axis in ([dim] if isinstance(dim, int) else dim)]
    sides = [x.shape[axis] for axis in axes]
    channels = x.shape[-1]
    if channels % 2:
        raise ValueError(f'The tokens have {channels} channels; an even number can be rotated.')
    tables = rope_tables(math.prod(sides), channels, x.device)
    shape = (*sides, *[1] * (x.ndim - 2 - axes[-1]), channels // 2)
    return rotate(x, *(table.reshape(shape).type_as(x) for table in tables))


class RTMCCBlock(GatedAttention):
    """Keypoints' tokens that attend to each other, or to other tokens.

    Paper: `Jiang et al., 2023, RTMPose <https://arxiv.org/abs/2303.07399>`_, after the gated
    attention unit of `Hua et al., ICML 2022 <https://arxiv.org/abs/2202.10447>`_.

    The arguments that are not listed are those of :class:`GatedAttention`.

    Args:
        num_token: Number of tokens, the most that a bias is learned for.
        expansion_factor: Ratio of the channels of gate and values to ``in_token_dims``.
        attn_type: ``'self-attn'``, or ``'cross-attn'`` for other tokens as keys and values.
        use_rel_bias: Whether the scores have a learned bias by relative position.
        pos_enc: Whether queries and keys are rotated by their position.

    Raises:
        ValueError: The kind of attention or the activation is unknown.
    """

    def __init__(
        self,
        num_token: int,
        in_token_dims: int,
        out_token_dims: int,
        expansion_factor: float = 2,
        s: int = 128,
        eps: float = 1e-5,
        dropout_rate: float = 0.0,
        drop_path: float = 0.0,
        attn_type: str = 'self-attn',
        act_fn: str = 'SiLU',
        bias: bool = False,
        use_rel_bias: bool = True,
        pos_enc: bool = False,
    ) -> None:
        check_choice('attn_type', attn_type, _ATTENTION_TYPES)
        to_itself = attn_type == 'self-attn'
        e = int(in_token_dims * expansion_factor)
        super().__init__(
            in_token_dims,
            out_token_dims,
            projections=(e, e, s) if to_itself else (e, s),
            s=s,
            eps=eps,
            dropout_rate=dropout_rate,
            drop_path=drop_path,
            act_fn=act_fn,
            bias=bias,
        )
        self.num_token = num_token
        self.attn_type = attn_type
        self.use_rel_bias = use_rel_bias
        self.pos_enc = pos_enc
        if to_itself:
            self.gamma = nn.Parameter(torch.rand(2, s))
            self.beta = nn.Parameter(torch.rand(2, s))
        else:
            self.k_fc = nn.Linear(in_token_dims, s, bias=bias)
            self.v_fc = nn.Linear(in_token_dims, e, bias=bias)
            nn.init.xavier_uniform_(self.k_fc.weight)
            nn.init.xavier_uniform_(self.v_fc.weight)
        if use_rel_bias and to_itself:
            self.w = nn.Parameter(torch.rand(2 * num_token - 1))
        elif use_rel_bias:
            self.a = nn.Parameter(torch.rand(1, s))
            self.b = nn.Parameter(torch.rand(1, s))
        cos, sin = rope_tables(num_token, s)
        self.register_buffer('rope_cos', cos, persistent=False)
        self.register_buffer('rope_sin', sin, persistent=False)

    def _rope(self, x: Tensor) -> Tensor:
        """Tokens (..., N, ``s``) rotated by their position."""
        N = x.shape[-2]
        if self.num_token < N:
            return rope(x, dim=-2)
        return rotate(x, self.rope_cos[:N], self.rope_sin[:N])

    def rel_pos_bias(self, seq_len: int, k_len: int | None = None) -> Tensor:
        """The bias (1, ``seq_len``, ``k_len``) of the scores by query and key.

        Args:
            seq_len: Number of queries.
            k_len: Number of keys, for ``'cross-attn'``; ``None`` for ``seq_len``.

        Raises:
            ValueError: ``seq_len`` of ``'self-attn'`` exceeds ``num_token``.
        """
        if self.attn_type == 'cross-attn':
            a = self._rope(self.a.expand(seq_len, -1))
            b = self._rope(self.b.expand(seq_len if k_len is None else k_len, -1))
            return (a @ b.mT)[None]
        if seq_len > self.num_token:
            raise ValueError(
                f'RTMCCBlock gets {seq_len} tokens and has a bias for {self.num_token}; raise '
                'num_token, or set use_rel_bias=False.'
            )
        # row i is the window of the table that puts its middle entry at column i
        return self.w[: 2 * seq_len - 1].unfold(0, seq_len, 1).flip(0)[None]

    def forward(self, x: Tensor | tuple[Tensor, Tensor, Tensor]) -> Tensor:
        """The output (B, N, ``out_token_dims``).

        Args:
            x: (B, N, C); for ``'cross-attn'`` the tokens that ask (B, N, C), those that are asked
                (B, M, C), and those that are read (B, M, C).
        """
        if self.attn_type == 'self-attn':
            gate, values, base = self.project(x)
            q, k = (base[..., None, :] * self.gamma + self.beta).unbind(-2)
        else:
            x, k, values = x
            gate, q = self.project(x)
            k, values = self.k_fc(k), self.v_fc(values)
        if self.pos_enc:
            q, k = self._rope(q), self._rope(k)
        scores = q @ k.mT
        if self.use_rel_bias:
            scores = scores + self.rel_pos_bias(q.shape[1], k.shape[1])
        return self.finish(x, gate, self.weigh(scores), values)

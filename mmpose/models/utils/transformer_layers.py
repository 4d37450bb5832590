"""What transformers are made of: attention, feed-forward networks, and their scales."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from mmcv.cnn import build_activation_layer
from mmcv.cnn.bricks import DropPath
from mmengine.model import BaseModule
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

if TYPE_CHECKING:
    from mmpose.utils.typing import OptMultiConfig


def drop_path_rates(last: float, depth: int) -> list[float]:
    """How often training skips each of ``depth`` blocks: evenly spaced from never to ``last``.

    Paper: `Huang et al., 2016, Stochastic Depth <https://arxiv.org/abs/1603.09382>`_.
    """
    return np.linspace(0, last, depth).tolist()


def attend(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    num_heads: int,
    mask: Tensor | None = None,
    dropout: float = 0.0,
    scale: float | None = None,
) -> Tensor:
    """What each query gets: the values, weighted by how well their keys match; (B, N, C).

    Paper: `Vaswani et al., 2017, Attention <https://arxiv.org/abs/1706.03762>`_.

    Args:
        query: (B, N, C), the channels head by head.
        key: (B, M, C).
        value: (B, M, C).
        num_heads: Number of heads.
        mask: Added to the scores; of a shape that expands to (B, heads, N, M).
        dropout: Share of the weights that is set to zero.
        scale: Factor of the scores; ``None`` for one over the root of a head's channels.
    """
    heads = (x.unflatten(-1, (num_heads, -1)).transpose(1, 2) for x in (query, key, value))
    out = scaled_dot_product_attention(*heads, attn_mask=mask, dropout_p=dropout, scale=scale)
    return out.transpose(1, 2).flatten(2)


class SelfAttention(BaseModule):
    """Multi-head attention of tokens to each other, with one projection to all three parts.

    Args:
        embed_dims: Channels of the tokens.
        num_heads: Number of heads.
        qkv_bias: Whether queries, keys and values have a bias.
        qk_scale: Factor of the scores; ``None`` for one over the root of a head's channels.
        attn_drop_rate: Share of the attention weights that training drops.
        proj_drop_rate: Share of the output that training drops.
        layer_scale_init_value: Start of a :class:`LayerScale` on the output; 0 for none.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Raises:
        ValueError: The heads cannot share the channels evenly.
    """

    def __init__(
        self,
        embed_dims: int,
        num_heads: int,
        qkv_bias: bool = True,
        qk_scale: float | None = None,
        attn_drop_rate: float = 0.0,
        proj_drop_rate: float = 0.0,
        layer_scale_init_value: float = 0.0,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        check_heads(embed_dims, num_heads)
        self.embed_dims = embed_dims
        self.num_heads = num_heads
        self.scale = qk_scale
        self.attn_drop_rate = attn_drop_rate
        self.qkv = nn.Linear(embed_dims, 3 * embed_dims, bias=qkv_bias)
        self.proj = nn.Linear(embed_dims, embed_dims)
        self.proj_drop = nn.Dropout(proj_drop_rate)
        self.gamma1 = make_layer_scale(embed_dims, layer_scale_init_value)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """The tokens after attention, from tokens (B, N, C); ``mask`` as in :func:`attend`."""
        dropout = self.attn_drop_rate if self.training else 0.0
        parts = self.qkv(x).chunk(3, dim=-1)
        x = attend(*parts, self.num_heads, mask=mask, dropout=dropout, scale=self.scale)
        return self.gamma1(self.proj_drop(self.proj(x)))


def check_heads(embed_dims: int, num_heads: int) -> None:
    """Check that heads share the channels evenly.

    Raises:
        ValueError: They do not.
    """
    if embed_dims % num_heads:
        raise ValueError(
            f'{num_heads} heads cannot share {embed_dims} channels evenly; make embed_dims a '
            'multiple of num_heads.'
        )


class LayerScale(nn.Module):
    """Tokens times a learned factor per channel.

    Paper: `Touvron et al., 2021, CaiT <https://arxiv.org/abs/2103.17239>`_.

    Args:
        channels: Channels of the tokens.
        value: The factor at the start.
    """

    def __init__(self, channels: int, value: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((channels,), float(value)))

    def forward(self, x: Tensor) -> Tensor:
        """The scaled tokens (B, N, C)."""
        return x * self.weight


def make_layer_scale(channels: int, value: float) -> nn.Module:
    """A :class:`LayerScale` that starts with ``value``, or nothing where that is 0."""
    return LayerScale(channels, value) if value else nn.Identity()


class FFN(BaseModule):
    """A feed-forward network on each token, with a shortcut.

    Args:
        embed_dims: Channels of the tokens.
        feedforward_channels: Channels inside.
        num_fcs: Number of linear layers.
        act_cfg: Kind of activation.
        ffn_drop: Share of the features that training drops, after each linear layer.
        drop_path_rate: How often training skips the network.
        layer_scale_init_value: Start of a :class:`LayerScale` on the output; 0 for none.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.
    """

    def __init__(
        self,
        embed_dims: int,
        feedforward_channels: int,
        num_fcs: int = 2,
        act_cfg: dict = dict(type='GELU'),
        ffn_drop: float = 0.0,
        drop_path_rate: float = 0.0,
        layer_scale_init_value: float = 0.0,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        widths = [embed_dims] + [feedforward_channels] * (num_fcs - 1)
        self.layers = nn.Sequential(
            *(
                nn.Sequential(
                    nn.Linear(width, feedforward_channels),
                    build_activation_layer(act_cfg),
                    nn.Dropout(ffn_drop),
                )
                for width in widths[:-1]
            ),
            nn.Linear(widths[-1], embed_dims),
            nn.Dropout(ffn_drop),
        )
        self.gamma2 = make_layer_scale(embed_dims, layer_scale_init_value)
        self.drop_path = DropPath(drop_path_rate)

    def forward(self, x: Tensor, identity: Tensor | None = None) -> Tensor:
        """The output for tokens (B, N, C) added to ``identity``, the tokens themselves if None."""
        out = self.drop_path(self.gamma2(self.layers(x)))
        return (x if identity is None else identity) + out

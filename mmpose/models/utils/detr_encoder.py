"""The encoder of detection transformers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from mmcv.cnn import build_norm_layer
from mmengine.model import BaseModule
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from .transformer_layers import FFN, check_heads

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType, OptMultiConfig


class DetrSelfAttention(BaseModule):
    """Tokens that attend to each other, with a shortcut; values carry no position.

    Args:
        embed_dims: Channels of the tokens.
        num_heads: Number of attention heads.
        dropout: Share of the attention weights, and of the output, that training drops.

    Raises:
        ValueError: The heads cannot share the channels evenly.
    """

    def __init__(self, embed_dims: int = 256, num_heads: int = 8, dropout: float = 0.0) -> None:
        super().__init__()
        check_heads(embed_dims, num_heads)
        self.attn = nn.MultiheadAttention(embed_dims, num_heads, dropout, batch_first=True)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self,
        query: Tensor,
        query_pos: Tensor | None = None,
        key_padding_mask: Tensor | None = None,
        **kwargs,
    ) -> Tensor:
        """The attended tokens added to the tokens; see :class:`DetrTransformerEncoder`."""
        placed = query if query_pos is None else query + query_pos
        # without the weights, PyTorch computes its scaled_dot_product_attention
        out, _ = self.attn(
            placed, placed, query, key_padding_mask=key_padding_mask, need_weights=False, **kwargs
        )
        return query + self.dropout(out)


class DetrTransformerEncoderLayer(BaseModule):
    """Attention of tokens to each other, then a feed-forward network, each normalised.

    Args:
        self_attn_cfg: Arguments of :class:`DetrSelfAttention`.
        ffn_cfg: Arguments of the feed-forward network :class:`FFN`; by default 256 channels, 1024
            inside, and ReLU.
        norm_cfg: Kind of norm layer after each of the two.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.
    """

    def __init__(
        self,
        self_attn_cfg: ConfigType = {},
        ffn_cfg: ConfigType = {},
        norm_cfg: ConfigType = dict(type='LN'),
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg)
        ffn_default = dict(embed_dims=256, feedforward_channels=1024, act_cfg=dict(type='ReLU'))
        self.self_attn = DetrSelfAttention(**self_attn_cfg)
        self.ffn = FFN(**{**ffn_default, **ffn_cfg})
        self.embed_dims = self.self_attn.attn.embed_dim
        self.norms = nn.ModuleList(build_norm_layer(norm_cfg, self.embed_dims)[1] for _ in range(2))

    def forward(
        self, query: Tensor, query_pos: Tensor | None, key_padding_mask: Tensor | None, **kwargs
    ) -> Tensor:
        """The tokens after the layer; see :class:`DetrTransformerEncoder`."""
        query = self.norms[0](self.self_attn(query, query_pos, key_padding_mask, **kwargs))
        return self.norms[1](self.ffn(query))


class DetrTransformerEncoder(BaseModule):
    """Tokens after layers in which they attend to each other.

    Paper: `Carion et al., ECCV 2020, End-to-End Object Detection with Transformers
    <https://arxiv.org/abs/2005.12872>`_.

    Args:
        num_layers: Number of layers.
        layer_cfg: Arguments of each layer: ``self_attn_cfg`` (``embed_dims``, ``num_heads``,
            ``dropout``), ``ffn_cfg`` (those of :class:`FFN`), ``norm_cfg`` and ``init_cfg``.
        num_cp: How many of the first layers are computed again in the backward pass, to save
            memory; -1 for none.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Raises:
        ValueError: There is no layer, or ``num_cp`` exceeds their number.
    """

    def __init__(
        self,
        num_layers: int,
        layer_cfg: ConfigType,
        num_cp: int = -1,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg)
        if num_layers < 1 or num_cp > num_layers:
            raise ValueError(
                f'num_layers is {num_layers} and num_cp is {num_cp}; there must be a layer, and '
                'num_cp can be at most their number.'
            )
        self.num_layers = num_layers
        self.num_cp = num_cp
        self.layers = nn.ModuleList(
            DetrTransformerEncoderLayer(**layer_cfg) for _ in range(num_layers)
        )
        self.embed_dims = self.layers[0].embed_dims

    def forward(
        self, query: Tensor, query_pos: Tensor | None, key_padding_mask: Tensor | None, **kwargs
    ) -> Tensor:
        """The tokens (B, N, C) after all layers.

        Args:
            query: (B, N, C).
            query_pos: Positional encoding (B or 1, N, C) of queries and keys; ``None`` for none.
            key_padding_mask: (B, N), true for tokens that none attends to; ``None``: all are read.
            **kwargs: Passed to :class:`torch.nn.MultiheadAttention`, such as ``attn_mask``.
        """
        for i, layer in enumerate(self.layers):
            args = (query, query_pos, key_padding_mask)
            if i < self.num_cp and torch.is_grad_enabled():
                query = checkpoint(layer, *args, use_reentrant=False, **kwargs)
            else:
                query = layer(*args, **kwargs)
        return query

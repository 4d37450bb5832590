"""The encoder of detection transformers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

import torch
from mmcv.cnn import build_norm_layer
from mmengine.model import BaseModule
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from .transformer_layers import FFN, check_heads

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType, OptMultiConfig


class DetrAttention(BaseModule):
    """Attention of queries to keys, or to each other, with a shortcut; values carry no position.

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
        self.embed_dims = embed_dims
        self.attn = nn.MultiheadAttention(embed_dims, num_heads, dropout, batch_first=True)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self,
        query: Tensor,
        key: Tensor | None = None,
        value: Tensor | None = None,
        query_pos: Tensor | None = None,
        key_pos: Tensor | None = None,
        key_padding_mask: Tensor | None = None,
        **kwargs,
    ) -> Tensor:
        """The attended queries added to the queries, (B, N, C).

        Args:
            query: (B, N, C).
            key: (B, M, C); ``None`` for the queries, with their positions.
            value: (B, M, C); ``None`` for the keys, without positions.
            query_pos: (B or 1, N, C) is added to the queries; ``None`` adds nothing.
            key_pos: (B or 1, M, C) is added to the keys; ``None`` adds nothing.
            key_padding_mask: (B, M), true for keys that none attends to; ``None``: all are read.
            **kwargs: Passed to :class:`torch.nn.MultiheadAttention`, such as ``attn_mask``.
        """
        if key is None:
            key, key_pos = query, query_pos
        # without the weights, PyTorch computes its scaled_dot_product_attention
        out, _ = self.attn(
            query if query_pos is None else query + query_pos,
            key if key_pos is None else key + key_pos,
            key if value is None else value,
            key_padding_mask=key_padding_mask,
            need_weights=False,
            **kwargs,
        )
        return query + self.dropout(out)


def without_batch_first(attn_cfg: ConfigType) -> dict:
    """A copy of an attention's arguments without ``batch_first``: in layers, the batch always is.

    Raises:
        ValueError: ``batch_first`` is false.
    """
    if not attn_cfg.get('batch_first', True):
        raise ValueError(
            'batch_first is False in the arguments of an attention; layers take tokens (B, N, C), '
            'so leave it out.'
        )
    return {name: value for name, value in attn_cfg.items() if name != 'batch_first'}


def relu_ffn(embed_dims: int, ffn_cfg: ConfigType) -> FFN:
    """The network that ``ffn_cfg`` describes, by default with 1024 channels inside and ReLU."""
    defaults = dict(
        embed_dims=embed_dims, feedforward_channels=1024, act_cfg=dict(type='ReLU', inplace=True)
    )
    return FFN(**{**defaults, **ffn_cfg})


class DetrTransformerEncoderLayer(BaseModule):
    """Attention of tokens to each other, then a feed-forward network, each normalised.

    Args:
        self_attn_cfg: Arguments of the attention, :class:`DetrAttention` here.
        ffn_cfg: Arguments of the feed-forward network, as :func:`relu_ffn` takes them.
        norm_cfg: Kind of norm layer after each of the two.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.
    """

    attention: ClassVar[Callable[..., nn.Module]] = DetrAttention

    def __init__(
        self,
        self_attn_cfg: ConfigType = dict(embed_dims=256, num_heads=8, dropout=0.0),
        ffn_cfg: ConfigType = dict(
            embed_dims=256,
            feedforward_channels=1024,
            num_fcs=2,
            ffn_drop=0.0,
            act_cfg=dict(type='ReLU', inplace=True),
        ),
        norm_cfg: ConfigType = dict(type='LN'),
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg)
        self.self_attn = self.attention(**without_batch_first(self_attn_cfg))
        self.embed_dims = self.self_attn.embed_dims
        self.ffn = relu_ffn(self.embed_dims, ffn_cfg)
        self.norms = nn.ModuleList(build_norm_layer(norm_cfg, self.embed_dims)[1] for _ in range(2))

    def forward(
        self, query: Tensor, query_pos: Tensor | None, key_padding_mask: Tensor | None, **kwargs
    ) -> Tensor:
        """The tokens after the layer; see :class:`DetrTransformerEncoder`."""
        attended = self.self_attn(
            query, query_pos=query_pos, key_padding_mask=key_padding_mask, **kwargs
        )
        query = self.norms[0](attended)
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

    layer: ClassVar[Callable[..., nn.Module]] = DetrTransformerEncoderLayer

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
        self.layers = nn.ModuleList(self.layer(**layer_cfg) for _ in range(num_layers))
        self.embed_dims = self.layers[0].embed_dims

    def forward(
        self, query: Tensor, query_pos: Tensor | None, key_padding_mask: Tensor | None, **kwargs
    ) -> Tensor:
        """The tokens (B, N, C) after all layers.

        Args:
            query: (B, N, C).
            query_pos: Positional encoding (B or 1, N, C) of queries and keys; ``None`` for none.
            key_padding_mask: (B, N), true for tokens that none attends to; ``None``: all are read.
            **kwargs: Passed to the attention, such as ``attn_mask``.
        """
        for i, layer in enumerate(self.layers):
            args = (query, query_pos, key_padding_mask)
            if i < self.num_cp and torch.is_grad_enabled():
                query = checkpoint(layer, *args, use_reentrant=False, **kwargs)
            else:
                query = layer(*args, **kwargs)
        return query

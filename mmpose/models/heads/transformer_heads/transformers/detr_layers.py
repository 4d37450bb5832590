"""The layers of DETR: tokens that attend to each other, and queries that attend to tokens.

Paper: `Carion et al., ECCV 2020, End-to-End Object Detection with Transformers
<https://arxiv.org/abs/2005.12872>`_.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

import torch
from mmcv.cnn import build_norm_layer
from mmengine.model import BaseModule
from torch import Tensor, nn

from ....utils.detr_encoder import (
    DetrAttention,
    DetrTransformerEncoder,
    DetrTransformerEncoderLayer,
    relu_ffn,
    without_batch_first,
)

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType, OptConfigType, OptMultiConfig

__all__ = [
    'DetrTransformerDecoder',
    'DetrTransformerDecoderLayer',
    'DetrTransformerEncoder',
    'DetrTransformerEncoderLayer',
]


class DetrTransformerDecoderLayer(BaseModule):
    """Attention of queries to each other, then to tokens, then a feed-forward network.

    Each of the three is normalised after its shortcut.

    Args:
        self_attn_cfg: Arguments of :class:`DetrAttention` among the queries.
        cross_attn_cfg: Arguments of the attention to the tokens, :class:`DetrAttention` here.
        ffn_cfg: Arguments of the feed-forward network :class:`~mmpose.models.utils.transformer.FFN`
            with ReLU and 1024 channels inside by default.
        norm_cfg: Kind of norm layer.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Raises:
        ValueError: ``batch_first`` of an attention is false.
    """

    cross_attention: ClassVar[Callable[..., nn.Module]] = DetrAttention

    def __init__(
        self,
        self_attn_cfg: ConfigType = dict(
            embed_dims=256, num_heads=8, dropout=0.0, batch_first=True
        ),
        cross_attn_cfg: ConfigType = dict(
            embed_dims=256, num_heads=8, dropout=0.0, batch_first=True
        ),
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
        self.self_attn = DetrAttention(**without_batch_first(self_attn_cfg))
        self.cross_attn = self.cross_attention(**without_batch_first(cross_attn_cfg))
        self.embed_dims = self.self_attn.embed_dims
        self.ffn = relu_ffn(self.embed_dims, ffn_cfg)
        self.norms = nn.ModuleList(build_norm_layer(norm_cfg, self.embed_dims)[1] for _ in range(3))

    def forward(
        self,
        query: Tensor,
        key: Tensor | None = None,
        value: Tensor | None = None,
        query_pos: Tensor | None = None,
        key_pos: Tensor | None = None,
        self_attn_mask: Tensor | None = None,
        cross_attn_mask: Tensor | None = None,
        key_padding_mask: Tensor | None = None,
        **kwargs,
    ) -> Tensor:
        """The queries (B, N, C) after the layer.

        Args:
            query: (B, N, C).
            key: (B, M, C) tokens; ``None`` for the queries.
            value: (B, M, C) what is read of the tokens; ``None`` for the keys.
            query_pos: (B, N, C) positions of the queries; ``None`` for none.
            key_pos: (B, M, C) positions of the tokens; ``None`` for none.
            self_attn_mask: (N, N) or (B * heads, N, N), true where a query (row) does not see
                another (column); ``None``: all see all.
            cross_attn_mask: (N, M) or (B * heads, N, M), likewise for the tokens.
            key_padding_mask: (B, M), true for tokens that none attends to; ``None``: all are read.
            **kwargs: Passed to the attention to the tokens.
        """
        attended = self.self_attn(query, query_pos=query_pos, attn_mask=self_attn_mask)
        query = self.norms[0](attended)
        if cross_attn_mask is not None:
            kwargs['attn_mask'] = cross_attn_mask
        attended = self.cross_attn(
            query,
            key,
            value,
            query_pos=query_pos,
            key_padding_mask=key_padding_mask,
            **kwargs,
            **({} if key_pos is None else dict(key_pos=key_pos)),
        )
        return self.norms[2](self.ffn(self.norms[1](attended)))


class DetrTransformerDecoder(BaseModule):
    """Queries after layers in which they attend to each other and to tokens.

    Args:
        num_layers: Number of layers.
        layer_cfg: Arguments of each layer, :class:`DetrTransformerDecoderLayer` here.
        post_norm_cfg: Norm layer of what comes out; ``None`` for none.
        return_intermediate: Whether the queries after each layer come out, not only after the last.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.
    """

    layer: ClassVar[Callable[..., nn.Module]] = DetrTransformerDecoderLayer

    def __init__(
        self,
        num_layers: int,
        layer_cfg: ConfigType,
        post_norm_cfg: OptConfigType = dict(type='LN'),
        return_intermediate: bool = True,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg)
        self.num_layers = num_layers
        self.return_intermediate = return_intermediate
        self.layers = nn.ModuleList(self.layer(**layer_cfg) for _ in range(num_layers))
        self.embed_dims = self.layers[0].embed_dims
        self.post_norm = nn.Identity()
        if post_norm_cfg is not None:
            self.post_norm = build_norm_layer(post_norm_cfg, self.embed_dims)[1]

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        query_pos: Tensor | None,
        key_pos: Tensor | None,
        key_padding_mask: Tensor | None,
        **kwargs,
    ) -> Tensor:
        """The normalised queries (L, B, N, C) after each of the L layers, or (1, B, N, C).

        The arguments are those of :class:`DetrTransformerDecoderLayer`.
        """
        intermediate = []
        for layer in self.layers:
            query = layer(
                query,
                key=key,
                value=value,
                query_pos=query_pos,
                key_pos=key_pos,
                key_padding_mask=key_padding_mask,
                **kwargs,
            )
            intermediate.append(query)
        returned = intermediate if self.return_intermediate else intermediate[-1:]
        return torch.stack([self.post_norm(each) for each in returned])

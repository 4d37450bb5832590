"""Pyramid vision transformers: global attention to a reduced map, at four resolutions."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mmcv.cnn import build_activation_layer, build_norm_layer
from mmcv.cnn.bricks import DropPath
from mmengine.model import BaseModule
from mmengine.utils import to_2tuple
from torch import Tensor, nn
from torch.nn.functional import linear

from mmpose.models.utils.ckpt_convert import pvt_convert
from mmpose.models.utils.position_embedding import AbsolutePositionEmbedding
from mmpose.models.utils.transformer import (
    PatchEmbed,
    attend,
    check_heads,
    drop_path_rates,
    nchw_to_nlc,
    nlc_to_nchw,
)
from mmpose.registry import MODELS

from .base_backbone import BaseBackbone
from .utils import check_lengths, check_stages

if TYPE_CHECKING:
    from mmpose.utils.typing import OptMultiConfig


class SpatialReductionAttention(BaseModule):
    """Attention of all tokens to those of a map that a strided convolution makes smaller.

    Args:
        embed_dims: Channels of the tokens.
        num_heads: Number of heads.
        qkv_bias: Whether the projections, the last one too, have a bias.
        attn_drop_rate: Share of the attention weights that training drops.
        proj_drop_rate: Share of the output that training drops.
        norm_cfg: Kind of norm layer of the smaller map.
        sr_ratio: How many times smaller its sides are.

    Raises:
        ValueError: The heads cannot share the channels evenly.
    """

    def __init__(
        self,
        embed_dims: int,
        num_heads: int,
        qkv_bias: bool = True,
        attn_drop_rate: float = 0.0,
        proj_drop_rate: float = 0.0,
        norm_cfg: dict = dict(type='LN'),
        sr_ratio: int = 1,
    ) -> None:
        super().__init__()
        check_heads(embed_dims, num_heads)
        # keeps the parameters under their published names
        self.attn = nn.MultiheadAttention(
            embed_dims, num_heads, attn_drop_rate, bias=qkv_bias, batch_first=True
        )
        self.proj_drop = nn.Dropout(proj_drop_rate)
        self.sr_ratio = sr_ratio
        if sr_ratio > 1:
            self.sr = nn.Conv2d(embed_dims, embed_dims, kernel_size=sr_ratio, stride=sr_ratio)
            self.norm = build_norm_layer(norm_cfg, embed_dims)[1]

    def forward(self, x: Tensor, hw_shape: tuple[int, int]) -> Tensor:
        """The tokens (B, H*W, C) of an (H, W) map after attention."""
        reduced = x
        if self.sr_ratio > 1:
            reduced = self.norm(nchw_to_nlc(self.sr(nlc_to_nchw(x, hw_shape))))
        attn = self.attn
        sizes = [attn.embed_dim, 2 * attn.embed_dim]
        weights = attn.in_proj_weight.split(sizes)
        biases = (None, None) if attn.in_proj_bias is None else attn.in_proj_bias.split(sizes)
        query = linear(x, weights[0], biases[0])
        key, value = linear(reduced, weights[1], biases[1]).chunk(2, dim=-1)
        dropout = attn.dropout if self.training else 0.0
        x = attend(query, key, value, attn.num_heads, dropout=dropout)
        return self.proj_drop(attn.out_proj(x))


class MixFFN(BaseModule):
    """A feed-forward network of 1x1 convolutions, perhaps with a depthwise 3x3 one between them.

    The depthwise convolution lets tokens know where they are; see
    `Wang et al., 2022, PVT v2 <https://arxiv.org/abs/2106.13797>`_.

    Args:
        embed_dims: Channels of the tokens.
        feedforward_channels: Channels inside.
        act_cfg: Kind of activation.
        ffn_drop: Share of the features that training drops, after each 1x1 convolution.
        use_conv: Whether there is a depthwise convolution.
    """

    def __init__(
        self,
        embed_dims: int,
        feedforward_channels: int,
        act_cfg: dict = dict(type='GELU'),
        ffn_drop: float = 0.0,
        use_conv: bool = False,
    ) -> None:
        super().__init__()
        inner = feedforward_channels
        depthwise = [nn.Conv2d(inner, inner, 3, padding=1, groups=inner)] if use_conv else []
        self.layers = nn.Sequential(
            nn.Conv2d(embed_dims, inner, 1),
            *depthwise,
            build_activation_layer(act_cfg),
            nn.Dropout(ffn_drop),
            nn.Conv2d(inner, embed_dims, 1),
            nn.Dropout(ffn_drop),
        )

    def forward(self, x: Tensor, hw_shape: tuple[int, int]) -> Tensor:
        """The output for the tokens (B, H*W, C) of an (H, W) map."""
        return nchw_to_nlc(self.layers(nlc_to_nchw(x, hw_shape)))


class PVTEncoderLayer(BaseModule):
    """Attention to a reduced map and a feed-forward network, each with a shortcut.

    Args:
        embed_dims: Channels of the tokens.
        num_heads: Number of heads.
        feedforward_channels: Channels inside the feed-forward network.
        drop_rate: Share of the features that training drops.
        attn_drop_rate: Share of the attention weights that training drops.
        drop_path_rate: How often training skips each of the two parts.
        qkv_bias: Whether the projections of the attention have a bias.
        act_cfg: Kind of activation.
        norm_cfg: Kind of norm layer.
        sr_ratio: How many times smaller the sides of the reduced map are.
        use_conv_ffn: Whether the feed-forward network has a depthwise convolution.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.
    """

    def __init__(
        self,
        embed_dims: int,
        num_heads: int,
        feedforward_channels: int,
        drop_rate: float = 0.0,
        attn_drop_rate: float = 0.0,
        drop_path_rate: float = 0.0,
        qkv_bias: bool = True,
        act_cfg: dict = dict(type='GELU'),
        norm_cfg: dict = dict(type='LN'),
        sr_ratio: int = 1,
        use_conv_ffn: bool = False,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        self.norm1 = build_norm_layer(norm_cfg, embed_dims)[1]
        self.attn = SpatialReductionAttention(
            embed_dims, num_heads, qkv_bias, attn_drop_rate, drop_rate, norm_cfg, sr_ratio
        )
        self.norm2 = build_norm_layer(norm_cfg, embed_dims)[1]
        self.ffn = MixFFN(embed_dims, feedforward_channels, act_cfg, drop_rate, use_conv_ffn)
        self.drop_path = DropPath(drop_path_rate)

    def forward(self, x: Tensor, hw_shape: tuple[int, int]) -> Tensor:
        """The tokens (B, H*W, C) of an (H, W) map after both parts."""
        x = x + self.drop_path(self.attn(self.norm1(x), hw_shape))
        return x + self.drop_path(self.ffn(self.norm2(x), hw_shape))


@MODELS.register_module()
class PyramidVisionTransformer(BaseBackbone):
    """Feature maps at four resolutions, by attention of every token to the whole map.

    Paper: `Wang et al., 2021, Pyramid Vision Transformer <https://arxiv.org/abs/2102.12122>`_.
    Position embeddings are resampled for maps of another size, as are those of a file.

    Args:
        pretrain_img_size: Side (or height and width) of the pictures that position embeddings are
            learned for.
        in_channels: Channels of the picture.
        embed_dims: Channels per head of the tokens.
        num_stages: Number of stages.
        num_layers: Layers of each stage.
        num_heads: Heads of each stage.
        patch_sizes: Side of the patches that each stage takes its input in.
        strides: Distance between these patches.
        paddings: Cells added to each side of each stage's input.
        sr_ratios: How many times smaller the sides of the map attended to are, in each stage.
        out_indices: Stages, from 0, whose feature maps are returned.
        mlp_ratios: Ratio of the inner to the outer channels of each stage's feed-forward networks.
        qkv_bias: Whether the projections of the attention have a bias.
        drop_rate: Share of the features that training drops.
        attn_drop_rate: Share of the attention weights that training drops.
        drop_path_rate: How often training skips the last layer; less often the earlier ones.
        use_abs_pos_embed: Whether tokens get a learned vector for their place.
        norm_after_stage: Whether a norm layer ends each stage.
        use_conv_ffn: Whether feed-forward networks have a depthwise convolution.
        act_cfg: Kind of activation.
        norm_cfg: Kind of norm layer.
        convert_weights: Whether ``Pretrained`` weights may have the names of the authors' release.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Raises:
        ValueError: A stage does not exist, or a list does not fit the stages.
    """

    def __init__(
        self,
        pretrain_img_size: int | tuple[int, int] = 224,
        in_channels: int = 3,
        embed_dims: int = 64,
        num_stages: int = 4,
        num_layers: Sequence[int] = [3, 4, 6, 3],
        num_heads: Sequence[int] = [1, 2, 5, 8],
        patch_sizes: Sequence[int] = [4, 2, 2, 2],
        strides: Sequence[int] = [4, 2, 2, 2],
        paddings: Sequence[int] = [0, 0, 0, 0],
        sr_ratios: Sequence[int] = [8, 4, 2, 1],
        out_indices: Sequence[int] = (0, 1, 2, 3),
        mlp_ratios: Sequence[float] = [8, 8, 4, 4],
        qkv_bias: bool = True,
        drop_rate: float = 0.0,
        attn_drop_rate: float = 0.0,
        drop_path_rate: float = 0.1,
        use_abs_pos_embed: bool = True,
        norm_after_stage: bool = False,
        use_conv_ffn: bool = False,
        act_cfg: dict = dict(type='GELU'),
        norm_cfg: dict = dict(type='LN', eps=1e-6),
        convert_weights: bool = True,
        init_cfg: OptMultiConfig = [
            dict(type='TruncNormal', std=0.02, layer=['Linear']),
            dict(type='Constant', val=1, layer=['LayerNorm']),
            dict(type='Kaiming', layer=['Conv2d']),
        ],
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        per_stage = dict(
            num_layers=num_layers,
            num_heads=num_heads,
            patch_sizes=patch_sizes,
            strides=strides,
            paddings=paddings,
            sr_ratios=sr_ratios,
            mlp_ratios=mlp_ratios,
        )
        check_stages(self, num_stages, out_indices, -1)
        check_lengths(self, num_stages, **per_stage)
        self.out_indices = out_indices
        self.convert_weights = convert_weights

        widths = [embed_dims * heads for heads in num_heads]
        out_strides = [math.prod(strides[: i + 1]) for i in range(num_stages)]
        rates = drop_path_rates(drop_path_rate, sum(num_layers))
        self.layers = nn.ModuleList()
        for i, width in enumerate(widths):
            patch_embed = PatchEmbed(
                in_channels,
                width,
                kernel_size=patch_sizes[i],
                stride=strides[i],
                padding=paddings[i],
                norm_cfg=norm_cfg,
            )
            layers = [
                PVTEncoderLayer(
                    width,
                    num_heads[i],
                    int(mlp_ratios[i] * width),
                    drop_rate=drop_rate,
                    attn_drop_rate=attn_drop_rate,
                    drop_path_rate=rates[sum(num_layers[:i]) + j],
                    qkv_bias=qkv_bias,
                    act_cfg=act_cfg,
                    norm_cfg=norm_cfg,
                    sr_ratio=sr_ratios[i],
                    use_conv_ffn=use_conv_ffn,
                )
                for j in range(num_layers[i])
            ]
            if use_abs_pos_embed:
                shape = [side // out_strides[i] for side in to_2tuple(pretrain_img_size)]
                layers.insert(0, AbsolutePositionEmbedding(shape, width, drop_rate))
            norm = build_norm_layer(norm_cfg, width)[1] if norm_after_stage else nn.Identity()
            self.layers.append(nn.ModuleList([patch_embed, nn.ModuleList(layers), norm]))
            in_channels = width
        returned = sorted(set(out_indices))
        self.out_channels = tuple(widths[i] for i in returned)
        self.out_strides = tuple(out_strides[i] for i in returned)
        self.least_size = self._least_size(patch_sizes, strides, paddings, sr_ratios)

    @staticmethod
    def _least_size(
        patch_sizes: Sequence[int],
        strides: Sequence[int],
        paddings: Sequence[int],
        sr_ratios: Sequence[int],
    ) -> int:
        """Least side of a picture that leaves each stage a cell to attend to."""
        least = 1
        for patch, stride, padding, ratio in zip(
            patch_sizes[::-1], strides[::-1], paddings[::-1], sr_ratios[::-1], strict=True
        ):
            least = (max(least, ratio) - 1) * stride + patch - 2 * padding
        return least

    def convert_pretrained(self, weights: OrderedDict[str, Tensor]) -> OrderedDict[str, Tensor]:
        """The weights by our names, from the authors' if ``convert_weights``."""
        return pvt_convert(weights) if self.convert_weights else weights

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """The feature maps of ``out_indices`` for pictures (B, C, H, W).

        Raises:
            ValueError: The pictures are too small for the reduced maps.
        """
        self.check_picture_size(x)
        outs = []
        for i, (patch_embed, layers, norm) in enumerate(self.layers):
            x, hw_shape = patch_embed(x)
            for layer in layers:
                x = layer(x, hw_shape)
            x = nlc_to_nchw(norm(x), hw_shape)
            if i in self.out_indices:
                outs.append(x)
        return tuple(outs)


@MODELS.register_module()
class PyramidVisionTransformerV2(PyramidVisionTransformer):
    """:class:`PyramidVisionTransformer` with overlapping patches and convolutions for positions.

    Paper: `Wang et al., 2022, PVT v2 <https://arxiv.org/abs/2106.13797>`_.

    Args:
        **kwargs: Those of :class:`PyramidVisionTransformer`, less what makes the second version:
            ``patch_sizes``, ``paddings``, ``use_abs_pos_embed``, ``norm_after_stage`` and
            ``use_conv_ffn``.
    """

    def __init__(self, **kwargs) -> None:
        super().__init__(
            patch_sizes=[7, 3, 3, 3],
            paddings=[3, 1, 1, 1],
            use_abs_pos_embed=False,
            norm_after_stage=True,
            use_conv_ffn=True,
            **kwargs,
        )

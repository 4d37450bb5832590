"""Swin transformers: attention inside windows that shift from block to block."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import torch
from mmcv.cnn import build_norm_layer
from mmcv.cnn.bricks import DropPath
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmpose.models.utils.ckpt_convert import swin_convert
from mmpose.models.utils.position_embedding import (
    fit_position_embedding,
    resize_position_embedding,
)
from mmpose.models.utils.transformer import (
    FFN,
    PatchEmbed,
    PatchMerging,
    drop_path_rates,
    nlc_to_nchw,
)
from mmpose.models.utils.window_attention import ShiftWindowMSA
from mmpose.registry import MODELS

from .base_backbone import BaseBackbone
from .utils import check_lengths, check_stages, run_block

if TYPE_CHECKING:
    from mmpose.utils.typing import OptMultiConfig


class SwinBlock(BaseModule):
    """Attention inside windows and a feed-forward network, each with a shortcut.

    Args:
        embed_dims: Channels of the tokens.
        num_heads: Number of heads.
        feedforward_channels: Channels inside the feed-forward network.
        window_size: Side of the windows.
        shift: Whether the windows are shifted by half their side.
        qkv_bias: Whether queries, keys and values have a bias.
        qk_scale: Factor of the scores; ``None`` for one over the root of a head's channels.
        drop_rate: Share of the features that training drops.
        attn_drop_rate: Share of the attention weights that training drops.
        drop_path_rate: How often training skips each of the two parts.
        act_cfg: Kind of activation.
        norm_cfg: Kind of norm layer.
        with_cp: Whether to compute the block again in the backward pass, to save memory.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.
    """

    def __init__(
        self,
        embed_dims: int,
        num_heads: int,
        feedforward_channels: int,
        window_size: int = 7,
        shift: bool = False,
        qkv_bias: bool = True,
        qk_scale: float | None = None,
        drop_rate: float = 0.0,
        attn_drop_rate: float = 0.0,
        drop_path_rate: float = 0.0,
        act_cfg: dict = dict(type='GELU'),
        norm_cfg: dict = dict(type='LN'),
        with_cp: bool = False,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        self.with_cp = with_cp
        self.norm1 = build_norm_layer(norm_cfg, embed_dims)[1]
        self.attn = ShiftWindowMSA(
            embed_dims,
            num_heads,
            window_size,
            shift_size=window_size // 2 if shift else 0,
            qkv_bias=qkv_bias,
            qk_scale=qk_scale,
            attn_drop_rate=attn_drop_rate,
            proj_drop_rate=drop_rate,
        )
        self.drop_path = DropPath(drop_path_rate)
        self.norm2 = build_norm_layer(norm_cfg, embed_dims)[1]
        self.ffn = FFN(
            embed_dims,
            feedforward_channels,
            act_cfg=act_cfg,
            ffn_drop=drop_rate,
            drop_path_rate=drop_path_rate,
        )

    def forward(self, x: Tensor, hw_shape: tuple[int, int]) -> Tensor:
        """The tokens (B, H*W, C) of an (H, W) map after both parts."""
        return run_block(partial(self._both, hw_shape=hw_shape), x, self.with_cp)

    def _both(self, x: Tensor, hw_shape: tuple[int, int]) -> Tensor:
        x = x + self.drop_path(self.attn(self.norm1(x), hw_shape))
        return self.ffn(self.norm2(x), identity=x)


class SwinStage(BaseModule):
    """Blocks on maps of one resolution, and what takes them to the next.

    Args:
        embed_dims: Channels of the tokens.
        drop_path_rates: Of each block.
        downsample: What makes the map coarser; ``None`` where nothing follows.
        **kwargs: Passed to each :class:`SwinBlock`; every second one is shifted.
    """

    def __init__(
        self,
        embed_dims: int,
        drop_path_rates: Sequence[float],
        downsample: PatchMerging | None = None,
        **kwargs,
    ) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            SwinBlock(embed_dims, shift=i % 2 == 1, drop_path_rate=rate, **kwargs)
            for i, rate in enumerate(drop_path_rates)
        )
        self.downsample = downsample

    def forward(self, x: Tensor, hw_shape: tuple[int, int]) -> Tensor:
        """The tokens (B, H*W, C) of an (H, W) map after the blocks."""
        for block in self.blocks:
            x = block(x, hw_shape)
        return x


@MODELS.register_module()
class SwinTransformer(BaseBackbone):
    """Feature maps at four resolutions, by attention inside windows.

    Paper: `Liu et al., 2021, Swin Transformer <https://arxiv.org/abs/2103.14030>`_. Maps are
    padded to whole windows, so pictures of any size will do. Weights made for another window size
    or, with position embeddings, another picture size are resampled when they are loaded.

    Args:
        pretrain_img_size: Side (or height and width) of the pictures that absolute position
            embeddings are learned for.
        in_channels: Channels of the picture.
        embed_dims: Channels of the first stage; they double with every stage.
        patch_size: Side of the patches.
        window_size: Side of the windows, in tokens.
        mlp_ratio: Ratio of the inner to the outer channels of feed-forward networks.
        depths: Blocks of each stage.
        num_heads: Heads of each stage.
        strides: Stride of the patches, then of each merging; the first is ``patch_size``.
        out_indices: Stages, from 0, whose feature maps are returned.
        qkv_bias: Whether queries, keys and values have a bias.
        qk_scale: Factor of the scores; ``None`` for one over the root of a head's channels.
        patch_norm: Whether a norm layer follows the patch embedding.
        drop_rate: Share of the features that training drops.
        attn_drop_rate: Share of the attention weights that training drops.
        drop_path_rate: How often training skips the last block; less often the earlier ones.
        use_abs_pos_embed: Whether tokens get a learned vector for their place.
        act_cfg: Kind of activation.
        norm_cfg: Kind of norm layer.
        with_cp: Whether blocks are computed again in the backward pass, to save memory.
        convert_weights: Whether ``Pretrained`` weights have the names of the authors' release.
        frozen_stages: -1 for nothing, 0 for the patch embedding, n for the first n stages too.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Raises:
        ValueError: A stage does not exist, a tuple does not fit the stages, or the patches
            overlap.
    """

    def __init__(
        self,
        pretrain_img_size: int | tuple[int, int] = 224,
        in_channels: int = 3,
        embed_dims: int = 96,
        patch_size: int = 4,
        window_size: int = 7,
        mlp_ratio: float = 4,
        depths: Sequence[int] = (2, 2, 6, 2),
        num_heads: Sequence[int] = (3, 6, 12, 24),
        strides: Sequence[int] = (4, 2, 2, 2),
        out_indices: Sequence[int] = (0, 1, 2, 3),
        qkv_bias: bool = True,
        qk_scale: float | None = None,
        patch_norm: bool = True,
        drop_rate: float = 0.0,
        attn_drop_rate: float = 0.0,
        drop_path_rate: float = 0.1,
        use_abs_pos_embed: bool = False,
        act_cfg: dict = dict(type='GELU'),
        norm_cfg: dict = dict(type='LN'),
        with_cp: bool = False,
        convert_weights: bool = False,
        frozen_stages: int = -1,
        init_cfg: OptMultiConfig = [
            dict(type='TruncNormal', std=0.02, layer=['Linear']),
            dict(type='Constant', val=1, layer=['LayerNorm']),
        ],
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        num_stages = len(depths)
        check_stages(self, num_stages, out_indices, frozen_stages)
        check_lengths(self, num_stages, num_heads=num_heads, strides=strides)
        if strides[0] != patch_size:
            raise ValueError(
                f'strides of SwinTransformer begin with {strides[0]}, but patch_size is '
                f'{patch_size}; patches must not overlap, so the two must be equal.'
            )
        self.out_indices = out_indices
        self.use_abs_pos_embed = use_abs_pos_embed
        self.convert_weights = convert_weights
        self.frozen_stages = frozen_stages

        self.patch_embed = PatchEmbed(
            in_channels,
            embed_dims,
            kernel_size=patch_size,
            stride=strides[0],
            norm_cfg=norm_cfg if patch_norm else None,
            input_size=pretrain_img_size,
        )
        if use_abs_pos_embed:
            num_patches = math.prod(self.patch_embed.init_out_size)
            self.absolute_pos_embed = nn.Parameter(torch.empty(1, num_patches, embed_dims))
            nn.init.trunc_normal_(self.absolute_pos_embed, std=0.02)
        self.drop_after_pos = nn.Dropout(p=drop_rate)

        widths = [embed_dims * 2**i for i in range(num_stages)]
        rates = drop_path_rates(drop_path_rate, sum(depths))
        self.stages = nn.ModuleList()
        for i, width in enumerate(widths):
            downsample = None
            if i < num_stages - 1:
                downsample = PatchMerging(
                    width, widths[i + 1], stride=strides[i + 1], norm_cfg=norm_cfg
                )
            self.stages.append(
                SwinStage(
                    width,
                    rates[sum(depths[:i]) : sum(depths[: i + 1])],
                    downsample,
                    num_heads=num_heads[i],
                    feedforward_channels=int(mlp_ratio * width),
                    window_size=window_size,
                    qkv_bias=qkv_bias,
                    qk_scale=qk_scale,
                    drop_rate=drop_rate,
                    attn_drop_rate=attn_drop_rate,
                    act_cfg=act_cfg,
                    norm_cfg=norm_cfg,
                    with_cp=with_cp,
                )
            )
        for i in out_indices:
            self.add_module(f'norm{i}', build_norm_layer(norm_cfg, widths[i])[1])
        returned = sorted(set(out_indices))
        self.out_channels = tuple(widths[i] for i in returned)
        self.out_strides = tuple(math.prod(strides[: i + 1]) for i in returned)
        self.freeze_stages()

    def convert_pretrained(self, weights: OrderedDict[str, Tensor]) -> OrderedDict[str, Tensor]:
        """The weights by our names, from the authors' if ``convert_weights``."""
        return swin_convert(weights) if self.convert_weights else weights

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *args, **kwargs) -> None:
        name = f'{prefix}absolute_pos_embed'
        if self.use_abs_pos_embed and name in state_dict:
            state_dict[name] = fit_position_embedding(
                state_dict[name], self.absolute_pos_embed, self.patch_embed.init_out_size
            )
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)

    def stages_to_freeze(self) -> list[nn.Module]:
        """The patch embedding, and the first ``frozen_stages`` stages with their norm layers."""
        if self.frozen_stages < 0:
            return []
        frozen = [self.patch_embed, self.drop_after_pos, *self.stages[: self.frozen_stages]]
        norms = (f'norm{i}' for i in self.out_indices if i < self.frozen_stages)
        return frozen + [getattr(self, name) for name in norms]

    def freeze_stages(self) -> None:
        """Freeze :meth:`stages_to_freeze`, and the position embedding with them."""
        super().freeze_stages()
        if self.use_abs_pos_embed and self.frozen_stages >= 0:
            self.absolute_pos_embed.requires_grad_(False)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """The feature maps of ``out_indices`` for pictures (B, C, H, W)."""
        x, hw_shape = self.patch_embed(x)
        if self.use_abs_pos_embed:
            x = x + resize_position_embedding(
                self.absolute_pos_embed, self.patch_embed.init_out_size, hw_shape
            )
        x = self.drop_after_pos(x)
        outs = []
        for i, stage in enumerate(self.stages):
            x = stage(x, hw_shape)
            if i in self.out_indices:
                outs.append(nlc_to_nchw(getattr(self, f'norm{i}')(x), hw_shape))
            if stage.downsample is not None:
                x, hw_shape = stage.downsample(x, hw_shape)
        return tuple(outs)

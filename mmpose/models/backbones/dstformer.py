"""Attention over the keypoints and over the frames of tracks, in both orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from mmcv.cnn.bricks import DropPath
from mmengine.model import BaseModule, constant_init
from mmengine.model.weight_init import trunc_normal_
from torch import Tensor, nn

from mmpose.models.utils.transformer import SelfAttention, drop_path_rates
from mmpose.registry import MODELS

from .base_backbone import BaseBackbone
from .utils import pick_arch

if TYPE_CHECKING:
    from mmpose.utils.typing import OptMultiConfig

# the order in which a block attends: s to the keypoints of a frame, t to the frames of a keypoint
MODES = dict(st='st', ts='ts')


class AttentionBlock(BaseModule):
    """Attention among the keypoints of a frame and among the frames of a keypoint.

    Args:
        dim: Channels of the input and of the output.
        num_heads: Number of attention heads.
        mlp_ratio: Ratio of the channels inside the MLPs to ``dim``.
        mlp_out_ratio: 1, as the output of the MLPs is added to their input.
        qkv_bias: Whether queries, keys and values have a bias.
        qk_scale: Scale of the scores; ``None`` for ``(dim / num_heads) ** -0.5``.
        drop: Dropout of the output of attention and MLPs.
        attn_drop: Dropout of the attention weights.
        drop_path: Probability that training leaves out a branch for a frame, or for a keypoint.
        st_mode: ``'st'`` begins with the keypoints, ``'ts'`` with the frames.

    Raises:
        ValueError: There is no such mode, or ``dim`` is no multiple of ``num_heads``.
    """

    def __init__(
        self,
        dim: int,
        num_heads: int,
        mlp_ratio: float = 4.0,
        mlp_out_ratio: float = 1.0,
        qkv_bias: bool = True,
        qk_scale: float | None = None,
        drop: float = 0.0,
        attn_drop: float = 0.0,
        drop_path: float = 0.0,
        st_mode: str = 'st',
    ) -> None:
        super().__init__()
        if mlp_out_ratio != 1:
            raise ValueError(f'mlp_out_ratio of AttentionBlock is {mlp_out_ratio}; it must be 1.')
        self.st_mode = pick_arch(self, 'st_mode', st_mode, MODES)
        self.drop_path = DropPath(drop_path)
        for axis in 'st':
            attention = SelfAttention(dim, num_heads, qkv_bias, qk_scale, attn_drop, drop)
            mlp = nn.Sequential(
                nn.Linear(dim, int(dim * mlp_ratio)),
                nn.GELU(),
                nn.Linear(int(dim * mlp_ratio), dim),
                nn.Dropout(drop),
            )
            self.add_module(f'norm1_{axis}', nn.LayerNorm(dim, eps=1e-6))
            self.add_module(f'attn_{axis}', attention)
            self.add_module(f'norm2_{axis}', nn.LayerNorm(dim, eps=1e-6))
            self.add_module(f'mlp_{axis}', mlp)

    def attend(self, x: Tensor, axis: str, seq_len: int) -> Tensor:
        """The attention along one axis, for frames (B * T, K, C)."""
        attention = getattr(self, f'attn_{axis}')
        if axis == 's':
            return attention(x)
        tracks = x.unflatten(0, (-1, seq_len)).transpose(1, 2)  # (B, K, T, C)
        out = attention(tracks.flatten(0, 1)).view(tracks.shape)
        return out.transpose(1, 2).flatten(0, 1)

    def forward(self, x: Tensor, seq_len: int = 1) -> Tensor:
        """The features of each keypoint in each frame, in the input's shape.

        Args:
            x: (B * T, K, C), the frames of each track together.
            seq_len: T, the frames of a track.
        """
        for axis in self.st_mode:
            norm1, norm2 = getattr(self, f'norm1_{axis}'), getattr(self, f'norm2_{axis}')
            x = x + self.drop_path(self.attend(norm1(x), axis, seq_len))
            x = x + self.drop_path(getattr(self, f'mlp_{axis}')(norm2(x)))
        return x


@MODELS.register_module()
class DSTFormer(BaseBackbone):
    """Features (B, T, K, C) of each keypoint in each frame of tracks.

    Paper: `Zhu et al., 2023, MotionBERT: A Unified Perspective on Learning Human Motion
    Representations <https://arxiv.org/abs/2210.06551>`_. Two streams of blocks, one of which begins
    with keypoints and one with frames, are fused after every block.

    Args:
        in_channels: Numbers per keypoint, such as x, y and score.
        feat_size: Channels of the features.
        depth: Number of blocks of each stream.
        num_heads: Number of attention heads.
        mlp_ratio: Ratio of the channels inside the MLPs to ``feat_size``.
        num_keypoints: K.
        seq_len: Largest T.
        qkv_bias: Whether queries, keys and values have a bias.
        qk_scale: Scale of the scores; ``None`` for ``(feat_size / num_heads) ** -0.5``.
        drop_rate: Dropout of the embedded keypoints and of the output of attention and MLPs.
        attn_drop_rate: Dropout of the attention weights.
        drop_path_rate: Probability that training leaves out a branch of the last block for a
            frame; it grows from 0 at the first block.
        att_fuse: Whether the shares of the streams are predicted for each keypoint, not even.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`; ``None`` for the
            published one.

    Raises:
        ValueError: ``feat_size`` is no multiple of ``num_heads``.
    """

    def __init__(
        self,
        in_channels: int,
        feat_size: int = 256,
        depth: int = 5,
        num_heads: int = 8,
        mlp_ratio: float = 4,
        num_keypoints: int = 17,
        seq_len: int = 243,
        qkv_bias: bool = True,
        qk_scale: float | None = None,
        drop_rate: float = 0.0,
        attn_drop_rate: float = 0.0,
        drop_path_rate: float = 0.0,
        att_fuse: bool = True,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        self.in_channels = in_channels
        self.feat_size = feat_size
        self.att_fuse = att_fuse
        self.out_channels = (feat_size,)
        self.out_strides = (1,)

        self.joints_embed = nn.Linear(in_channels, feat_size)
        self.spat_embed = nn.Parameter(torch.zeros(1, num_keypoints, feat_size))
        self.temp_embed = nn.Parameter(torch.zeros(1, seq_len, 1, feat_size))
        self.pos_drop = nn.Dropout(drop_rate)
        settings = dict(
            dim=feat_size,
            num_heads=num_heads,
            mlp_ratio=mlp_ratio,
            qkv_bias=qkv_bias,
            qk_scale=qk_scale,
            drop=drop_rate,
            attn_drop=attn_drop_rate,
        )
        drop_paths = drop_path_rates(drop_path_rate, depth)
        for mode in MODES:
            blocks = (AttentionBlock(**settings, drop_path=p, st_mode=mode) for p in drop_paths)
            self.add_module(f'blocks_{mode}', nn.ModuleList(blocks))
        self.norm = nn.LayerNorm(feat_size, eps=1e-6)
        if att_fuse:
            self.attn_regress = nn.ModuleList(nn.Linear(2 * feat_size, 2) for _ in range(depth))

    def init_own_weights(self) -> None:
        """Initialise as published."""
        for module in self.modules():
            if isinstance(module, nn.Linear):
                trunc_normal_(module.weight, std=0.02)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        trunc_normal_(self.spat_embed, std=0.02)
        trunc_normal_(self.temp_embed, std=0.02)
        if self.att_fuse:  # streams have equal shares at first
            for layer in self.attn_regress:
                constant_init(layer, 0, bias=0.5)

    def _fuse(self, x_st: Tensor, x_ts: Tensor, index: int) -> Tensor:
        """Both streams after block ``index`` as one."""
        if not self.att_fuse:
            return (x_st + x_ts) * 0.5
        shares = self.attn_regress[index](torch.cat((x_st, x_ts), -1)).softmax(-1)
        return x_st * shares[..., :1] + x_ts * shares[..., 1:]

    def forward(self, x: Tensor) -> Tensor:
        """The features (B, T, K, ``feat_size``), no tuple of them as of other backbones.

        Args:
            x: Tracks (B, T, K, ``in_channels``), or one (T, K, ``in_channels``).

        Raises:
            ValueError: There are more frames than ``seq_len``, or not ``num_keypoints`` keypoints.
        """
        x = x[None] if x.ndim == 3 else x
        T, K = x.shape[1:3]
        most_frames, num_keypoints = self.temp_embed.shape[1], self.spat_embed.shape[1]
        if most_frames < T or num_keypoints != K:
            raise ValueError(
                f'DSTFormer gets tracks of {T} frames with {K} keypoints, but takes at most '
                f'{most_frames} frames with {num_keypoints} keypoints; change the data, or '
                '`seq_len` and `num_keypoints` of the backbone.'
            )
        x = self.joints_embed(x) + self.spat_embed + self.temp_embed[:, :T]
        x = self.pos_drop(x).flatten(0, 1)
        for i, (st, ts) in enumerate(zip(self.blocks_st, self.blocks_ts, strict=True)):
            x = self._fuse(st(x, T), ts(x, T), i)
        return self.norm(x).unflatten(0, (-1, T))

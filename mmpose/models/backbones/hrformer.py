"""High-resolution transformers: the branches of HRNet with attention in local windows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

import torch
from mmcv.cnn import build_activation_layer, build_norm_layer
from mmcv.cnn.bricks import DropPath
from mmengine.model import BaseModule
from mmengine.utils import to_2tuple
from torch import Tensor, nn
from torch.nn.functional import pad

from mmpose.models.utils.transformer import drop_path_rates
from mmpose.models.utils.window_attention import WindowMSA, window_partition, window_reverse
from mmpose.registry import MODELS

from .branch_exchange import check_branches, separable_conv_norm
from .hrnet import HRModule, HRNet
from .residual_blocks import Bottleneck
from .utils import run_block

if TYPE_CHECKING:
    from mmpose.utils.typing import OptConfigType, OptMultiConfig


class LocalWindowSelfAttention(BaseModule):
    """Attention in windows that do not overlap, over maps padded evenly on all sides.

    Args:
        embed_dims: Channels of the input and of the output.
        num_heads: Number of attention heads.
        window_size: Side of the windows, or (h, w).
        with_pad_mask: Whether cells do not attend to the padding.
        **kwargs: Passed to :class:`WindowMSA`.
    """

    def __init__(
        self,
        embed_dims: int,
        num_heads: int,
        window_size: int | tuple[int, int],
        with_pad_mask: bool = False,
        **kwargs,
    ) -> None:
        super().__init__()
        self.window_size = to_2tuple(window_size)
        self.with_pad_mask = with_pad_mask
        self.attn = WindowMSA(embed_dims, num_heads, self.window_size, **kwargs)

    def forward(self, x: Tensor) -> Tensor:
        """The attended feature maps (B, H, W, C)."""
        H, W = x.shape[1:3]
        pad_h, pad_w = -H % self.window_size[0], -W % self.window_size[1]
        top, left = pad_h // 2, pad_w // 2
        pads = (0, 0, left, pad_w - left, top, pad_h - top)
        mask = None
        if any(pads):
            x = pad(x, pads)
            if self.with_pad_mask:
                mask = pad(x.new_zeros(1, H, W, 1), pads, value=-torch.inf)
                mask = window_partition(mask, self.window_size).transpose(1, 2)
        windows = self.attn(window_partition(x, self.window_size), mask)
        out = window_reverse(windows, self.window_size, (H + pad_h, W + pad_w))
        return out[:, top : top + H, left : left + W]


class CrossFFN(BaseModule):
    """A feed-forward network with a 3x3 convolution inside, by which windows exchange features.

    Args:
        in_features: Channels of the input.
        hidden_features: Channels inside.
        out_features: Channels of the output.
        act_cfg: Kind of activation.
        norm_cfg: Kind of norm layer.
    """

    def __init__(
        self,
        in_features: int,
        hidden_features: int,
        out_features: int,
        act_cfg: dict = dict(type='GELU'),
        norm_cfg: dict = dict(type='SyncBN'),
    ) -> None:
        super().__init__()
        self.fc1 = nn.Conv2d(in_features, hidden_features, 1)
        self.norm1 = build_norm_layer(norm_cfg, hidden_features)[1]
        self.dw3x3 = nn.Conv2d(
            hidden_features, hidden_features, 3, padding=1, groups=hidden_features
        )
        self.norm2 = build_norm_layer(norm_cfg, hidden_features)[1]
        self.fc2 = nn.Conv2d(hidden_features, out_features, 1)
        self.norm3 = build_norm_layer(norm_cfg, out_features)[1]
        self.act = build_activation_layer(act_cfg)

    def forward(self, x: Tensor) -> Tensor:
        """The features (B, ``out_features``, H, W)."""
        x = self.act(self.norm1(self.fc1(x)))
        x = self.act(self.norm2(self.dw3x3(x)))
        return self.act(self.norm3(self.fc2(x)))


class HRFormerBlock(BaseModule):
    """Attention in local windows, then a feed-forward network, both with a shortcut.

    Args:
        in_features: Channels of the input.
        out_features: Channels of the output, the same number.
        num_heads: Number of attention heads.
        window_size: Side of the windows, or (h, w).
        mlp_ratio: Ratio of the channels inside the feed-forward network to ``in_features``.
        drop_path: Probability that training leaves out a branch for a sample.
        act_cfg: Kind of activation.
        norm_cfg: Kind of norm layer in the feed-forward network.
        transformer_norm_cfg: Kind of norm layer before each of the two.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.
        with_cp: Whether to compute the block again in the backward pass, to save memory.
        **kwargs: Passed to :class:`LocalWindowSelfAttention`.

    Raises:
        ValueError: ``out_features`` differs from ``in_features``, or is no multiple of
            ``num_heads``.
    """

    expansion = 1

    def __init__(
        self,
        in_features: int,
        out_features: int,
        num_heads: int,
        window_size: int | tuple[int, int] = 7,
        mlp_ratio: float = 4.0,
        drop_path: float = 0.0,
        act_cfg: dict = dict(type='GELU'),
        norm_cfg: dict = dict(type='SyncBN'),
        transformer_norm_cfg: dict = dict(type='LN', eps=1e-6),
        init_cfg: OptMultiConfig = None,
        with_cp: bool = False,
        **kwargs,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        if in_features != out_features:
            raise ValueError(
                f'HRFormerBlock gets {in_features} channels and returns {out_features}; its '
                'shortcuts need the same number.'
            )
        self.num_heads = num_heads
        self.window_size = window_size
        self.mlp_ratio = mlp_ratio
        self.with_cp = with_cp
        self.norm1 = build_norm_layer(transformer_norm_cfg, in_features)[1]
        self.attn = LocalWindowSelfAttention(in_features, num_heads, window_size, **kwargs)
        self.norm2 = build_norm_layer(transformer_norm_cfg, in_features)[1]
        hidden_features = int(in_features * mlp_ratio)
        self.ffn = CrossFFN(in_features, hidden_features, out_features, act_cfg, norm_cfg)
        self.drop_path = DropPath(drop_path)

    def _compute(self, x: Tensor) -> Tensor:
        x = x.permute(0, 2, 3, 1)
        x = x + self.drop_path(self.attn(self.norm1(x)))
        residual = self.ffn(self.norm2(x).permute(0, 3, 1, 2))
        return x.permute(0, 3, 1, 2) + self.drop_path(residual)

    def forward(self, x: Tensor) -> Tensor:
        """The features (B, C, H, W), in the input's shape."""
        return run_block(self._compute, x, self.with_cp)

    def extra_repr(self) -> str:
        """The settings that the layers do not show."""
        return (
            f'num_heads={self.num_heads}, window_size={self.window_size}, '
            f'mlp_ratio={self.mlp_ratio}'
        )


class HRFomerModule(HRModule):
    """Parallel branches of transformer blocks, then the exchange between their resolutions.

    Args:
        num_branches: Number of branches; each halves the resolution of the one before.
        block: Class of the blocks, called as :class:`HRFormerBlock`.
        num_blocks: Number of blocks of each branch.
        num_inchannels: Channels of each branch's input.
        num_channels: Channels of each branch's blocks.
        num_heads: Number of attention heads of each branch.
        num_window_sizes: Side of each branch's windows.
        num_mlp_ratios: Ratio of the channels inside each branch's feed-forward networks.
        multiscale_output: Whether every branch is returned, not the finest alone.
        drop_paths: Probability that training leaves out a part of a block for a sample, by the
            block's place in its branch; one number for all.
        with_rpe: Whether attention has a learned bias by relative position.
        with_pad_mask: Whether cells do not attend to the padding around maps.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Kind of norm layer of convolutions.
        transformer_norm_cfg: Kind of norm layer of transformer blocks.
        with_cp: Whether blocks are computed again in the backward pass, to save memory.
        upsample_cfg: ``mode`` and ``align_corners`` of the upsampling between branches.
        **kwargs: Passed to :class:`HRModule`.

    Raises:
        ValueError: A sequence does not have one entry per branch.
    """

    conv_norm = staticmethod(separable_conv_norm)

    def __init__(
        self,
        num_branches: int,
        block: type[nn.Module],
        num_blocks: Sequence[int],
        num_inchannels: Sequence[int],
        num_channels: Sequence[int],
        num_heads: Sequence[int],
        num_window_sizes: Sequence[int],
        num_mlp_ratios: Sequence[float],
        multiscale_output: bool = True,
        drop_paths: float | Sequence[float] = 0.0,
        with_rpe: bool = True,
        with_pad_mask: bool = False,
        conv_cfg: OptConfigType = None,
        norm_cfg: dict = dict(type='SyncBN', requires_grad=True),
        transformer_norm_cfg: dict = dict(type='LN', eps=1e-6),
        with_cp: bool = False,
        upsample_cfg: dict = dict(mode='bilinear', align_corners=False),
        **kwargs,
    ) -> None:
        check_branches(
            num_branches,
            num_heads=num_heads,
            num_window_sizes=num_window_sizes,
            num_mlp_ratios=num_mlp_ratios,
        )
        if not isinstance(drop_paths, Sequence):
            drop_paths = [drop_paths] * max(num_blocks)
        self.drop_paths = drop_paths
        self.attention_cfgs = [
            dict(num_heads=heads, window_size=window_size, mlp_ratio=mlp_ratio)
            for heads, window_size, mlp_ratio in zip(
                num_heads, num_window_sizes, num_mlp_ratios, strict=True
            )
        ]
        self.shared_cfg = dict(
            norm_cfg=norm_cfg,
            transformer_norm_cfg=transformer_norm_cfg,
            with_cp=with_cp,
            with_rpe=with_rpe,
            with_pad_mask=with_pad_mask,
        )
        super().__init__(
            num_branches,
            block,
            num_blocks,
            num_inchannels,
            num_channels,
            multiscale_output,
            with_cp=with_cp,
            conv_cfg=conv_cfg,
            norm_cfg=norm_cfg,
            upsample_cfg=upsample_cfg,
            **kwargs,
        )

    def make_branch(
        self, index: int, block: type[nn.Module], num_blocks: int, in_channels: int
    ) -> nn.Sequential:
        """The transformer blocks of a branch; see :meth:`HRModule.make_branch`."""
        width = self.in_channels[index]
        before = [in_channels] + [width] * (num_blocks - 1)
        cfgs = self.attention_cfgs[index] | self.shared_cfg
        return nn.Sequential(
            *(
                block(n, width, drop_path=drop_path, **cfgs)
                for n, drop_path in zip(before, self.drop_paths[:num_blocks], strict=True)
            )
        )

    def get_num_inchannels(self) -> list[int]:
        """The channels of each branch, which the next module gets."""
        return self.in_channels


@MODELS.register_module()
class HRFormer(HRNet):
    """Feature maps that keep their resolution, by attention in local windows.

    Paper: `Yuan et al., 2021, HRFormer: High-Resolution Transformer for Dense Prediction
    <https://arxiv.org/abs/2110.09408>`_. As in the published networks, cells attend to the padding
    around maps unless ``with_pad_mask`` is set.

    Args:
        extra: ``stage1`` to ``stage4`` as in :class:`HRNet`. Stages of the block
            ``'HRFORMERBLOCK'`` also have ``num_heads``, ``window_sizes`` and ``mlp_ratios``, an
            entry per branch. ``drop_path_rate`` is the probability that training leaves out a part
            of the last block for a sample; it grows from 0 at the first block. ``with_rpe``
            (``True``) and ``with_pad_mask`` (``False``) are those of :class:`HRFomerModule`.
            ``upsample`` is bilinear by default.
        in_channels: Channels of the picture.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Kind of norm layer of convolutions.
        transformer_norm_cfg: Kind of norm layer of transformer blocks.
        norm_eval: Whether batch norm keeps its statistics in training.
        with_cp: Whether blocks are computed again in the backward pass, to save memory.
        zero_init_residual: Whether blocks of the first stage start as the identity.
        frozen_stages: -1 for nothing, 0 for the stem, n for the first n stages too.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Raises:
        KeyError: ``extra`` lacks a stage.
        ValueError: A stage names an unknown block, or its sequences do not fit its branches.
    """

    blocks_dict = dict(BOTTLENECK=Bottleneck, HRFORMERBLOCK=HRFormerBlock)

    def __init__(
        self,
        extra: dict,
        in_channels: int = 3,
        conv_cfg: OptConfigType = None,
        norm_cfg: dict = dict(type='BN', requires_grad=True),
        transformer_norm_cfg: dict = dict(type='LN', eps=1e-6),
        norm_eval: bool = False,
        with_cp: bool = False,
        zero_init_residual: bool = False,
        frozen_stages: int = -1,
        init_cfg: OptMultiConfig = [
            dict(type='Normal', std=0.001, layer=['Conv2d']),
            dict(type='Constant', val=1, layer=['_BatchNorm', 'GroupNorm']),
        ],
    ) -> None:
        self.transformer_norm_cfg = transformer_norm_cfg
        super().__init__(
            self._complete(extra),
            in_channels=in_channels,
            conv_cfg=conv_cfg,
            norm_cfg=norm_cfg,
            norm_eval=norm_eval,
            with_cp=with_cp,
            zero_init_residual=zero_init_residual,
            frozen_stages=frozen_stages,
            init_cfg=init_cfg,
        )

    @staticmethod
    def _complete(extra: dict) -> dict:
        """A copy of ``extra`` with the default upsampling and the drop path rates of each stage."""
        stages = {name: extra[name] for name in ('stage2', 'stage3', 'stage4') if name in extra}
        depths = [stage['num_modules'] * max(stage['num_blocks']) for stage in stages.values()]
        rates = iter(drop_path_rates(extra.get('drop_path_rate', 0.0), sum(depths)))
        complete = dict(extra)
        complete.setdefault('upsample', dict(mode='bilinear', align_corners=False))
        for (name, stage), depth in zip(stages.items(), depths, strict=True):
            complete[name] = dict(stage, drop_paths=list(islice(rates, depth)))
        return complete

    def _make_stage(
        self, layer_config: dict, in_channels: Sequence[int], multiscale_output: bool = True
    ) -> tuple[nn.Sequential, list[int]]:
        depth = max(layer_config['num_blocks'])
        modules = []
        for i in range(layer_config['num_modules']):
            last = i == layer_config['num_modules'] - 1
            module = HRFomerModule(
                layer_config['num_branches'],
                self.blocks_dict[layer_config['block']],
                layer_config['num_blocks'],
                in_channels,
                layer_config['num_channels'],
                layer_config['num_heads'],
                layer_config['window_sizes'],
                layer_config['mlp_ratios'],
                multiscale_output or not last,
                drop_paths=layer_config['drop_paths'][i * depth : (i + 1) * depth],
                with_rpe=self.extra.get('with_rpe', True),
                with_pad_mask=self.extra.get('with_pad_mask', False),
                conv_cfg=self.conv_cfg,
                norm_cfg=self.norm_cfg,
                transformer_norm_cfg=self.transformer_norm_cfg,
                with_cp=self.with_cp,
                upsample_cfg=self.upsample_cfg,
            )
            in_channels = module.get_num_inchannels()
            modules.append(module)
        return nn.Sequential(*modules), in_channels

"""The head of RTMW."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from mmcv.cnn import ConvModule
from torch import Tensor, nn

from mmpose.registry import MODELS

from ...necks.feature_maps import check_halved_maps
from .base_gated_head import BaseGatedHead, embedding

if TYPE_CHECKING:
    from mmpose.utils.typing import Features


@MODELS.register_module()
class RTMWHead(BaseGatedHead):
    """Logits of x and y from the last feature map and the one before it, of twice its size.

    Half of each keypoint's token comes from the last map. The other half comes from that map,
    enlarged by a pixel shuffle, beside the finer one.

    Paper: `Jiang et al., 2024, RTMW <https://arxiv.org/abs/2407.08634>`_.

    The arguments that are not listed are those of :class:`BaseGatedHead`.

    Args:
        in_channels: Channels C of the last feature map, or (C / 2, C) of both.

    Raises:
        ValueError: C is no multiple of 4, the channels are other, or see :class:`BaseGatedHead`.

    Example:
        >>> import torch
        >>> head = RTMWHead(8, 17, input_size=(192, 256), in_featuremap_size=(6, 8))
        >>> feats = torch.zeros(2, 4, 16, 12), torch.zeros(2, 8, 8, 6)
        >>> [tuple(logits.shape) for logits in head(feats)]
        [(2, 17, 384), (2, 17, 512)]
    """

    def make_embeddings(self, kernel_size: int) -> None:
        """Set the layers from either map to its half of the tokens."""
        coarse = self.last_channels
        fine, shuffled = coarse // 2, coarse // 4
        given = self.in_channels
        if coarse % 4 or (given != coarse and tuple(given) != (fine, coarse)):
            raise ValueError(
                f'in_channels is {given}; give a multiple of 4, the channels C of the last feature '
                'map, or (C / 2, C).'
            )
        self.in_channels = (fine, coarse)
        same = dict(kernel_size=kernel_size, padding=kernel_size // 2, norm_cfg=dict(type='BN'))
        self.ps = nn.PixelShuffle(2)
        self.conv_dec = ConvModule(shuffled, shuffled, **same)
        self.final_layer = ConvModule(coarse, self.out_channels, **same)
        self.final_layer2 = ConvModule(shuffled + fine, self.out_channels, **same)
        half = self.hidden_dims // 2
        self.mlp = embedding(self.cells, half)
        self.mlp2 = embedding(4 * self.cells, self.hidden_dims - half)

    def forward(self, feats: Features) -> tuple[Tensor, Tensor]:
        """Logits (B, K, Wx) and (B, K, Wy).

        Args:
            feats: (B, C / 2, 2 H, 2 W) and (B, C, H, W).

        Raises:
            ValueError: The maps differ in number or size from these.
        """
        if len(feats) != 2:
            raise ValueError(
                f'RTMWHead gets {len(feats)} feature maps and reads 2; set `out_indices` of the '
                'neck to its last two.'
            )
        self.check_last_map(feats[-1])
        check_halved_maps(self, feats)
        fine, coarse = feats
        tokens = self.mlp(self.final_layer(coarse).flatten(2))
        detailed = self.final_layer2(torch.cat([self.conv_dec(self.ps(coarse)), fine], dim=1))
        return self.classify(torch.cat([tokens, self.mlp2(detailed.flatten(2))], dim=-1))

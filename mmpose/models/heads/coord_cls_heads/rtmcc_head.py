"""The head of RTMPose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor, nn

from mmpose.registry import MODELS

from .base_gated_head import BaseGatedHead, embedding

if TYPE_CHECKING:
    from mmpose.utils.typing import Features


@MODELS.register_module()
class RTMCCHead(BaseGatedHead):
    """Logits of x and y from the last feature map.

    Paper: `Jiang et al., 2023, RTMPose <https://arxiv.org/abs/2303.07399>`_.

    The arguments are those of :class:`BaseGatedHead`.

    Example:
        >>> import torch
        >>> head = RTMCCHead(8, 17, input_size=(192, 256), in_featuremap_size=(6, 8))
        >>> [tuple(logits.shape) for logits in head((torch.zeros(2, 8, 8, 6),))]
        [(2, 17, 384), (2, 17, 512)]
    """

    def make_embeddings(self, kernel_size: int) -> None:
        """Set ``final_layer`` and ``mlp``."""
        self.final_layer = nn.Conv2d(
            self.last_channels, self.out_channels, kernel_size, padding=kernel_size // 2
        )
        self.mlp = embedding(self.cells, self.hidden_dims)

    def forward(self, feats: Features) -> tuple[Tensor, Tensor]:
        """Logits (B, K, Wx) and (B, K, Wy) from feature maps, of which only the last is read."""
        self.check_last_map(feats[-1])
        return self.classify(self.mlp(self.final_layer(feats[-1]).flatten(2)))

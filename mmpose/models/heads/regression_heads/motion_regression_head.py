"""Poses from features of each keypoint in each frame."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import Tensor, nn

from mmpose.registry import MODELS

from .base_lifting_head import BaseLiftingHead

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType, OptConfigType, OptMultiConfig, SampleList


@MODELS.register_module()
class MotionRegressionHead(BaseLiftingHead):
    """Poses (B, T, K, D) of all frames of tracks.

    Paper: `Zhu et al., 2023, MotionBERT: A Unified Perspective on Learning Human Motion
    Representations <https://arxiv.org/abs/2210.06551>`_.

    Args:
        in_channels: Channels of the features.
        out_channels: Number of dimensions D, 3.
        embedding_size: Channels between two linear layers; 0 for a single layer.
        loss: The loss.
        decoder: Codec that turns the outputs into poses; ``None`` to train only.
        init_cfg: Initialisation; ``None`` for :attr:`default_init_cfg`.
    """

    def __init__(
        self,
        in_channels: int = 256,
        out_channels: int = 3,
        embedding_size: int = 512,
        loss: ConfigType = dict(type='MSELoss', use_target_weight=True),
        decoder: OptConfigType = None,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(in_channels, loss, decoder, init_cfg)
        self.out_channels = out_channels
        self.pre_logits = nn.Identity()
        if embedding_size > 0:
            self.pre_logits = nn.Sequential(
                OrderedDict(fc=nn.Linear(in_channels, embedding_size), act=nn.Tanh())
            )
        self.fc = nn.Linear(embedding_size or in_channels, out_channels)

    @property
    def default_init_cfg(self) -> list[dict]:
        """The initialisation of heads whose config gives none."""
        return [dict(type='TruncNormal', layer='Linear', std=0.02, bias=0)]

    def forward(self, feats: Tensor) -> Tensor:
        """Poses (B, T, K, D) from features (B, T, K, C)."""
        return self.fc(self.pre_logits(feats))

    def targets(self, batch_data_samples: SampleList) -> tuple[Tensor, Tensor]:
        """Poses (B, T, K, 3) and their weights (B, T, K)."""
        poses, weights = super().targets(batch_data_samples)
        B = len(batch_data_samples)
        return poses.unflatten(0, (B, -1)), weights.unflatten(0, (B, -1))

    def decoding_facts(self, metainfo: dict) -> dict[str, Any]:
        """See :class:`BaseLiftingHead`; size of the image and metres per thousand pixels."""
        camera = metainfo.get('camera_param') or {}
        factor = metainfo.get('factor')
        return dict(
            w=camera.get('w'),
            h=camera.get('h'),
            factor=None if factor is None else np.reshape(factor, (1, -1, 1)),
        )

"""Poses from the features of temporal convolutions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from mmpose.registry import MODELS

from .base_lifting_head import BaseLiftingHead

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType, Features, OptConfigType, OptMultiConfig


@MODELS.register_module()
class TemporalRegressionHead(BaseLiftingHead):
    """Poses (B * T, K, 3) of the T frames that temporal convolutions leave, one pose for each.

    Paper: `Pavllo et al., 2019, 3D Human Pose Estimation in Video with Temporal Convolutions and
    Semi-supervised Training <https://arxiv.org/abs/1811.11742>`_.

    Args:
        in_channels: Channels of the last features, or of all.
        num_joints: Number of keypoints K; one less where the codec removes the root.
        loss: The loss.
        decoder: Codec that turns the outputs into poses; ``None`` to train only.
        init_cfg: Initialisation; ``None`` for :attr:`default_init_cfg`.
    """

    def __init__(
        self,
        in_channels: int | Sequence[int],
        num_joints: int,
        loss: ConfigType = dict(type='MSELoss', use_target_weight=True),
        decoder: OptConfigType = None,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(in_channels, loss, decoder, init_cfg)
        self.num_joints = num_joints
        channels = in_channels if isinstance(in_channels, int) else in_channels[-1]
        self.conv = nn.Conv1d(channels, num_joints * 3, 1)

    def forward(self, feats: Features) -> Tensor:
        """Poses (B * T, K, 3), the frames of a sample together.

        Args:
            feats: Features, of which only the last, (B, C, T), are read.
        """
        frames = self.conv(feats[-1]).transpose(1, 2).flatten(0, 1)
        return frames.unflatten(1, (self.num_joints, 3))

    def decoding_facts(self, metainfo: dict) -> dict[str, Any]:
        """See :class:`BaseLiftingHead`; poses are moved to ``target_root``, where it is known."""
        return dict(target_root=metainfo.get('target_root'))

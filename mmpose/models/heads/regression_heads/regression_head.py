"""Coordinates from one linear layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from torch import Tensor, nn

from mmpose.registry import MODELS

from .base_regression_head import BaseRegressionHead

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType, Features, OptConfigType, OptMultiConfig


@MODELS.register_module()
class RegressionHead(BaseRegressionHead):
    """Coordinates (B, K, 2) as fractions of the input, from pooled features.

    Paper: `Toshev and Szegedy, 2014, DeepPose <https://arxiv.org/abs/1312.4659>`_; one stage.

    Args:
        in_channels: Channels of the last feature map, or of all.
        num_joints: Number of keypoints K.
        loss: The loss.
        decoder: Codec that turns the coordinates into keypoints; ``None`` to train only.
        init_cfg: Initialisation; ``None`` for :attr:`default_init_cfg`.
    """

    values_per_joint: ClassVar[int] = 2

    def __init__(
        self,
        in_channels: int | Sequence[int],
        num_joints: int,
        loss: ConfigType = dict(type='SmoothL1Loss', use_target_weight=True),
        decoder: OptConfigType = None,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(in_channels, num_joints, loss, decoder, init_cfg)
        channels = in_channels if isinstance(in_channels, int) else in_channels[-1]
        self.fc = nn.Linear(channels, num_joints * self.values_per_joint)

    def forward(self, feats: Features) -> Tensor:
        """The values (B, K, 2) of each keypoint, from features of which only the last are read.

        Raises:
            ValueError: The last features have not ``in_channels`` values.
        """
        x = feats[-1].flatten(1)
        if x.shape[1] != self.fc.in_features:
            raise ValueError(
                f'{type(self).__name__} gets features {tuple(feats[-1].shape)}, {x.shape[1]} '
                f'values of each sample, for in_channels={self.fc.in_features}; pool them by the '
                'neck `GlobalAveragePooling`, or set `in_channels`.'
            )
        return self.fc(x).unflatten(1, (self.num_joints, self.values_per_joint))

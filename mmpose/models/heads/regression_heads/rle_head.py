"""Coordinates with their deviations, trained by likelihood."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor

from mmpose.registry import MODELS

from .regression_head import RegressionHead

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType, Features, OptConfigType, OptMultiConfig


@MODELS.register_module()
class RLEHead(RegressionHead):
    r"""Coordinates (B, K, 2) and the logits of their deviations along x and y, as (B, K, 4).

    Paper: `Li et al., 2021, Human Pose Regression with Residual Log-likelihood Estimation
    <https://arxiv.org/abs/2107.11291>`_. The loss, :class:`~mmpose.models.losses.RLELoss`, learns
    the density of the errors; its weights are saved with the head and not needed for prediction.

    The arguments are those of :class:`RegressionHead`.
    """

    _version = 2
    values_per_joint: ClassVar[int] = 4

    def __init__(
        self,
        in_channels: int | Sequence[int],
        num_joints: int,
        loss: ConfigType = dict(type='RLELoss', use_target_weight=True),
        decoder: OptConfigType = None,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(in_channels, num_joints, loss, decoder, init_cfg)

    def final_outputs(self, feats: Features, test_cfg: ConfigType) -> Tensor:
        """Coordinates and deviations, 0 to 1, (B, K, 4)."""
        coords, logits = self(feats).split(2, dim=-1)
        return torch.cat([coords, logits.sigmoid()], dim=-1)

    def criterion(self, outputs: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        """The loss, a scalar; its module takes the two parts of the outputs one by one."""
        return self.loss_module(*outputs.split(2, dim=-1), targets, weights)

    def _load_from_state_dict(
        self, state_dict: dict, prefix: str, local_metadata: dict, *args: Any
    ) -> None:
        if (local_metadata.get('version') or 1) < 2:
            # releases 0.x called the loss module `loss`
            old, new = f'{prefix}loss.', f'{prefix}loss_module.'
            for key in [key for key in state_dict if key.startswith(old)]:
                state_dict[new + key.removeprefix(old)] = state_dict.pop(key)
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *args)

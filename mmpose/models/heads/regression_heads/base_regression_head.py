"""What the heads that predict the coordinates of keypoints in a picture share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from mmpose.registry import KEYPOINT_CODECS, MODELS

from ...utils.accuracy import keypoint_pck
from ...utils.ops import to_float32
from ...utils.tta import flip_coordinates
from ..base_head import BaseHead
from ..targets import labels_of

if TYPE_CHECKING:
    from mmpose.utils.typing import (
        ConfigType,
        Features,
        OptConfigType,
        OptMultiConfig,
        SampleList,
    )


class BaseRegressionHead(BaseHead):
    """The hooks of :class:`BaseHead` for outputs (B, K, D) with x and y first.

    Coordinates are fractions of the input. A head whose outputs are laid out otherwise overrides
    :meth:`coordinates`, :meth:`flip_back` and :meth:`decoder_input`.

    Args:
        in_channels: Channels of the last feature map, or of all.
        num_joints: Number of keypoints K.
        loss: The loss.
        decoder: Codec that turns the outputs into keypoints; ``None`` to train only.
        init_cfg: Initialisation; ``None`` for :attr:`default_init_cfg`.
    """

    def __init__(
        self,
        in_channels: int | Sequence[int],
        num_joints: int,
        loss: ConfigType,
        decoder: OptConfigType,
        init_cfg: OptMultiConfig,
    ) -> None:
        super().__init__(init_cfg=self.default_init_cfg if init_cfg is None else init_cfg)
        self.in_channels = in_channels
        self.num_joints = num_joints
        self.loss_module = MODELS.build(loss)
        self.decoder = KEYPOINT_CODECS.build(decoder) if decoder is not None else None

    @property
    def default_init_cfg(self) -> list[dict]:
        """The initialisation of heads whose config gives none."""
        return [dict(type='Normal', layer=['Linear'], std=0.01, bias=0)]

    def loss(
        self, inputs: Features, batch_data_samples: SampleList, train_cfg: ConfigType = {}
    ) -> dict[str, Tensor]:
        """As :meth:`BaseHead.loss`, whose ``feats`` have another name in the interface."""
        return super().loss(inputs, batch_data_samples, train_cfg)

    def coordinates(self, outputs: Any) -> Tensor:
        """(B, K, 2) of the outputs, in single precision."""
        return to_float32(outputs[..., :2])

    def flip_back(self, outputs: Any, metainfo: dict, test_cfg: ConfigType) -> Any:
        """See :meth:`BaseHead.flip_back`; reads ``shift_coords``, true by default."""
        return flip_coordinates(
            outputs,
            flip_indices=metainfo['flip_indices'],
            shift_coords=test_cfg.get('shift_coords', True),
            input_size=metainfo['input_size'],
        )

    def decoder_input(self, outputs: Any) -> Tensor:
        """The outputs, in single precision."""
        return to_float32(outputs)

    def targets(self, batch_data_samples: SampleList) -> tuple[Any, Tensor]:
        """Coordinates (B, K, 2) and keypoint weights (B, K)."""
        return labels_of(batch_data_samples, 'keypoint_labels', 'keypoint_weights')

    @torch.no_grad()
    def accuracy(self, outputs: Any, targets: Any, weights: Tensor) -> Tensor:
        """The share of keypoints within 5 % of the input's sides, as :func:`keypoint_pck` does."""
        return keypoint_pck(self.coordinates(outputs) - targets, weights > 0, thr=0.05)

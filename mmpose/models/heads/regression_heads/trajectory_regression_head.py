"""The position of the root in space from the features of temporal convolutions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import torch
from torch import Tensor

from mmpose.registry import MODELS

from ...utils.ops import tensor_beside
from ..targets import labels_of
from .temporal_regression_head import TemporalRegressionHead

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType, OptConfigType, OptMultiConfig, SampleList


@MODELS.register_module()
class TrajectoryRegressionHead(TemporalRegressionHead):
    """Positions (B * T, K, 3) in the space of the camera, of the root alone or of all keypoints.

    Paper: `Pavllo et al., 2019, 3D Human Pose Estimation in Video with Temporal Convolutions and
    Semi-supervised Training <https://arxiv.org/abs/1811.11742>`_. Errors are weighted by
    ``trajectory_weights`` of the codec, less for what is far away.

    Args:
        in_channels: Channels of the last features, or of all.
        num_joints: 1 for the root, whose target is ``target_root`` in the samples' metainfo; or K,
            whose targets are the codec's poses, which are then not to be relative to the root
            (``zero_center=False``).
        loss: The loss.
        decoder: Codec of the targets, which says what the root is; ``None``: keypoint 0.
        init_cfg: Initialisation; ``None`` for :attr:`default_init_cfg`.
    """

    loss_name: ClassVar[str] = 'loss_traj'
    accuracy_name: ClassVar[str] = 'mpjpe_traj'

    def __init__(
        self,
        in_channels: int | Sequence[int],
        num_joints: int,
        loss: ConfigType = dict(type='MPJPELoss', use_target_weight=True),
        decoder: OptConfigType = None,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(in_channels, num_joints, loss, decoder, init_cfg)

    def targets(self, batch_data_samples: SampleList) -> tuple[Tensor, Tensor]:
        """Positions (frames of all samples, K, 3) and their weights (frames, K).

        Raises:
            KeyError: The root is to be predicted, and a sample does not know where it is.
        """
        if self.num_joints > 1:
            return labels_of(batch_data_samples, 'lifting_target_label', 'trajectory_weights')
        (weights,) = labels_of(batch_data_samples, 'trajectory_weights')
        roots = np.concatenate([_root_of(sample.metainfo) for sample in batch_data_samples])
        root_index = getattr(self.decoder, 'root_index', [0])
        return (
            tensor_beside(roots, weights, dtype=torch.float32),
            torch.stack([weights[:, i] for i in root_index], dim=1).amin(dim=1, keepdim=True),
        )

    def decoded(self, poses: np.ndarray, metainfo: dict) -> tuple[np.ndarray, np.ndarray]:
        """Positions (T, K, 3), which are in the space of the camera already, and scores of 1."""
        return poses, np.ones(poses.shape[:-1], dtype=np.float32)


def _root_of(metainfo: dict) -> np.ndarray:
    """(T, 1, 3)."""
    if 'target_root' not in metainfo:
        raise KeyError(
            'TrajectoryRegressionHead needs `target_root` in the samples; add it to `meta_keys` of '
            '`PackPoseInputs`, and set `zero_center=True` in the codec that encodes the targets.'
        )
    return np.reshape(metainfo['target_root'], (-1, 1, 3))

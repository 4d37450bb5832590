"""What the heads that predict poses in space from keypoint tracks share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from mmengine.structures import InstanceData
from torch import Tensor

from mmpose.registry import KEYPOINT_CODECS, MODELS
from mmpose.utils.tensor_utils import to_numpy

from ...utils.accuracy import mean_distance
from ...utils.ops import to_float32
from ...utils.tta import flip_poses
from ..base_head import BaseHead, warn_of_no_heatmaps
from ..targets import labels_of

if TYPE_CHECKING:
    from mmpose.utils.typing import (
        ConfigType,
        Features,
        InstanceList,
        OptConfigType,
        OptMultiConfig,
        SampleList,
    )


class BaseLiftingHead(BaseHead):
    """The hooks of :class:`BaseHead` for outputs (..., K, 3), poses of single frames.

    What a network predicts is decoded with facts about each sample, such as where its root is; a
    head says which in :meth:`decoding_facts`.

    Args:
        in_channels: Channels of the last features, or of all.
        loss: The loss.
        decoder: Codec that turns the outputs into poses; ``None`` to train only.
        init_cfg: Initialisation; ``None`` for :attr:`default_init_cfg`.
    """

    loss_name: ClassVar[str] = 'loss_pose3d'
    accuracy_name: ClassVar[str] = 'mpjpe'

    def __init__(
        self,
        in_channels: int | Sequence[int],
        loss: ConfigType,
        decoder: OptConfigType,
        init_cfg: OptMultiConfig,
    ) -> None:
        super().__init__(init_cfg=self.default_init_cfg if init_cfg is None else init_cfg)
        self.in_channels = in_channels
        self.loss_module = MODELS.build(loss)
        self.decoder = KEYPOINT_CODECS.build(decoder) if decoder is not None else None

    @property
    def default_init_cfg(self) -> list[dict]:
        """The initialisation of heads whose config gives none: that of PyTorch."""
        return []

    @abstractmethod
    def decoding_facts(self, metainfo: dict) -> dict[str, Any]:
        """Keyword arguments of the decoder's ``decode`` for a sample with this metainfo."""

    def predict(
        self,
        feats: Features | Sequence[Features],
        batch_data_samples: SampleList,
        test_cfg: ConfigType = {},
    ) -> InstanceList:
        """Poses (N, K, 3) or (N, T, K, 3), in the unit of the decoder, of each sample.

        It differs from :meth:`BaseHead.predict` in what the decoder is given.

        Args:
            feats: Features of the tracks; with ``flip_test`` also those of the mirrored tracks.
            batch_data_samples: The samples, with ``flip_indices`` in their metainfo for a flip
                test.
            test_cfg: ``flip_test``.

        Raises:
            KeyError: A flip test lacks ``flip_indices``.
            RuntimeError: The head has no decoder.
        """
        warn_of_no_heatmaps(self, test_cfg)
        outputs = to_float32(self.averaged_outputs(feats, batch_data_samples, test_cfg))
        # heads that return the frames of all samples in a row get them back in their samples
        encoded = to_numpy(outputs).reshape(len(batch_data_samples), -1, *outputs.shape[1:])
        decoded = (
            self.decoded(poses, sample.metainfo)
            for poses, sample in zip(encoded, batch_data_samples, strict=True)
        )
        return [InstanceData(keypoints=poses, keypoint_scores=scores) for poses, scores in decoded]

    def loss(
        self, inputs: Features, batch_data_samples: SampleList, train_cfg: ConfigType = {}
    ) -> dict[str, Tensor]:
        """As :meth:`BaseHead.loss`, whose ``feats`` have another name in the interface."""
        return super().loss(inputs, batch_data_samples, train_cfg)

    def decoded(self, poses: np.ndarray, metainfo: dict) -> tuple[np.ndarray, np.ndarray]:
        """The poses of a sample in the unit of the decoder, and their scores.

        Args:
            poses: (T, K, 3), or (1, T, K, 3) of a head that keeps frames apart, as predicted.
            metainfo: Of the sample.

        Raises:
            RuntimeError: The head has no decoder.
        """
        self.check_decoder()
        return self.decoder.decode(poses, **self.decoding_facts(metainfo))

    def flip_back(self, outputs: Tensor, metainfo: dict, test_cfg: ConfigType) -> Tensor:
        """See :meth:`BaseHead.flip_back`; there is no setting.

        Raises:
            NotImplementedError: The decoder's keypoints are normalised one by one.
        """
        if getattr(self.decoder, 'keypoints_mean', None) is not None:
            raise NotImplementedError(
                f'{type(self.decoder).__name__} normalises each keypoint by its own mean, so '
                'inputs cannot be mirrored; set `flip_test=False`.'
            )
        return flip_poses(outputs, self._mirrors(metainfo['flip_indices'], outputs.shape[-2]))

    def _mirrors(self, flip_indices: Sequence[int], num_joints: int) -> Sequence[int]:
        """For each predicted joint the one that it becomes in a mirror.

        Args:
            flip_indices: (K,) the same for all keypoints.
            num_joints: K, K - 1 without the root, or 1 for the root alone.
        """
        if num_joints == 1:
            return [0]
        if getattr(self.decoder, 'remove_root', False) and num_joints == len(flip_indices) - 1:
            root = self.decoder.root_index[0]
            return [i - (i > root) for i in flip_indices if i != root]
        return flip_indices

    def targets(self, batch_data_samples: SampleList) -> tuple[Tensor, Tensor]:
        """Poses (frames of all samples, K, 3) and their weights (frames, K)."""
        return labels_of(batch_data_samples, 'lifting_target_label', 'lifting_target_weight')

    @torch.no_grad()
    def accuracy(self, outputs: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        """The mean distance of keypoints with a weight from the truth, in the targets' unit."""
        return mean_distance(to_float32(outputs), targets, weights > 0)

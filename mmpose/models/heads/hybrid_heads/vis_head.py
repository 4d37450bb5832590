"""A head that predicts the visibility of the keypoints beside another head's pose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from mmpose.registry import MODELS
from mmpose.utils.tensor_utils import to_numpy

from ...utils.ops import to_float32
from ...utils.tta import flip_visibility, mean_outputs
from ..base_head import BaseHead
from ..targets import labels_of

if TYPE_CHECKING:
    from mmengine.structures import PixelData

    from mmpose.utils.typing import (
        ConfigType,
        Features,
        InstanceList,
        OptMultiConfig,
        SampleList,
    )


@MODELS.register_module()
class VisPredictHead(BaseHead):
    """The outputs of a head for poses, and the visibility of each keypoint.

    The visibility comes from the mean of the last feature map, through a linear layer. It becomes
    ``keypoints_visible`` of the predictions. Its target is the ``keypoint_weights`` of the codec.
    Its weight is the samples' ``keypoints_visible_weights``, 0 for keypoints that a converted data
    set does not have; samples without them have weights of 1.

    The head for poses predicts and computes its losses by itself, so that it can be of any family.

    Args:
        pose_cfg: Config of the head for poses.
        loss: The loss of the visibility; with ``use_sigmoid`` it takes probabilities, else logits.
        init_cfg: Initialisation; ``None`` for :attr:`default_init_cfg`.

    Raises:
        ValueError: ``pose_cfg`` does not tell the number of keypoints.
    """

    def __init__(
        self,
        pose_cfg: ConfigType,
        loss: ConfigType = dict(type='BCELoss', use_target_weight=False, use_sigmoid=True),
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg=self.default_init_cfg if init_cfg is None else init_cfg)
        num_outputs = pose_cfg.get('num_joints') or pose_cfg.get('out_channels')
        if not num_outputs:
            raise ValueError(
                f'pose_cfg has neither `num_joints` nor `out_channels`, only {sorted(pose_cfg)}; '
                'set the number of keypoints there.'
            )
        self.pose_cfg = pose_cfg
        self.use_sigmoid = loss.get('use_sigmoid', False)
        self.loss_module = MODELS.build(loss)
        self.pose_head = MODELS.build(pose_cfg)
        self.decoder = self.pose_head.decoder
        self.in_channels = pose_cfg['in_channels']
        self.out_channels = num_outputs // getattr(self.decoder, 'maps_per_keypoint', 1)

        channels = self.in_channels if isinstance(self.in_channels, int) else self.in_channels[-1]
        self.vis_head = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, self.out_channels)
        )
        if self.use_sigmoid:
            self.vis_head.append(nn.Sigmoid())

    @property
    def default_init_cfg(self) -> list[dict]:
        """The initialisation of heads whose config gives none."""
        return [
            dict(type='Normal', layer=['Conv2d', 'ConvTranspose2d'], std=0.001),
            dict(type='Constant', layer='BatchNorm2d', val=1),
        ]

    def vis_forward(self, feats: Features) -> Tensor:
        """Probabilities (B, K) of being visible, or logits without ``use_sigmoid``.

        Args:
            feats: Feature maps, of which only the last is read: (B, C, H, W), or (B, C) pooled.
        """
        last = feats[-1]
        return self.vis_head(last if last.ndim == 4 else last[..., None, None])

    def forward(self, feats: Features) -> tuple[Any, Tensor]:
        """The outputs of the head for poses, and those of :meth:`vis_forward`."""
        return self.pose_head(feats), self.vis_forward(feats)

    def predict(
        self,
        feats: Features | Sequence[Features],
        batch_data_samples: SampleList,
        test_cfg: ConfigType = {},
    ) -> InstanceList | tuple[InstanceList, list[PixelData] | None]:
        """The poses, with ``keypoints_visible``, and the fields of the head for poses or ``None``.

        The arguments are those of :meth:`BaseHead.predict`.
        """
        preds = self.pose_head.predict(feats, batch_data_samples, test_cfg)
        if test_cfg.get('flip_test', False):
            plain, flipped = map(self.vis_forward, feats)
            flip_indices = batch_data_samples[0].metainfo['flip_indices']
            visible = mean_outputs(plain, flip_visibility(flipped, flip_indices))
        else:
            visible = self.vis_forward(feats)
        return self.integrate(self._probability(visible)[:, None], preds)

    def integrate(
        self,
        batch_vis: Tensor,
        pose_preds: InstanceList | tuple[InstanceList, list[PixelData] | None],
    ) -> tuple[InstanceList, list[PixelData] | None]:
        """The instances of the poses with their visibility, and the fields, ``None`` without.

        Args:
            batch_vis: (B, N, K) visibilities.
            pose_preds: Instances of each sample, alone or with fields; the instances are changed.
        """
        instances, fields = pose_preds if isinstance(pose_preds, tuple) else (pose_preds, None)
        for pred, visible in zip(instances, to_numpy(batch_vis), strict=True):
            pred.keypoints_visible = visible
        return instances, fields

    def loss(
        self, feats: Features, batch_data_samples: SampleList, train_cfg: ConfigType = {}
    ) -> dict[str, Tensor]:
        """The losses of the head for poses, and ``loss_vis`` and ``acc_vis``.

        Args:
            feats: Feature maps.
            batch_data_samples: The samples, with the codec's targets.
            train_cfg: As for :meth:`BaseHead.loss`.
        """
        outputs = self.vis_forward(feats)
        labels, weights = self.targets(batch_data_samples)
        losses = dict(loss_vis=self.loss_module(outputs, labels, weights))
        if train_cfg.get('compute_acc', True):
            losses['acc_vis'] = self.vis_accuracy(outputs, labels, weights)
        return losses | self.pose_head.loss(feats, batch_data_samples, train_cfg)

    def targets(self, batch_data_samples: SampleList) -> tuple[Tensor, Tensor | None]:
        """Visibilities (B, K) and their weights (B, K), ``None`` where the loss uses none."""
        (visible,) = labels_of(batch_data_samples, 'keypoint_weights')
        visible = visible.float()
        if not self.loss_module.use_target_weight:
            return visible, None
        # samples of a data set with all keypoints have no weights, unlike converted ones
        labels = [sample.gt_instance_labels for sample in batch_data_samples]
        weights = [
            label.get('keypoints_visible_weights', torch.ones_like(label.keypoint_weights))
            for label in labels
        ]
        return visible, torch.cat(weights).to(visible)

    @torch.no_grad()
    def vis_accuracy(
        self, vis_pred_outputs: Tensor, vis_labels: Tensor, vis_weights: Tensor | None = None
    ) -> Tensor:
        """The weighted share of keypoints whose visibility is predicted right.

        Args:
            vis_pred_outputs: (B, K) as :meth:`vis_forward` returns them.
            vis_labels: (B, K), 1 for visible keypoints and 0 for others.
            vis_weights: (B, K); ``None`` is 1.
        """
        hits = ((self._probability(vis_pred_outputs) >= 0.5) == vis_labels).float()
        if vis_weights is None:
            return hits.mean()
        return (hits * vis_weights).sum() / vis_weights.sum().clamp(min=1e-6)

    def _probability(self, outputs: Tensor) -> Tensor:
        outputs = to_float32(outputs)
        return outputs if self.use_sigmoid else outputs.sigmoid()

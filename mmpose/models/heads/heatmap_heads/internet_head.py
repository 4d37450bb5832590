"""The head of InterNet: the 3D pose of two hands, their distance in depth and which there are."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import torch
from mmengine.model import BaseModule
from mmengine.structures import InstanceData, PixelData
from torch import Tensor, nn

from mmpose.registry import KEYPOINT_CODECS, MODELS

from ...utils.accuracy import multilabel_accuracy
from ...utils.ops import to_float32
from ..targets import labels_of
from .base_heatmap_head import BaseHeatmapHead
from .heatmap_head import HeatmapHead

if TYPE_CHECKING:
    from mmpose.utils.typing import (
        ConfigType,
        Features,
        InstanceList,
        OptConfigType,
        OptMultiConfig,
        SampleList,
    )

Outputs = tuple[Tensor, Tensor, Tensor]


class Heatmap3DHead(HeatmapHead):
    """A volume for each keypoint, from the last feature map.

    Args:
        in_channels: Channels of the last feature map.
        out_channels: Slices of all volumes: K times ``depth_size``.
        depth_size: Slices of a volume.
        deconv_out_channels: Channels of each deconvolution, which doubles the size.
        deconv_kernel_sizes: Kernel size of each deconvolution: 2, 3 or 4.
        final_layer: Arguments of the last convolution.
        init_cfg: Initialisation; ``None`` for that of :class:`HeatmapHead`.

    Raises:
        ValueError: ``depth_size`` does not divide ``out_channels``, or as in :class:`HeatmapHead`.
    """

    def __init__(
        self,
        in_channels: int | Sequence[int],
        out_channels: int,
        depth_size: int = 64,
        deconv_out_channels: Sequence[int] | None = (256, 256, 256),
        deconv_kernel_sizes: Sequence[int] | None = (4, 4, 4),
        final_layer: OptConfigType = dict(kernel_size=1),
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            deconv_out_channels,
            deconv_kernel_sizes,
            final_layer=final_layer,
            init_cfg=init_cfg,
        )
        if out_channels % depth_size:
            raise ValueError(
                f'out_channels is {out_channels} and depth_size is {depth_size}; give the number '
                'of keypoints times `depth_size` as `out_channels`.'
            )
        self.depth_size = depth_size

    def forward(self, feats: Features) -> Tensor:
        """Volumes (B, K, D, H, W) from feature maps, of which only the last is read."""
        return super().forward(feats).unflatten(1, (-1, self.depth_size))


class _LinearHead(BaseModule):
    """Linear layers ``fc`` with ReLU between them.

    Args:
        channels: Of the input, of each hidden layer and of the output.
        init_cfg: Initialisation; ``None`` for narrow Gaussians.
    """

    def __init__(self, channels: Sequence[int], init_cfg: OptMultiConfig) -> None:
        if init_cfg is None:
            init_cfg = dict(type='Normal', layer='Linear', std=0.01)
        super().__init__(init_cfg=init_cfg)
        layers = [nn.Linear(*channels[:2])]
        for before, after in pairwise(channels[1:]):
            layers += [nn.ReLU(inplace=True), nn.Linear(before, after)]
        self.fc = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        """(B, ``channels[-1]``) of (B, ``channels[0]``)."""
        return self.fc(x)


class Heatmap1DHead(_LinearHead):
    """A position along one axis: the mean of the softmax of a one-dimensional heatmap.

    Args:
        in_channels: Channels of the input.
        heatmap_size: Length of the heatmap, cells.
        hidden_dims: Channels of the hidden layers.
        init_cfg: Initialisation; ``None`` for narrow Gaussians.
    """

    def __init__(
        self,
        in_channels: int = 2048,
        heatmap_size: int = 64,
        hidden_dims: Sequence[int] = (512,),
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__([in_channels, *hidden_dims, heatmap_size], init_cfg)
        self.in_channels = in_channels
        self.heatmap_size = heatmap_size

    def forward(self, x: Tensor) -> Tensor:
        """Positions (B, 1) in cells of features (B, C)."""
        probability = to_float32(super().forward(x)).softmax(dim=1)
        cells = torch.arange(self.heatmap_size, dtype=probability.dtype, device=x.device)
        return (probability * cells).sum(dim=1, keepdim=True)


class MultilabelClassificationHead(_LinearHead):
    """Logits of labels that do not exclude each other.

    Args:
        in_channels: Channels of the input.
        num_labels: Number of labels.
        hidden_dims: Channels of the hidden layers.
        init_cfg: Initialisation; ``None`` for narrow Gaussians.
    """

    def __init__(
        self,
        in_channels: int = 2048,
        num_labels: int = 2,
        hidden_dims: Sequence[int] = (512,),
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__([in_channels, *hidden_dims, num_labels], init_cfg)
        self.in_channels = in_channels
        self.num_labels = num_labels


@MODELS.register_module()
class InternetHead(BaseHeatmapHead):
    """Volumes of two hands, the depth of the left root from the right one, and the hands' types.

    Paper: `Moon et al., ECCV 2020, InterHand2.6M <https://arxiv.org/abs/2008.09309>`_. The flip
    test exchanges the hands; a mirror image has the opposite depth between the roots.

    Args:
        keypoint_head_cfg: Arguments of :class:`Heatmap3DHead`, of each hand.
        root_head_cfg: Arguments of :class:`Heatmap1DHead`.
        hand_type_head_cfg: Arguments of :class:`MultilabelClassificationHead`; its labels are
            the right and the left hand.
        loss: The loss of the volumes.
        loss_root_depth: The loss of the depth between the roots, in cells.
        loss_hand_type: The loss of the logits of the hands.
        decoder: Codec that turns the outputs into keypoints; ``None`` to train only.
        init_cfg: Initialisation of the whole; ``None`` leaves it to the parts.

    Raises:
        ValueError: As in :class:`Heatmap3DHead`.
    """

    def __init__(
        self,
        keypoint_head_cfg: ConfigType,
        root_head_cfg: ConfigType,
        hand_type_head_cfg: ConfigType,
        loss: ConfigType = dict(type='KeypointMSELoss', use_target_weight=True),
        loss_root_depth: ConfigType = dict(type='L1Loss', use_target_weight=True),
        loss_hand_type: ConfigType = dict(type='BCELoss', use_target_weight=True),
        decoder: OptConfigType = None,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        self.right_hand_head = Heatmap3DHead(**keypoint_head_cfg)
        self.left_hand_head = Heatmap3DHead(**keypoint_head_cfg)
        self.root_head = Heatmap1DHead(**root_head_cfg)
        self.hand_type_head = MultilabelClassificationHead(**hand_type_head_cfg)
        self.in_channels = self.right_hand_head.in_channels
        self.loss_module = MODELS.build(loss)
        self.root_loss_module = MODELS.build(loss_root_depth)
        self.hand_loss_module = MODELS.build(loss_hand_type)
        self.decoder = KEYPOINT_CODECS.build(decoder) if decoder is not None else None

    def forward(self, feats: Features) -> Outputs:
        """What the codec decodes, from feature maps, of which only the last is read.

        Returns:
            - Volumes (B, K, D, H, W) of the keypoints of the right hand and then the left one.
            - Depth (B, 1) of the left root from the right one, in cells.
            - Logits (B, 2) of the right and the left hand.
        """
        volumes = torch.cat([self.right_hand_head(feats), self.left_hand_head(feats)], dim=1)
        means = feats[-1].mean(dim=(-2, -1))
        return volumes, self.root_head(means), self.hand_type_head(means)

    def flip_back(self, outputs: Outputs, metainfo: dict, test_cfg: ConfigType) -> Outputs:
        """See :meth:`BaseHead.flip_back`; reads ``shift_heatmap``."""
        volumes, root_depth, hand_type = outputs
        volumes = super().flip_back(volumes, metainfo, test_cfg)
        return volumes, self.root_head.heatmap_size - root_depth, hand_type.flip(-1)

    def decoder_input(self, outputs: Outputs) -> Outputs:
        """The outputs, in single precision."""
        return tuple(map(to_float32, outputs))

    def decode(self, batch_outputs: Outputs) -> InstanceList:
        """The instances of each sample, a pair of hands, in pixels of the model's input.

        They have ``keypoints`` (1, K, 3), the third in millimetres from the hand's root,
        ``keypoint_scores`` (1, K), ``rel_root_depth`` (1,) in millimetres and ``hand_type``
        (1, 2), 1 for a hand that is there.

        Args:
            batch_outputs: As :meth:`forward` returns them.

        Raises:
            RuntimeError: The head has no decoder.
        """
        names = ('keypoints', 'keypoint_scores', 'rel_root_depth', 'hand_type')
        return [
            InstanceData(**dict(zip(names, values, strict=True)))
            for values in self.decoded_values(tuple(batch_outputs))
        ]

    def heatmap_fields(self, outputs: Outputs, preds: InstanceList) -> list[PixelData]:
        """A ``PixelData`` per sample with ``heatmaps`` (K, H, W): the maxima over depth."""
        return super().heatmap_fields(outputs[0].amax(dim=2), preds)

    def targets(self, batch_data_samples: SampleList) -> tuple[Outputs, Outputs]:
        """Targets like the outputs; weights (B, K), (B,) and (B,).

        Raises:
            ValueError: The codec's volumes have another number of slices.
        """
        slices, keypoint_weights = super().targets(batch_data_samples)
        head = self.right_hand_head
        if slices.shape[1] != 2 * head.out_channels:
            raise ValueError(
                f'The targets have {slices.shape[1]} slices and InternetHead predicts '
                f'{head.out_channels} for each of two hands; set `out_channels` to the number of '
                "a hand's keypoints times `depth_size`, and that to the d of the codec's "
                '`heatmap_size`.'
            )
        root_depth, root_weight, hand_type, type_weight = labels_of(
            batch_data_samples, 'root_depth', 'root_depth_weight', 'type', 'type_weight'
        )
        targets = (slices.unflatten(1, (-1, head.depth_size)), root_depth[:, None], hand_type)
        return targets, (keypoint_weights, root_weight, type_weight)

    def loss(
        self, feats: Features, batch_data_samples: SampleList, train_cfg: ConfigType = {}
    ) -> dict[str, Tensor]:
        """The losses ``loss_kpt``, ``loss_rel_root`` and ``loss_hand_type``, and ``acc_pose``.

        Unlike other heads this one has three losses. The arguments are those of
        :meth:`BaseHead.loss`.
        """
        outputs = self(feats)
        targets, weights = self.targets(batch_data_samples)
        modules = dict(
            loss_kpt=self.loss_module,
            loss_rel_root=self.root_loss_module,
            loss_hand_type=self.hand_loss_module,
        )
        rows = zip(modules.items(), outputs, targets, weights, strict=True)
        losses = {name: module(*row) for (name, module), *row in rows}
        if train_cfg.get('compute_acc', True):
            losses['acc_pose'] = self.accuracy(outputs, targets, weights)
        return losses

    def accuracy(self, outputs: Outputs, targets: Outputs, weights: Outputs) -> Tensor:
        """The share of samples whose hands are all told right, as published under this name."""
        return multilabel_accuracy(outputs[2], targets[2] > 0.5, weights[2] > 0)

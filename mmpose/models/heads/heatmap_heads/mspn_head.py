"""The head of multi-stage networks: heatmaps from each unit, supervised from coarse to fine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from mmcv.cnn import ConvModule, DepthwiseSeparableConvModule
from torch import Tensor, nn
from torch.nn.functional import interpolate

from mmpose.registry import MODELS
from mmpose.structures import MultilevelPixelData

from ..targets import joined, labels_of
from .base_multi_output_head import BaseMultiOutputHead

if TYPE_CHECKING:
    from mmpose.utils.typing import (
        ConfigType,
        Features,
        OptConfigType,
        OptMultiConfig,
        SampleList,
    )


class PRM(nn.Module):
    """The pose refine machine: heatmaps reweighted by channel and by place.

    Paper: `Cai et al., 2020, Learning Delicate Local Representations for Multi-Person Pose
    Estimation <https://arxiv.org/abs/2003.04030>`_. As published with this interface, the weights
    of the channels come from fully connected layers and those of the places are shared by all
    channels.

    Args:
        out_channels: Channels of the heatmaps.
        norm_cfg: Kind of norm layer of the convolutions.
    """

    def __init__(self, out_channels: int, norm_cfg: dict = dict(type='BN')) -> None:
        super().__init__()
        C = out_channels
        self.conv_bn_relu_prm_1 = ConvModule(C, C, 3, padding=1, norm_cfg=norm_cfg)
        self.middle_path = nn.Sequential(
            nn.Linear(C, C),
            nn.BatchNorm1d(C),
            nn.ReLU(inplace=True),
            nn.Linear(C, C),
            nn.BatchNorm1d(C),
            nn.ReLU(inplace=True),
            nn.Sigmoid(),
        )
        self.bottom_path = nn.Sequential(
            ConvModule(C, C, 1, norm_cfg=norm_cfg),
            DepthwiseSeparableConvModule(C, 1, 9, padding=4, norm_cfg=norm_cfg),
            nn.Sigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        """The refined heatmaps (B, C, H, W) of heatmaps of that shape."""
        x = self.conv_bn_relu_prm_1(x)
        by_channel = self.middle_path(x.mean(dim=(-2, -1)))[..., None, None]
        return x * (1 + by_channel * self.bottom_path(x))


class PredictHeatmap(nn.Module):
    """Heatmaps of one size from the feature map of a unit.

    Args:
        unit_channels: Channels of the feature map.
        out_channels: Channels of the heatmaps.
        out_shape: (h, w) of the heatmaps.
        use_prm: Whether to refine them by a :class:`PRM`.
        norm_cfg: Kind of norm layer.
    """

    def __init__(
        self,
        unit_channels: int,
        out_channels: int,
        out_shape: tuple[int, int],
        use_prm: bool = False,
        norm_cfg: dict = dict(type='BN'),
    ) -> None:
        super().__init__()
        self.out_shape = tuple(out_shape)
        self.conv_layers = nn.Sequential(
            ConvModule(unit_channels, unit_channels, 1, norm_cfg=norm_cfg),
            ConvModule(unit_channels, out_channels, 3, padding=1, norm_cfg=norm_cfg, act_cfg=None),
        )
        self.use_prm = use_prm
        if use_prm:
            self.prm = PRM(out_channels, norm_cfg)

    def forward(self, feature: Tensor) -> Tensor:
        """The heatmaps (B, C, H, W) of a feature map (B, ``unit_channels``, h, w)."""
        heatmaps = interpolate(
            self.conv_layers(feature), self.out_shape, mode='bilinear', align_corners=True
        )
        return self.prm(heatmaps) if self.use_prm else heatmaps


@MODELS.register_module()
class MSPNHead(BaseMultiOutputHead):
    """Heatmaps of one size from each unit of each stage; the last of all are the result.

    Every unit learns from the targets of a level, of which coarse ones have broader peaks. Papers:
    `Li et al., 2019, Rethinking on Multi-Stage Networks for Human Pose Estimation
    <https://arxiv.org/abs/1901.00148>`_, and `Cai et al., 2020 <https://arxiv.org/abs/2003.04030>`_
    for RSN.

    Args:
        num_stages: Number of stages.
        num_units: Number of units of a stage.
        out_shape: (h, w) of the heatmaps, cells.
        unit_channels: Channels of the units' feature maps.
        out_channels: Channels of the heatmaps, the number of keypoints.
        use_prm: Whether to refine the heatmaps by a :class:`PRM`.
        norm_cfg: Kind of norm layer.
        level_indices: For each unit, stage after stage, the level of its targets: the place of
            their codec in the list given to
            :class:`~mmpose.datasets.transforms.GenerateTarget`. Empty: unit i of a stage takes
            level i.
        loss: The loss of every unit, or a list with one for each, stage after stage.
        decoder: Codec that turns the last heatmaps into keypoints; ``None`` to train only.
        init_cfg: Initialisation; ``None`` for :attr:`default_init_cfg`.

    Raises:
        ValueError: ``level_indices`` or ``loss`` has no entry for each unit.

    Example:
        >>> import torch
        >>> head = MSPNHead(num_stages=1, num_units=2, unit_channels=8, out_shape=(16, 12))
        >>> feats = [[torch.zeros(1, 8, 8, 6), torch.zeros(1, 8, 16, 12)]]
        >>> [tuple(x.shape) for x in head(feats)]
        [(1, 17, 16, 12), (1, 17, 16, 12)]
    """

    def __init__(
        self,
        num_stages: int = 4,
        num_units: int = 4,
        out_shape: tuple[int, int] = (64, 48),
        unit_channels: int = 256,
        out_channels: int = 17,
        use_prm: bool = False,
        norm_cfg: dict = dict(type='BN'),
        level_indices: Sequence[int] = [],
        loss: ConfigType | Sequence[ConfigType] = dict(
            type='KeypointMSELoss', use_target_weight=True
        ),
        decoder: OptConfigType = None,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(num_stages * num_units, loss, decoder, init_cfg)
        self.num_stages = num_stages
        self.num_units = num_units
        self.out_shape = out_shape
        self.unit_channels = unit_channels
        self.in_channels = (unit_channels,) * self.num_outputs
        self.out_channels = out_channels
        self.level_indices = [*level_indices] or [*range(num_units)] * num_stages
        if len(self.level_indices) != self.num_outputs:
            raise ValueError(
                f'level_indices is {self.level_indices} for {num_stages} stages of {num_units} '
                f'units; give one level for each of the {self.num_outputs} units.'
            )
        self.predict_layers = nn.ModuleList(
            PredictHeatmap(unit_channels, out_channels, out_shape, use_prm, norm_cfg)
            for _ in range(self.num_outputs)
        )

    @property
    def default_init_cfg(self) -> list[dict]:
        """The initialisation of heads whose config gives none."""
        return [
            dict(type='Kaiming', layer='Conv2d'),
            dict(type='Normal', layer='Linear', std=0.01),
            dict(type='Constant', layer='BatchNorm2d', val=1),
        ]

    def output(self, feats: Features, index: int) -> Tensor:
        """The heatmaps of a unit; see :meth:`BaseMultiOutputHead.output`."""
        units = [len(stage) for stage in feats]
        if units != [self.num_units] * self.num_stages:
            raise ValueError(
                f'MSPNHead has {self.num_stages} stages of {self.num_units} units but gets '
                f'feature maps of {units} units per stage; set `num_stages` and `num_units` of '
                'the head to those of the backbone.'
            )
        stage, unit = divmod(index, self.num_units)
        return self.predict_layers[index](feats[stage][unit])

    def targets(self, batch_data_samples: SampleList) -> tuple[list[Tensor], list[Tensor]]:
        """Heatmaps (B, K, H, W) and keypoint weights (B, K) of the level of each unit.

        Raises:
            ValueError: The samples lack a level.
        """
        fields = batch_data_samples[0].gt_fields
        num_levels = fields.nlevel if isinstance(fields, MultilevelPixelData) else 1
        if not isinstance(fields, MultilevelPixelData) or max(self.level_indices) >= num_levels:
            raise ValueError(
                f'level_indices of MSPNHead goes up to {max(self.level_indices)}, but the samples '
                f'have targets of {num_levels} level(s); give GenerateTarget a codec for each '
                'level and `multilevel=True`.'
            )
        heatmaps = {
            level: joined(
                torch.stack,
                [sample.gt_fields.heatmaps[level] for sample in batch_data_samples],
                'heatmaps',
            )
            for level in set(self.level_indices)
        }
        # (B, L, K), a row for each codec
        (weights,) = labels_of(batch_data_samples, 'keypoint_weights')
        levels = self.level_indices
        return [heatmaps[level] for level in levels], [weights[:, level] for level in levels]

"""The head of disentangled keypoint regression: poses as displacements from their roots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from mmcv.cnn import ConvModule, build_conv_layer, build_norm_layer
from mmengine.model import BaseModule
from mmengine.structures import InstanceData, PixelData
from torch import Tensor, nn

from mmpose.evaluation.functional.nms import nearby_joints_nms
from mmpose.registry import KEYPOINT_CODECS, MODELS
from mmpose.utils.tensor_utils import to_numpy

from ...backbones.residual_blocks import BasicBlock
from ...utils.deformable import DeformConv2d
from ...utils.ops import to_float32
from ...utils.tta import check_flip_indices, flip_heatmaps
from ..base_head import BaseHead
from ..bottomup_maps import (
    check_cells,
    feature_views,
    heatmap_masks,
    relative_extents,
    to_first_size,
)
from ..layers import conv_init_cfg
from ..targets import fields_of

if TYPE_CHECKING:
    from mmpose.utils.typing import (
        ConfigType,
        Features,
        InstanceList,
        OptConfigType,
        OptMultiConfig,
        SampleList,
    )


class AdaptiveActivationBlock(BaseModule):
    """A residual block whose 3x3 kernel is moved, stretched and turned as the features ask for.

    Args:
        channels: Channels of the input and of the output.
        groups: Groups of channels with weights and an affine map of the kernel of their own.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.
    """

    regular_matrix: Tensor
    """(3, 9) the kernel's places (y, x, 1), row by row."""

    def __init__(self, channels: int, groups: int = 1, init_cfg: OptMultiConfig = None) -> None:
        super().__init__(init_cfg=init_cfg)
        steps = torch.tensor([-1.0, 0.0, 1.0])
        places = torch.cartesian_prod(steps, steps).T
        self.register_buffer('regular_matrix', torch.cat([places, torch.ones(1, 9)]))
        self.groups = groups
        self.transform_matrix_conv = build_conv_layer(
            dict(type='Conv2d'), channels, 6 * groups, 3, padding=1, groups=groups
        )
        self.adapt_conv = DeformConv2d(
            channels, channels, 3, padding=1, groups=groups, deform_groups=groups
        )
        self.norm = build_norm_layer(dict(type='BN'), channels)[1]
        self.act = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """The rectified sum of the convolution and its input, (B, C, H, W)."""
        affine = self.transform_matrix_conv(x).unflatten(1, (self.groups, 2, 3))
        # added to the kernel's places, not put in their stead as in the paper: so the published
        # weights were trained, and a map of zeros is the plain convolution
        offsets = torch.einsum('bgdmhw,mp->bgpdhw', affine, self.regular_matrix.to(affine))
        return self.act(self.norm(self.adapt_conv(x, offsets.flatten(1, 3))) + x)


class RescoreNet(BaseModule):
    """How likely poses are, from the lengths and directions of their limbs and their scores.

    Args:
        in_channels: K scores, and a length and two coordinates of each limb.
        norm_indexes: Indices of the limbs whose mean length the others are compared with, such as
            the two sides of the trunk.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.
    """

    def __init__(
        self, in_channels: int, norm_indexes: Sequence[int], init_cfg: OptMultiConfig = None
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        self.in_channels = in_channels
        self.norm_indexes = list(norm_indexes)
        self.l1 = nn.Linear(in_channels, 256)
        self.l2 = nn.Linear(256, 256)
        self.l3 = nn.Linear(256, 1)

    def forward(
        self, keypoints: Tensor, keypoint_scores: Tensor, skeleton: Sequence[Sequence[int]]
    ) -> Tensor:
        """Scores (N,) of poses.

        Args:
            keypoints: (N, K, 2) pixels.
            keypoint_scores: (N, K).
            skeleton: The limbs, pairs of keypoints.

        Raises:
            ValueError: The network was made for another number of keypoints and limbs.
        """
        features = self._features(keypoints, keypoint_scores, skeleton)
        if features.shape[1] != self.in_channels:
            raise ValueError(
                f'in_channels of rescore_cfg is {self.in_channels}, but {keypoints.shape[1]} '
                f'keypoints and {len(skeleton)} limbs make {features.shape[1]}; set it to that, or '
                'use the `skeleton_links` that the network was trained with.'
            )
        return self.l3(self.l2(self.l1(features).relu()).relu()).squeeze(1)

    def _features(
        self, keypoints: Tensor, keypoint_scores: Tensor, skeleton: Sequence[Sequence[int]]
    ) -> Tensor:
        starts, ends = zip(*skeleton, strict=True)
        limbs = keypoints[:, list(starts)] - keypoints[:, list(ends)]
        lengths = limbs.norm(dim=2)
        unit = lengths[:, self.norm_indexes].mean(dim=1, keepdim=True).clamp(min=1)
        return torch.cat([(limbs / unit[..., None]).flatten(1), lengths / unit, keypoint_scores], 1)


@MODELS.register_module()
class DEKRHead(BaseHead):
    """A heatmap of each keypoint and of the root, and from each cell the ways to the keypoints.

    Paper: `Geng et al., 2021, Bottom-Up Human Pose Estimation Via Disentangled Keypoint Regression
    <https://arxiv.org/abs/2104.02300>`_. Each keypoint's displacements come from channels of their
    own. Poses of all sizes of a picture compete in the suppression.

    Args:
        in_channels: Channels of the last feature map, or of all.
        num_keypoints: Number K of keypoints.
        num_heatmap_filters: Channels before the heatmaps.
        num_displacement_filters_per_keypoint: Channels before the displacements, for each keypoint.
        heatmap_loss: The loss of the heatmaps.
        displacement_loss: The loss of the displacements.
        decoder: The codec :class:`~mmpose.codecs.SPR`; ``None`` to train only.
        rescore_cfg: Arguments of :class:`RescoreNet`, which is trained by itself; ``None`` keeps
            the scores of the roots.
        init_cfg: Initialisation; ``None`` for :attr:`default_init_cfg`.
    """

    def __init__(
        self,
        in_channels: int | Sequence[int],
        num_keypoints: int,
        num_heatmap_filters: int = 32,
        num_displacement_filters_per_keypoint: int = 15,
        heatmap_loss: ConfigType = dict(type='KeypointMSELoss', use_target_weight=True),
        displacement_loss: ConfigType = dict(
            type='SoftWeightSmoothL1Loss', use_target_weight=True, supervise_empty=False
        ),
        decoder: OptConfigType = None,
        rescore_cfg: OptConfigType = None,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg=self.default_init_cfg if init_cfg is None else init_cfg)
        self.in_channels = in_channels
        self.num_keypoints = num_keypoints
        self.decoder = KEYPOINT_CODECS.build(decoder) if decoder is not None else None
        self.loss_module = nn.ModuleDict(
            dict(heatmap=MODELS.build(heatmap_loss), displacement=MODELS.build(displacement_loss))
        )
        channels = in_channels if isinstance(in_channels, int) else in_channels[-1]
        K, filters = num_keypoints, num_heatmap_filters
        self.heatmap_conv_layers = nn.Sequential(
            ConvModule(channels, filters, 1, norm_cfg=dict(type='BN')),
            BasicBlock(filters, filters),
            build_conv_layer(dict(type='Conv2d'), filters, 1 + K, 1),
        )
        filters = num_displacement_filters_per_keypoint * K
        self.displacement_conv_layers = nn.Sequential(
            ConvModule(channels, filters, 1, norm_cfg=dict(type='BN')),
            AdaptiveActivationBlock(filters, groups=K),
            AdaptiveActivationBlock(filters, groups=K),
            build_conv_layer(dict(type='Conv2d'), filters, 2 * K, 1, groups=K),
        )
        self.rescore_net = None
        if rescore_cfg is not None:
            # no loss of ours reaches it, which distributed training would complain about
            self.rescore_net = RescoreNet(**rescore_cfg).requires_grad_(False)

    @property
    def default_init_cfg(self) -> list[dict]:
        """The initialisation of heads whose config gives none."""
        return conv_init_cfg()

    def forward(self, feats: Features) -> tuple[Tensor, Tensor]:
        """Heatmaps (B, K + 1, H, W), the root's last, and displacements (B, 2 K, H, W) in cells.

        Args:
            feats: Feature maps, of which only the last is read.
        """
        return self.heatmap_conv_layers(feats[-1]), self.displacement_conv_layers(feats[-1])

    def predict(
        self,
        feats: Features | Sequence[Features],
        batch_data_samples: SampleList,
        test_cfg: ConfigType = {},
    ) -> InstanceList | tuple[InstanceList, list[PixelData]]:
        """Keypoints in pixels of the model's input and scores of all instances of each sample.

        Args:
            feats: As :func:`~..bottomup_maps.feature_views` takes them.
            batch_data_samples: The samples, all of one input size.
            test_cfg: ``flip_test``, ``multiscale_test``, ``shift_heatmap``, ``output_heatmaps``
                (of the first size), and what :meth:`decode` reads.

        Raises:
            KeyError: A flip test lacks ``flip_indices``.
            ValueError: The samples have several ``flip_indices``, or the decoder is for maps of
                another size.
        """
        if test_cfg.get('flip_test', False):
            check_flip_indices(batch_data_samples)
        metainfo = batch_data_samples[0].metainfo
        outputs = [
            self._mean_maps(views, metainfo, test_cfg) for views in feature_views(feats, test_cfg)
        ]
        heatmaps, displacements = zip(*outputs, strict=True)
        check_cells(self, heatmaps[0].shape[-2:], metainfo)
        preds = []
        for b, sample in enumerate(batch_data_samples):
            of_sample = [[maps[b, None] for maps in sizes] for sizes in (heatmaps, displacements)]
            preds += self.decode(*of_sample, test_cfg, sample.metainfo)
        if test_cfg.get('output_heatmaps', False):
            fields = zip(heatmaps[0].detach(), displacements[0].detach(), strict=True)
            return preds, [PixelData(heatmaps=h, displacements=d) for h, d in fields]
        return preds

    def decode(
        self,
        heatmaps: Sequence[Tensor],
        displacements: Sequence[Tensor],
        test_cfg: ConfigType = {},
        metainfo: dict = {},
    ) -> InstanceList:
        """Keypoints (N, K, 2) in pixels of the model's input and scores (N, K) of each sample.

        The score of a keypoint is its heatmap's there, times that of the root, times the pose's
        by :class:`RescoreNet`. Poses are better than others by their heatmaps' mean alone.

        Args:
            heatmaps: For each size of the picture (B, K + 1, h, w).
            displacements: For each size (B, 2 K, h, w).
            test_cfg: ``nms_dist_thr``, ``nms_joints_thr`` and ``max_dets`` (30) of
                :func:`~mmpose.evaluation.functional.nearby_joints_nms`; without ``nms_dist_thr``
                above 0 no pose is suppressed.
            metainfo: Of the samples: ``skeleton_links``, without which poses are not rescored, and
                for several sizes ``ori_shape``.

        Raises:
            RuntimeError: The head has no decoder.
        """
        self.check_decoder()
        shapes = [maps.shape[-2:] for maps in heatmaps]
        extents = np.concatenate(relative_extents(shapes, [metainfo]))
        batches = zip(*heatmaps, strict=True), zip(*displacements, strict=True)
        preds = []
        for sizes in zip(*batches, strict=True):
            poses = [
                self._poses_at_size(*each, shapes[0], extent)
                for *each, extent in zip(*sizes, extents, strict=True)
            ]
            keypoints, root_scores, keypoint_scores = map(torch.cat, zip(*poses, strict=True))
            root_scores = self._rescored(keypoints, root_scores, keypoint_scores, metainfo)
            keypoints, root_scores, keypoint_scores = to_numpy(
                [keypoints, root_scores, keypoint_scores]
            )
            keep = _not_suppressed(keypoints, keypoint_scores, test_cfg)
            scores = root_scores[:, None] * keypoint_scores
            preds.append(InstanceData(keypoints=keypoints[keep], keypoint_scores=scores[keep]))
        return preds

    def loss(
        self, feats: Features, batch_data_samples: SampleList, train_cfg: ConfigType = {}
    ) -> dict[str, Tensor]:
        """``loss/heatmap`` and ``loss/displacement``.

        Args:
            feats: Feature maps.
            batch_data_samples: The samples, with the codec's targets and perhaps ``heatmap_mask``.
            train_cfg: Without effect: there is no training accuracy.
        """
        heatmaps, displacements = self(feats)
        targets = {
            name: fields_of(batch_data_samples, name)
            for name in ('heatmaps', 'heatmap_weights', 'displacements', 'displacement_weights')
        }
        return {
            'loss/heatmap': self.loss_module['heatmap'](
                heatmaps,
                targets['heatmaps'],
                targets['heatmap_weights'],
                heatmap_masks(batch_data_samples),
            ),
            'loss/displacement': self.loss_module['displacement'](
                displacements, targets['displacements'], targets['displacement_weights']
            ),
        }

    def _mean_maps(
        self, views: Sequence[Features], metainfo: dict, test_cfg: ConfigType
    ) -> tuple[Tensor, Tensor]:
        """The maps of a picture, in a flip test their mean with those of its mirror image."""
        heatmaps, displacements = map(to_float32, self(views[0]))
        if len(views) == 1:
            return heatmaps, displacements
        self.check_decoder()
        flip_indices = list(metainfo['flip_indices'])
        flipped, flipped_displacements = map(to_float32, self(views[1]))
        flipped_displacements = flip_heatmaps(
            flipped_displacements, flip_indices, flip_mode='offset', shift_heatmap=False
        )
        flipped = flip_heatmaps(
            flipped,
            [*flip_indices, self.num_keypoints],
            shift_heatmap=test_cfg.get('shift_heatmap', False),
        )
        # a cell stands for its left pixel, in the mirror image for what is its right one here
        pixels = float(self.decoder.scale_factor[0])
        flipped_displacements[:, ::2] += (pixels - 1) / pixels
        return (heatmaps + flipped) / 2, (displacements + flipped_displacements) / 2

    def _poses_at_size(
        self,
        heatmaps: Tensor,
        displacements: Tensor,
        first_hw: Sequence[int],
        extent: np.ndarray,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Keypoints in pixels of the first size's input, scores of roots and of keypoints.

        Args:
            heatmaps: (K + 1, h, w).
            displacements: (2 K, h, w).
            first_hw: (H, W) of the first size's maps.
            extent: (2,) how much of the scene this size shows, compared with the first.
        """
        keypoints, (root_scores, keypoint_scores) = self.decoder.decode(heatmaps, displacements)
        if heatmaps.shape[1:] != first_hw:
            shapes = (
                np.multiply(shape, self.decoder.scale_factor[::-1])
                for shape in (heatmaps.shape[1:], first_hw)
            )
            keypoints = to_first_size(keypoints, *shapes, extent)
        return keypoints, root_scores, keypoint_scores

    def _rescored(
        self, keypoints: Tensor, root_scores: Tensor, keypoint_scores: Tensor, metainfo: dict
    ) -> Tensor:
        """Scores (N,) of the roots times those of the poses."""
        skeleton = metainfo.get('skeleton_links')
        if self.rescore_net is None or not skeleton:
            return root_scores
        return root_scores * self.rescore_net(keypoints, keypoint_scores, skeleton).nan_to_num(0)


def _not_suppressed(keypoints: np.ndarray, scores: np.ndarray, test_cfg: ConfigType) -> list[int]:
    """Indices of the poses that are left when those close to better ones are gone."""
    if test_cfg.get('nms_dist_thr', 0) <= 0:
        return list(range(len(keypoints)))
    return nearby_joints_nms(
        [dict(keypoints=k, score=s) for k, s in zip(keypoints, scores, strict=True)],
        test_cfg['nms_dist_thr'],
        test_cfg.get('nms_joints_thr'),
        score_per_joint=True,
        max_dets=test_cfg.get('max_dets', 30),
    )

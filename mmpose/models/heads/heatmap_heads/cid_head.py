"""The head of contextual instance decoupling: the heatmaps of each instance by itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from mmcv.cnn import build_conv_layer
from mmengine.model import BaseModule
from mmengine.structures import InstanceData, PixelData
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from mmpose.codecs.utils.post_processing import batch_heatmap_nms
from mmpose.registry import KEYPOINT_CODECS, MODELS

from ...utils.ops import tensor_beside, to_float32
from ...utils.tta import check_flip_indices, flip_heatmaps
from ..base_head import BaseHead
from ..bottomup_maps import (
    check_cells,
    feature_views,
    from_first_size,
    heatmap_masks,
    merged_maps,
    relative_extents,
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

_COORDINATE_SCALE = 32  # cells that make 1 of the coordinates in the spatial attention


def _probabilities(logits: Tensor) -> Tensor:
    # kept from 0 and 1, where the focal loss has no gradient; half precision knows no 0.9999
    return to_float32(logits).sigmoid().clamp(min=1e-4, max=1 - 1e-4)


class IIAModule(BaseModule):
    """Instance information abstraction: heatmaps of all keypoints, and last of the roots.

    Args:
        in_channels: Channels of the feature map.
        out_channels: Number of heatmaps, K + 1.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.
    """

    def __init__(
        self, in_channels: int, out_channels: int, init_cfg: OptMultiConfig = None
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        self.keypoint_root_conv = build_conv_layer(
            dict(type='Conv2d', kernel_size=1), in_channels, out_channels
        )

    def forward(self, feats: Tensor) -> Tensor:
        """Probabilities (B, K + 1, H, W) from a feature map (B, C, H, W)."""
        return _probabilities(self.keypoint_root_conv(feats))


class ChannelAttention(nn.Module):
    """A factor for each channel of the global features, from the feature of an instance.

    Args:
        in_channels: Channels of the feature of an instance.
        out_channels: Channels of the global features.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.atn = nn.Linear(in_channels, out_channels)

    def forward(self, instance_feats: Tensor) -> Tensor:
        """Factors (M, out_channels) for instances (M, in_channels)."""
        return self.atn(instance_feats)


class SpatialAttention(nn.Module):
    """A factor for each cell of the global features, from the feature and place of an instance.

    Args:
        in_channels: Channels of the feature of an instance.
        out_channels: Channels of the global features.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.atn = nn.Linear(in_channels, out_channels)
        self.conv = nn.Conv2d(3, 1, 5, padding=2)

    def forward(self, global_feats: Tensor, instance_feats: Tensor, cells: Tensor) -> Tensor:
        """Factors (M, 1, H, W), 0 to 1.

        Args:
            global_feats: (out_channels, H, W).
            instance_feats: (M, in_channels).
            cells: (M, 2) places of the instances, (x, y).
        """
        H, W = global_feats.shape[1:]
        likeness = (self.atn(instance_feats) @ global_feats.flatten(1)).view(-1, 1, H, W)
        x, y = cells.float().unbind(1)
        columns = x[:, None] - torch.arange(W, device=x.device)
        rows = y[:, None] - torch.arange(H, device=y.device)
        coords = torch.stack(
            [columns[:, None].expand(-1, H, -1), rows[:, :, None].expand(-1, -1, W)], dim=1
        )
        coords = (coords / _COORDINATE_SCALE).to(likeness)
        return self.conv(torch.cat([likeness, coords], dim=1)).sigmoid()


class GFDModule(BaseModule):
    """Global feature decoupling: the heatmaps of each instance, from the features of its picture.

    Args:
        in_channels: Channels of the feature map.
        out_channels: Number K of heatmaps.
        gfd_channels: Channels within.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        gfd_channels: int,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        pointwise = dict(type='Conv2d', kernel_size=1)
        self.conv_down = build_conv_layer(pointwise, in_channels, gfd_channels)
        self.channel_attention = ChannelAttention(in_channels, gfd_channels)
        self.spatial_attention = SpatialAttention(in_channels, gfd_channels)
        self.fuse_attention = build_conv_layer(pointwise, 2 * gfd_channels, gfd_channels)
        self.heatmap_conv = build_conv_layer(pointwise, gfd_channels, out_channels)

    def forward(self, feats: Tensor, instance_feats: Tensor, cells: Tensor) -> Tensor:
        """Probabilities (M, K, H, W) of the M instances of one picture.

        Args:
            feats: (C, H, W) features of the picture.
            instance_feats: (M, C) features of the instances.
            cells: (M, 2) places of the instances, (x, y).
        """
        H, W = feats.shape[1:]
        global_feats = self.conv_down(feats[None])[0]
        by_channel = self.channel_attention(instance_feats)
        by_place = self.spatial_attention(global_feats, instance_feats, cells)
        # The attended features are not formed: the fusion is linear, so channels' factors go into
        # its weights, and cells' factors behind it, where the features are the same for all.
        of_channels, of_places = self.fuse_attention.weight.flatten(1).chunk(2, dim=1)
        flat = global_feats.flatten(1)
        fused = (of_channels * by_channel[:, None]) @ flat + (of_places @ flat) * by_place.flatten(
            2
        )
        fused = (fused + self.fuse_attention.bias[:, None]).relu().unflatten(2, (H, W))
        return _probabilities(self.heatmap_conv(fused))


@MODELS.register_module()
class CIDHead(BaseHead):
    """Heatmaps of each instance, which is found by its root, from the last feature map.

    Paper: `Wang and Zhang, 2022, Contextual Instance Decoupling for Robust Multi-Person Pose
    Estimation
    <https://openaccess.thecvf.com/content/CVPR2022/html/Wang_Contextual_Instance_Decoupling_for_Robust_Multi-Person_Pose_Estimation_CVPR_2022_paper.html>`_.
    Roots are the maxima of the mean over a picture's sizes and mirror image, and the heatmaps of
    an instance are averaged over them too.

    Args:
        in_channels: Channels of the last feature map, or of all.
        gfd_channels: Channels within the global feature decoupling.
        num_keypoints: Number K of keypoints.
        prior_prob: What the heatmaps predict before the training.
        coupled_heatmap_loss: The loss of the heatmaps of all instances together.
        decoupled_heatmap_loss: The loss of the heatmaps of each instance.
        contrastive_loss: The loss that sets the features of instances apart.
        decoder: The codec :class:`~mmpose.codecs.DecoupledHeatmap`; ``None`` to train only.
        init_cfg: Initialisation; ``None`` for :attr:`default_init_cfg`.

    Raises:
        ValueError: ``prior_prob`` is no probability between 0 and 1.
    """

    def __init__(
        self,
        in_channels: int | Sequence[int],
        gfd_channels: int,
        num_keypoints: int,
        prior_prob: float = 0.01,
        coupled_heatmap_loss: OptConfigType = dict(type='FocalHeatmapLoss'),
        decoupled_heatmap_loss: OptConfigType = dict(type='FocalHeatmapLoss'),
        contrastive_loss: OptConfigType = dict(type='InfoNCELoss'),
        decoder: OptConfigType = None,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg=self.default_init_cfg if init_cfg is None else init_cfg)
        if not 0 < prior_prob < 1:
            raise ValueError(f'prior_prob is {prior_prob}; set it between 0 and 1, such as 0.01.')
        self.in_channels = in_channels
        self.num_keypoints = num_keypoints
        self.decoder = KEYPOINT_CODECS.build(decoder) if decoder is not None else None
        channels = in_channels if isinstance(in_channels, int) else in_channels[-1]

        prior = dict(type='Normal', std=0.001, bias=-math.log((1 - prior_prob) / prior_prob))
        self.iia_module = IIAModule(
            channels,
            num_keypoints + 1,
            init_cfg=dict(**prior, override=dict(name='keypoint_root_conv', **prior)),
        )
        self.gfd_module = GFDModule(
            channels,
            num_keypoints,
            gfd_channels,
            init_cfg=dict(**prior, override=dict(name='heatmap_conv', **prior)),
        )
        self.loss_module = nn.ModuleDict(
            dict(
                heatmap_coupled=MODELS.build(coupled_heatmap_loss),
                heatmap_decoupled=MODELS.build(decoupled_heatmap_loss),
                contrastive=MODELS.build(contrastive_loss),
            )
        )

    @property
    def default_init_cfg(self) -> list[dict]:
        """The initialisation of heads whose config gives none."""
        return conv_init_cfg()

    def forward(self, feats: Features) -> Tensor:
        """Probabilities (M, K, H, W) of the instances of all pictures of the batch, in turn.

        Args:
            feats: Feature maps, of which only the last is read.
        """
        last = feats[-1]
        _, cells = self._find_roots(self.iia_module(last)[:, -1:], {})
        return torch.cat([self._decouple(*each) for each in zip(last, cells, strict=True)])

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
            test_cfg: ``flip_test``, ``multiscale_test``, ``shift_heatmap``, ``align_corners``,
                ``max_instances`` (30 at most come out), ``score_threshold`` (roots exceed 0.01),
                ``blur_kernel_size`` (3 cells; heatmaps are averaged with their blurred selves)
                and ``output_heatmaps`` (for each keypoint the maximum over the instances).

        Raises:
            KeyError: A flip test lacks ``flip_indices``.
            ValueError: The samples have several ``flip_indices``, or the decoder is for maps of
                another size.
        """
        if test_cfg.get('flip_test', False):
            check_flip_indices(batch_data_samples)
        batch_metainfo = [sample.metainfo for sample in batch_data_samples]
        sizes = [self._upright(views, test_cfg) for views in feature_views(feats, test_cfg)]
        check_cells(self, sizes[0][0].shape[-2:], batch_metainfo[0])
        roots = merged_maps(
            [
                torch.stack([self.iia_module(view)[:, -1:] for view in size]).mean(0)
                for size in sizes
            ],
            batch_metainfo,
            align_corners=test_cfg.get('align_corners', False),
        )
        preds, fields = [], []
        for b, (scores, cells) in enumerate(zip(*self._find_roots(roots, test_cfg), strict=True)):
            picture = [[view[b] for view in size] for size in sizes]
            heatmaps = self._instance_heatmaps(picture, cells, batch_metainfo[b], test_cfg)
            preds.append(self._instances(heatmaps, scores))
            if test_cfg.get('output_heatmaps', False):
                fields.append(PixelData(heatmaps=_maximum(heatmaps)))
        return (preds, fields) if fields else preds

    def loss(
        self, feats: Features, batch_data_samples: SampleList, train_cfg: ConfigType = {}
    ) -> dict[str, Tensor]:
        """``loss/heatmap_coupled``, ``loss/contrastive`` and ``loss/heatmap_decoupled``.

        Args:
            feats: Feature maps.
            batch_data_samples: The samples, with the codec's targets and perhaps ``heatmap_mask``.
            train_cfg: ``max_train_instances``, how many instances of the batch have heatmaps of
                their own, drawn by chance; not above 0 for all.
        """
        last = feats[-1]
        # first of all: if data sets are mixed, or keypoints are not the head's, this says so
        loss_coupled = self.loss_module['heatmap_coupled'](
            self.iia_module(last),
            fields_of(batch_data_samples, 'heatmaps'),
            mask=heatmap_masks(batch_data_samples),
        )
        labels = [sample.gt_instance_labels for sample in batch_data_samples]
        cells = [label.instance_coords for label in labels]
        instance_feats = [_features_at(*each) for each in zip(last, cells, strict=True)]
        apart = [self.loss_module['contrastive'](each) for each in instance_feats]

        drawn = _draw(cells, train_cfg.get('max_train_instances', -1))
        heatmaps, targets, weights = [], [], []
        for b, sample in enumerate(batch_data_samples):
            target = sample.gt_fields.instance_heatmaps
            target = target.reshape(len(cells[b]), self.num_keypoints, *target.shape[1:])
            heatmaps.append(self._decouple(last[b], cells[b][drawn[b]]))
            targets.append(target[drawn[b]])
            weights.append(labels[b].keypoint_weights[drawn[b]])
        return {
            'loss/heatmap_coupled': loss_coupled,
            'loss/contrastive': sum(apart) / max(sum(map(len, cells)), 1),
            'loss/heatmap_decoupled': self.loss_module['heatmap_decoupled'](
                torch.cat(heatmaps), torch.cat(targets), torch.cat(weights)
            ),
        }

    def _upright(self, views: Sequence[Features], test_cfg: ConfigType) -> list[Tensor]:
        """The last feature maps of a picture and of its mirror image, all the right way round."""
        plain, *mirrored = (view[-1] for view in views)
        shift = test_cfg.get('shift_heatmap', False)
        return [plain, *(flip_heatmaps(view, shift_heatmap=shift) for view in mirrored)]

    def _find_roots(self, roots: Tensor, test_cfg: ConfigType) -> tuple[list[Tensor], list[Tensor]]:
        """Scores (M,) and cells (M, 2), (x, y), of the best roots of each picture.

        Args:
            roots: (B, 1, H, W) probabilities.
            test_cfg: That of :meth:`predict`.
        """
        H, W = roots.shape[2:]
        roots = _smoothed(roots, test_cfg)
        peaks = batch_heatmap_nms(roots, _window(H, W)).flatten(1)
        scores, index = peaks.topk(min(test_cfg.get('max_instances', 30), peaks.shape[1]))
        cells = torch.stack([index % W, index // W], dim=-1)
        is_root = scores > test_cfg.get('score_threshold', 0.01)
        pictures = range(len(roots))
        return [scores[b, is_root[b]] for b in pictures], [cells[b, is_root[b]] for b in pictures]

    def _decouple(self, feats: Tensor, cells: Tensor) -> Tensor:
        """Probabilities (M, K, H, W) of the instances at cells (M, 2) of a picture (C, H, W)."""
        return self.gfd_module(feats, _features_at(feats, cells), cells)

    def _instance_heatmaps(
        self,
        picture: Sequence[Sequence[Tensor]],
        cells: Tensor,
        metainfo: dict,
        test_cfg: ConfigType,
    ) -> Tensor:
        """Heatmaps (M, K, H, W) of the instances of a picture, on the grid of its first size.

        Args:
            picture: For each size the features (C, h, w) of the picture and of its mirror image,
                the latter the right way round.
            cells: (M, 2) of the first size.
            metainfo: Of the sample.
            test_cfg: That of :meth:`predict`.
        """
        shapes = [views[0].shape[-2:] for views in picture]
        maps = []
        for views, shape, extent in zip(
            picture, shapes, relative_extents(shapes, [metainfo]), strict=True
        ):
            own_cells = _cells_at_size(cells, shapes[0], shape, extent[0])
            heatmaps, *mirrored = (self._decouple(view, own_cells) for view in views)
            for other in mirrored:  # its cells are in place, its left and right keypoints are not
                other = flip_heatmaps(other.flip(-1), metainfo['flip_indices'], shift_heatmap=False)
                heatmaps = (heatmaps + other) / 2
            maps.append(heatmaps)
        align_corners = test_cfg.get('align_corners', False)
        return _smoothed(merged_maps(maps, [metainfo], None, align_corners), test_cfg)

    def _instances(self, heatmaps: Tensor, scores: Tensor) -> InstanceData:
        keypoints, keypoint_scores = self.decoder.decode(heatmaps, scores)
        # As in every release, also without a flip test and along y: the cells of a mirror image lie
        # nearly a cell further on, hence their mean with those of the picture half a cell.
        keypoints = keypoints + self.decoder.scale_factor / 2
        return InstanceData(keypoints=keypoints, keypoint_scores=keypoint_scores)


def _features_at(feats: Tensor, cells: Tensor) -> Tensor:
    """Features (M, C) of a map (C, H, W) at cells (M, 2), (x, y)."""
    x, y = cells.long().unbind(1)
    return feats[:, y, x].T


def _smoothed(heatmaps: Tensor, test_cfg: ConfigType) -> Tensor:
    """The mean of heatmaps and their blurred selves."""
    kernel = test_cfg.get('blur_kernel_size', 3)
    return (heatmaps + avg_pool2d(heatmaps, kernel, stride=1, padding=(kernel - 1) // 2)) / 2


def _window(H: int, W: int) -> int:
    """Size of the window in which a root is the maximum, as in CornerNet's successors."""
    mean_side = (H + W) / 2
    return 7 if mean_side > 300 else 5 if mean_side > 200 else 3


def _cells_at_size(
    cells: Tensor, first_hw: Sequence[int], shape_hw: Sequence[int], extent: np.ndarray
) -> Tensor:
    """Cells (M, 2) of the first size, at a size that shows ``extent`` times as much."""
    middles = from_first_size(cells + 0.5, shape_hw, first_hw, extent)
    last = middles.new_tensor(shape_hw[::-1]) - 1
    return torch.minimum(middles.floor().clamp(min=0), last).long()


def _draw(instances: Sequence[Tensor], limit: int) -> list[Tensor | slice]:
    """For each picture the indices of its instances that are among ``limit`` of all."""
    counts = [len(each) for each in instances]
    total = sum(counts)
    if not 0 < limit < total:
        return [slice(None)] * len(counts)
    is_drawn = torch.zeros(total, dtype=torch.bool)
    is_drawn[torch.randperm(total)[:limit]] = True
    parts = zip(is_drawn.split(counts), instances, strict=True)
    return [tensor_beside(part.nonzero().squeeze(1), each) for part, each in parts]


def _maximum(heatmaps: Tensor) -> Tensor:
    """The maximum (K, H, W) over instances (M, K, H, W), 0 where there is none."""
    nothing = heatmaps.new_zeros(1, *heatmaps.shape[1:])
    return torch.cat([heatmaps, nothing]).amax(0).detach()

"""The head of associative embedding: heatmaps, and tags that tell instances apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from mmengine.structures import InstanceData, PixelData
from torch import Tensor, nn

from mmpose.registry import MODELS

from ...utils.ops import to_float32
from ...utils.tta import check_flip_indices
from ..bottomup_maps import (
    check_cells,
    feature_views,
    fed_shape,
    heatmap_masks,
    merged_maps,
)
from ..targets import fields_of
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


@MODELS.register_module()
class AssociativeEmbeddingHead(HeatmapHead):
    """Heatmaps shared by all instances, and tags, from the last feature map.

    Papers: `Newell et al., 2017, Associative Embedding <https://arxiv.org/abs/1611.05424>`_;
    `Cheng et al., 2020, HigherHRNet <https://arxiv.org/abs/1908.10357>`_. The maps of all sizes
    and mirror images are averaged, while the tags of the mirror image stand beside those of the
    picture, and those of further sizes are not used. Arguments that are not listed are those of
    :class:`HeatmapHead`.

    Args:
        num_keypoints: Number K of keypoints.
        tag_dim: Numbers L in a tag.
        tag_per_keypoint: Whether each keypoint has tags of its own; if not, all share theirs.
        keypoint_loss: The loss of the heatmaps.
        tag_loss: The loss of the tags.
        decoder: The codec :class:`~mmpose.codecs.AssociativeEmbedding`; ``None`` to train only.
    """

    def __init__(
        self,
        in_channels: int | Sequence[int],
        num_keypoints: int,
        tag_dim: int = 1,
        tag_per_keypoint: bool = True,
        deconv_out_channels: Sequence[int] | None = (256, 256, 256),
        deconv_kernel_sizes: Sequence[int] | None = (4, 4, 4),
        conv_out_channels: Sequence[int] | None = None,
        conv_kernel_sizes: Sequence[int] | None = None,
        final_layer: OptConfigType = dict(kernel_size=1),
        keypoint_loss: ConfigType = dict(type='KeypointMSELoss'),
        tag_loss: ConfigType = dict(type='AssociativeEmbeddingLoss'),
        decoder: OptConfigType = None,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        num_tags = tag_dim * num_keypoints if tag_per_keypoint else tag_dim
        super().__init__(
            in_channels,
            num_keypoints + num_tags,
            deconv_out_channels,
            deconv_kernel_sizes,
            conv_out_channels,
            conv_kernel_sizes,
            final_layer,
            keypoint_loss,
            decoder,
            init_cfg,
        )
        self.num_keypoints = num_keypoints
        self.tag_dim = tag_dim
        self.tag_per_keypoint = tag_per_keypoint
        self.loss_module = nn.ModuleDict(
            dict(keypoint_loss=self.loss_module, tag_loss=MODELS.build(tag_loss))
        )

    def forward(self, feats: Features) -> tuple[Tensor, Tensor]:
        """Heatmaps (B, K, H, W), and tags (B, L * K, H, W), or (B, L, H, W) where they are shared.

        Channel l * K + k of the tags belongs to keypoint k.

        Args:
            feats: Feature maps, of which only the last is read.
        """
        outputs = super().forward(feats)
        return outputs[:, : self.num_keypoints], outputs[:, self.num_keypoints :]

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
                ``restore_heatmap_size`` (to decode maps enlarged to the input's size) and
                ``output_heatmaps``.

        Raises:
            KeyError: A flip test lacks ``flip_indices``.
            ValueError: The samples have several ``flip_indices``, or the decoder is for maps of
                another size.
        """
        if test_cfg.get('flip_test', False):
            check_flip_indices(batch_data_samples)
        batch_metainfo = [sample.metainfo for sample in batch_data_samples]
        restored = test_cfg.get('restore_heatmap_size', False)
        shape_hw = fed_shape(batch_metainfo[0]) if restored else None
        align_corners = test_cfg.get('align_corners', False)

        sizes = [
            self._mean_heatmaps(views, batch_metainfo[0], test_cfg)
            for views in feature_views(feats, test_cfg)
        ]
        heatmaps = merged_maps(
            [heatmaps for heatmaps, _ in sizes], batch_metainfo, shape_hw, align_corners
        )
        tags = merged_maps([sizes[0][1]], batch_metainfo, shape_hw, align_corners)
        check_cells(self, heatmaps.shape[-2:], batch_metainfo[0], ', or `restore_heatmap_size`')
        preds = self.decode((heatmaps, tags))
        if test_cfg.get('output_heatmaps', False):
            fields = zip(heatmaps.detach(), tags.detach(), strict=True)
            return preds, [PixelData(heatmaps=maps, tags=each) for maps, each in fields]
        return preds

    def _mean_heatmaps(
        self, views: Sequence[Features], metainfo: dict, test_cfg: ConfigType
    ) -> tuple[Tensor, Tensor]:
        """Heatmaps (B, K, H, W) averaged over a picture and its mirror image, and tags of both."""
        maps = [self._maps_of_keypoints(feats) for feats in views]
        if len(maps) > 1:
            flipped = maps[1].flatten(0, 1)
            maps[1] = self.flip_back(flipped, metainfo, test_cfg).view_as(maps[1])
        heatmaps = torch.stack([each[:, 0] for each in maps]).mean(0)
        return heatmaps, torch.cat([each[:, 1:].flatten(1, 2) for each in maps], dim=1)

    def _maps_of_keypoints(self, feats: Features) -> Tensor:
        """The heatmap and the L maps of tags of each keypoint, (B, 1 + L, K, H, W)."""
        heatmaps, tags = self(feats)
        maps = torch.cat([heatmaps, self._tags_of_keypoints(tags)], dim=1)
        return to_float32(maps).unflatten(1, (-1, self.num_keypoints))

    def _tags_of_keypoints(self, tags: Tensor) -> Tensor:
        return tags if self.tag_per_keypoint else tags.repeat_interleave(self.num_keypoints, dim=1)

    def decode(self, batch_outputs: tuple[Tensor, Tensor]) -> InstanceList:
        """Keypoints (N, K, 2) in input pixels, scores (N, K), ``bbox_scores`` (N,) of each sample.

        Args:
            batch_outputs: Heatmaps (B, K, H, W) and tags, a multiple of K channels.

        Raises:
            RuntimeError: The head has no decoder.
        """
        return [
            InstanceData(keypoints=keypoints, keypoint_scores=scores, bbox_scores=instance_scores)
            for keypoints, scores, instance_scores in self.decoded_values(batch_outputs)
        ]

    def loss(
        self, feats: Features, batch_data_samples: SampleList, train_cfg: ConfigType = {}
    ) -> dict[str, Tensor]:
        """``loss_kpt`` of the heatmaps, ``loss_pull`` and ``loss_push`` of the tags.

        A map shows all instances. It counts as much as the instance with the greatest
        ``keypoint_weights``, and fully where none is labelled, being background then.

        Args:
            feats: Feature maps.
            batch_data_samples: The samples, with the codec's targets and perhaps ``heatmap_mask``.
            train_cfg: Without effect: there is no training accuracy.
        """
        heatmaps, tags = self(feats)
        labels = [sample.gt_instance_labels for sample in batch_data_samples]
        loss_kpt = self.loss_module['keypoint_loss'](
            heatmaps,
            fields_of(batch_data_samples, 'heatmaps'),
            torch.stack([_map_weights(label.keypoint_weights) for label in labels]),
            heatmap_masks(batch_data_samples),
        )
        loss_pull, loss_push = self.loss_module['tag_loss'](
            self._tags_of_keypoints(tags), [label.keypoint_indices for label in labels]
        )
        return dict(loss_kpt=loss_kpt, loss_pull=loss_pull, loss_push=loss_push)


def _map_weights(keypoint_weights: Tensor) -> Tensor:
    """Weights (K,) of the maps from those of the instances, (N, K), with N from 0."""
    K = keypoint_weights.shape[1]
    greatest = torch.cat([keypoint_weights, keypoint_weights.new_zeros(1, K)]).amax(0)
    return torch.where(greatest > 0, greatest, 1)

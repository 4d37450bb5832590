"""The decoder of ED-Pose, which finds humans and then their keypoints, and its output layers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING

import torch
from mmengine.model import BaseModule, bias_init_with_prob, constant_init
from torch import Tensor, nn

from ...utils.ops import to_float32
from .edpose_queries import join_queries, split_queries
from .transformers.deformable_detr_layers import (
    DeformableDetrTransformerDecoderLayer,
    scale_references,
)
from .transformers.utils import FFN, refine, sine_embedding

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType


class EDPoseDecoder(BaseModule):
    """Humans, refined by the first layers, then the best of them with their keypoints.

    Paper: `Yang et al., ICLR 2023, Explicit Box Detection Unifies End-to-End Multi-Person Pose
    Estimation <https://arxiv.org/abs/2302.01593>`_. Every query has a box. After
    ``num_box_decoder_layers``, each of the best ``num_group`` humans gets K queries for its
    keypoints.

    Args:
        layer_cfg: Arguments of each :class:`DeformableDetrTransformerDecoderLayer`.
        num_layers: Number of layers.
        return_intermediate: Must be true: what follows reads all layers.
        embed_dims: Channels of the queries, a multiple of 4.
        query_dim: Numbers of a reference; must be 4, a box.
        num_feature_levels: Number of feature maps; without effect, since the layers know it.
        num_box_decoder_layers: Number of layers that look for humans alone.
        num_keypoints: Number K of keypoints.
        num_dn: Number of denoising queries in training.
        num_group: Number of humans that get keypoints.

    Raises:
        ValueError: A number is not among those said above, or the layers have other channels.
    """

    def __init__(
        self,
        layer_cfg: ConfigType,
        num_layers: int,
        return_intermediate: bool = True,
        embed_dims: int = 256,
        query_dim: int = 4,
        num_feature_levels: int = 1,
        num_box_decoder_layers: int = 2,
        num_keypoints: int = 17,
        num_dn: int = 100,
        num_group: int = 100,
    ) -> None:
        super().__init__()
        if query_dim != 4 or not return_intermediate:
            raise ValueError(
                f'query_dim is {query_dim} and return_intermediate is {return_intermediate}; '
                'ED-Pose needs boxes (4) and all layers (True).'
            )
        if not 0 < num_box_decoder_layers < num_layers:
            raise ValueError(
                f'num_box_decoder_layers is {num_box_decoder_layers} of num_layers={num_layers}; '
                'there must be layers for humans and, after them, layers for keypoints.'
            )
        self.layers = nn.ModuleList(
            DeformableDetrTransformerDecoderLayer(**layer_cfg) for _ in range(num_layers)
        )
        if embed_dims % 4 or embed_dims != self.layers[0].embed_dims:
            raise ValueError(
                f'embed_dims of the decoder is {embed_dims} and that of its layers is '
                f'{self.layers[0].embed_dims}; give both the same multiple of 4.'
            )
        self.num_layers = num_layers
        self.embed_dims = embed_dims
        self.num_box_decoder_layers = num_box_decoder_layers
        self.num_keypoints = num_keypoints
        self.num_dn = num_dn
        self.num_group = num_group
        self.norm = nn.LayerNorm(embed_dims)
        self.ref_point_head = FFN(2 * embed_dims, embed_dims, embed_dims, num_layers=2)
        self.hw = nn.Embedding(num_keypoints, 2)
        self.keypoint_embed = nn.Embedding(num_keypoints, embed_dims)

    def share_outputs(self, out_head: EDPoseOutHead) -> None:
        """Refine by the very layers that :class:`EDPoseOutHead` reads its outputs with."""
        self.bbox_embed = out_head.bbox_embed
        self.class_embed = out_head.class_embed
        self.pose_embed = out_head.pose_embed
        self.pose_hw_embed = out_head.pose_hw_embed

    def forward(
        self,
        query: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None,
        reference_points: Tensor,
        spatial_shapes: Sequence[tuple[int, int]],
        valid_ratios: Tensor,
        humandet_attn_mask: Tensor | None = None,
        human2pose_attn_mask: Tensor | None = None,
        num_denoising: int = 0,
    ) -> tuple[list[Tensor], list[Tensor]]:
        """The normalised queries after each layer, and the references before each and at the end.

        Layers for humans have Q queries, those for keypoints D + G * (1 + K).

        Args:
            query: (B, Q, C), the denoising ones first.
            value: (B, S, C), the cells of all maps.
            key_padding_mask: (B, S), true for cells that are no part of a picture.
            reference_points: (B, Q, 4) logits of boxes (cx, cy, w, h).
            spatial_shapes: (h, w) of each of the L maps.
            valid_ratios: (B, L, 2) (w, h) of the picture as shares of each map.
            humandet_attn_mask: Which queries do not see which, as long as there are but humans.
            human2pose_attn_mask: The same once there are keypoints.
            num_denoising: Number D of denoising queries.
        """
        references = to_float32(reference_points).sigmoid()
        mask = humandet_attn_mask
        hidden_states, all_references = [], [references]
        for i, layer in enumerate(self.layers):
            # Published code places queries in the padded map; shares of the picture are the same
            # for one picture, and do not depend on the others in the batch.
            position = self.get_proposal_pos_embed(references, num_pos_feats=self.embed_dims // 2)
            query = layer(
                query,
                value=value,
                query_pos=self.ref_point_head(position.to(query.dtype)),
                self_attn_mask=mask,
                key_padding_mask=key_padding_mask,
                reference_points=scale_references(references, valid_ratios),
                spatial_shapes=spatial_shapes,
            )
            hidden_states.append(self.norm(query))
            if i < self.num_box_decoder_layers:
                references = refine(references, self.bbox_embed[i](query))
            else:
                references = self._refine_groups(i, query, references, num_denoising)
            if i == self.num_box_decoder_layers - 1:
                query, references = self._expand(query, references, num_denoising)
                mask = human2pose_attn_mask
            references = references.detach()
            all_references.append(references)
        return hidden_states, all_references

    def _refine_groups(
        self, i: int, query: Tensor, references: Tensor, num_denoising: int
    ) -> Tensor:
        humans, keypoints = split_queries(query, num_denoising, self.num_keypoints)
        boxes, places = split_queries(references, num_denoising, self.num_keypoints)
        j = i - self.num_box_decoder_layers
        deltas = [self.pose_embed[j](keypoints), self.pose_hw_embed[j](keypoints)]
        boxes = refine(boxes, self.bbox_embed[i](humans))
        places = refine(places, torch.cat(deltas, dim=-1))
        return join_queries(boxes, places, num_denoising)

    def _expand(
        self, query: Tensor, references: Tensor, num_denoising: int
    ) -> tuple[Tensor, Tensor]:
        """The queries and references of the denoising humans and of the best with keypoints.

        A keypoint starts at a learned place around its human's centre, with a learned share of its
        box.
        """
        scores = self.class_embed[self.num_box_decoder_layers - 1](query).amax(-1)
        best = scores[:, num_denoising:].topk(self.num_group, dim=1).indices + num_denoising
        query, humans = query[:, :num_denoising], gather_queries(query, best)
        references, boxes = references[:, :num_denoising], gather_queries(references, best)

        keypoints = self.keypoint_embed.weight
        boxes_of_each = boxes[:, :, None].expand(-1, -1, self.num_keypoints, -1)
        centers = refine(boxes_of_each[..., :2], self.pose_embed[-1](keypoints))
        sides = boxes_of_each[..., 2:] * self.hw.weight.sigmoid()
        places = torch.cat([centers, sides], dim=-1)
        keypoints = keypoints.to(humans.dtype).expand(*places.shape[:2], -1, -1)
        return (
            join_queries(torch.cat([query, humans], dim=1), keypoints, num_denoising),
            join_queries(torch.cat([references, boxes], dim=1), places, num_denoising),
        )

    @staticmethod
    def get_proposal_pos_embed(
        pos_tensor: Tensor, temperature: float = 10000, num_pos_feats: int = 128
    ) -> Tensor:
        """Sines and cosines of y, x and, of boxes, w and h; (B, N, 2 or 4 * ``num_pos_feats``).

        Args:
            pos_tensor: (B, N, 2 or 4) points (x, y) or boxes (cx, cy, w, h), shares of the picture.
            temperature: Ratio of the highest to the lowest frequency, nearly.
            num_pos_feats: Channels of each number.
        """
        x, y, *sides = (2 * math.pi * pos_tensor).unbind(-1)
        return sine_embedding(
            torch.stack([y, x, *sides], dim=-1), num_pos_feats, temperature
        ).flatten(-2)


def gather_queries(x: Tensor, indices: Tensor) -> Tensor:
    """The rows (B, N, C) of ``x`` (B, M, C) that ``indices`` (B, N) name."""
    return x.gather(1, indices[..., None].expand(-1, -1, x.shape[-1]))


class EDPoseOutHead(BaseModule):
    """Scores, boxes and keypoints of queries; see :class:`EDPoseDecoder`.

    Args:
        num_classes: Number of classes.
        num_keypoints: Number K of keypoints.
        num_layers: Number of layers of the decoder.
        num_box_decoder_layers: Number of those for humans alone.
        embed_dims: Channels of the queries.
        cls_no_bias: Whether scores are computed without a bias.
        dec_pred_class_embed_share: Whether all layers share what computes scores.
        dec_pred_bbox_embed_share: Whether all layers share what computes boxes.
        dec_pred_pose_embed_share: Whether all layers share what computes keypoints.
    """

    def __init__(
        self,
        num_classes: int,
        num_keypoints: int = 17,
        num_layers: int = 6,
        num_box_decoder_layers: int = 2,
        embed_dims: int = 256,
        cls_no_bias: bool = False,
        dec_pred_class_embed_share: bool = False,
        dec_pred_bbox_embed_share: bool = False,
        dec_pred_pose_embed_share: bool = False,
    ) -> None:
        super().__init__()
        self.num_classes = num_classes
        self.num_keypoints = num_keypoints
        self.num_box_decoder_layers = num_box_decoder_layers
        num_pose_layers = num_layers - num_box_decoder_layers

        def branches(make: Callable[[], nn.Module], number: int, share: bool) -> nn.ModuleList:
            one = make()
            return nn.ModuleList(one if share else deepcopy(one) for _ in range(number))

        def class_branch() -> nn.Module:
            return nn.Linear(embed_dims, num_classes, bias=not cls_no_bias)

        def box_branch() -> nn.Module:
            return FFN(embed_dims, embed_dims, 4, num_layers=3)

        def pose_branch() -> nn.Module:
            return FFN(embed_dims, embed_dims, 2, num_layers=3)

        self.class_embed = branches(class_branch, num_layers, dec_pred_class_embed_share)
        self.bbox_embed = branches(box_branch, num_layers, dec_pred_bbox_embed_share)
        # the last places the keypoints at first
        self.pose_embed = branches(pose_branch, num_pose_layers + 1, dec_pred_pose_embed_share)
        self.pose_hw_embed = branches(pose_branch, num_pose_layers, dec_pred_pose_embed_share)

    def reset(self) -> None:
        """Start with scores of about 0.01, and leave boxes and keypoints where they are."""
        for branch in self.class_embed:
            reset_scores(branch)
        for branch in (*self.bbox_embed, *self.pose_embed):
            reset_steps(branch)

    def forward(
        self, hidden_states: Sequence[Tensor], references: Sequence[Tensor], num_denoising: int = 0
    ) -> tuple[Tensor, Tensor, Tensor]:
        """What :meth:`layer_outputs` reads off the last layer, without denoising queries.

        Args:
            hidden_states: The queries after each layer.
            references: Their references before each layer, and at the end.
            num_denoising: Number of denoising queries.
        """
        last = len(hidden_states) - 1
        logits, boxes, keypoints = self.layer_outputs(
            last, hidden_states[last], references[last], num_denoising
        )
        return logits[:, num_denoising:], boxes[:, num_denoising:], keypoints

    def layer_outputs(
        self, i: int, hidden_state: Tensor, references: Tensor, num_denoising: int = 0
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """Logits (B, D + G, classes), boxes (B, D + G, 4) and keypoints (B, G, 3 * K) of a layer.

        D denoising queries come first, and have no keypoints. Boxes are (cx, cy, w, h), keypoints
        x and y of each, shares of the picture; behind them stand K numbers where published
        interfaces have the visibility, which ED-Pose does not predict. A layer for humans alone has
        Q of them, D + G, and ``None`` for keypoints.

        Args:
            i: Index of the layer.
            hidden_state: (B, D + G * (1 + K), C) the queries after it.
            references: (B, D + G * (1 + K), 4) their references before it.
            num_denoising: Number D of denoising queries.
        """
        j = i - self.num_box_decoder_layers
        if j < 0:
            humans, before, keypoints = hidden_state, references, None
        else:
            humans, poses = split_queries(hidden_state, num_denoising, self.num_keypoints)
            before, places = split_queries(references, num_denoising, self.num_keypoints)
            points = refine(places[..., :2], self.pose_embed[j](poses))
            visible = torch.ones_like(points[..., 0]).sigmoid()
            keypoints = torch.cat([points.flatten(2), visible], dim=-1)
        boxes = refine(before, self.bbox_embed[i](humans))
        return self.class_embed[i](humans), boxes, keypoints


def reset_scores(branch: nn.Linear) -> None:
    """Let all scores be about 0.01."""
    if branch.bias is not None:
        nn.init.constant_(branch.bias, bias_init_with_prob(0.01))


def reset_steps(branch: FFN) -> None:
    """Let references stay where they are."""
    constant_init(branch.layers[-1], 0, bias=0)

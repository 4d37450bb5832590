"""The head of ED-Pose: humans, and then their keypoints, as two detections by one decoder."""

from __future__ import annotations

from copy import deepcopy
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NoReturn

import torch
from mmengine.structures import InstanceData
from torch import Tensor, nn
from torch.nn.functional import pad

from mmpose.registry import KEYPOINT_CODECS, MODELS
from mmpose.utils.tensor_utils import to_numpy

from ...utils.deformable import MultiScaleDeformableAttention
from ...utils.ops import inverse_sigmoid, to_float32
from ...utils.transformer import nchw_to_nlc
from ...utils.tta import check_flip_indices
from ..base_head import warn_of_no_heatmaps
from ..bottomup_maps import feature_views
from ..detection_views import check_suppression, united, unmirrored
from .base_transformer_head import TransformerHead
from .edpose_layers import (
    EDPoseDecoder,
    EDPoseOutHead,
    gather_queries,
    reset_scores,
    reset_steps,
)
from .edpose_queries import Denoising, denoising_mask, human_to_pose_mask, with_denoising
from .padding import padding_masks, picture_shape
from .transformers.deformable_detr_layers import DeformableDetrTransformerEncoder
from .transformers.utils import PositionEmbeddingSineHW
from .two_stage import cell_proposals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mmpose.utils.typing import (
        ConfigType,
        Features,
        InstanceList,
        OptConfigType,
        OptSampleList,
        SampleList,
    )


@MODELS.register_module()
class EDPoseHead(TransformerHead):
    """Humans and their keypoints in a picture, from queries that attend to its feature maps.

    Paper: `Yang et al., ICLR 2023, Explicit Box Detection Unifies End-to-End Multi-Person Pose
    Estimation <https://arxiv.org/abs/2302.01593>`_. It predicts, for instance with the published
    weights; as in the published interface there is no loss to train it.

    Args:
        num_queries: Number of queries for humans.
        num_feature_levels: Number L of feature maps.
        num_keypoints: Number K of keypoints.
        as_two_stage: Whether queries start at the cells that look most like humans, which the
            encoder's output tells; else where they have learned to.
        encoder: Arguments of :class:`DeformableDetrTransformerEncoder`.
        decoder: Arguments of :class:`EDPoseDecoder`, and ``num_keypoints`` is added.
        out_head: Arguments of :class:`EDPoseOutHead`, those that do not follow from the decoder:
            ``num_classes`` and perhaps ``cls_no_bias``.
        positional_encoding: Arguments of :class:`PositionEmbeddingSineHW`.
        data_decoder: The codec :class:`~mmpose.codecs.EDPoseLabel`; ``None`` where nothing is
            predicted.
        denosing_cfg: Arguments of :class:`~.edpose_queries.Denoising`, the queries that training
            adds; ``None`` for none.
        dec_pred_class_embed_share: Whether all layers share what computes scores.
        dec_pred_bbox_embed_share: Whether all layers share what computes boxes. If they share both,
            the first stage does, too.
        refine_queries_num: Number of denoising queries, ``num_dn`` of the decoder.
        two_stage_keep_all_tokens: Whether the decoder's results tell of all cells, not only of the
            chosen, what the first stage saw.

    Attributes:
        in_channels: Channels of each feature map.
        num_classes: Number of classes.

    Raises:
        ValueError: An argument is missing, or two contradict each other.
    """

    def __init__(
        self,
        num_queries: int = 100,
        num_feature_levels: int = 4,
        num_keypoints: int = 17,
        as_two_stage: bool = False,
        encoder: OptConfigType = None,
        decoder: OptConfigType = None,
        out_head: OptConfigType = None,
        positional_encoding: OptConfigType = None,
        data_decoder: OptConfigType = None,
        denosing_cfg: OptConfigType = None,
        dec_pred_class_embed_share: bool = False,
        dec_pred_bbox_embed_share: bool = False,
        refine_queries_num: int = 100,
        two_stage_keep_all_tokens: bool = False,
    ) -> None:
        super().__init__(
            encoder=encoder,
            decoder=decoder,
            out_head=out_head,
            positional_encoding=positional_encoding,
            num_queries=num_queries,
            init_cfg=self.default_init_cfg,
        )
        _check_given(encoder=encoder, decoder=decoder, out_head=out_head)
        self.num_feature_levels = num_feature_levels
        self.num_keypoints = num_keypoints
        self.as_two_stage = as_two_stage
        self.refine_queries_num = refine_queries_num
        self.two_stage_keep_all_tokens = two_stage_keep_all_tokens
        self.data_decoder = None if data_decoder is None else KEYPOINT_CODECS.build(data_decoder)

        self.positional_encoding = PositionEmbeddingSineHW(**self.positional_encoding_cfg)
        self.encoder = DeformableDetrTransformerEncoder(**self.encoder_cfg)
        self.decoder = EDPoseDecoder(**{**self.decoder_cfg, 'num_keypoints': num_keypoints})
        self.out_head = EDPoseOutHead(
            num_keypoints=num_keypoints,
            num_layers=self.decoder.num_layers,
            num_box_decoder_layers=self.decoder.num_box_decoder_layers,
            embed_dims=self.decoder.embed_dims,
            dec_pred_class_embed_share=dec_pred_class_embed_share,
            dec_pred_bbox_embed_share=dec_pred_bbox_embed_share,
            **self.out_head_cfg,
        )
        self.decoder.share_outputs(self.out_head)
        self.num_classes = self.out_head.num_classes
        self.embed_dims = self.encoder.embed_dims
        self.in_channels = (self.embed_dims,) * num_feature_levels
        self.denoising = None
        if denosing_cfg is not None:
            self.denoising = Denoising(refine_queries_num, self.num_classes, **denosing_cfg)
        self._check_parts()
        self._make_queries(share=dec_pred_class_embed_share and dec_pred_bbox_embed_share)

    def _make_queries(self, share: bool) -> None:
        """Make what queries start with, or what chooses them."""
        C = self.embed_dims
        self.level_embed = nn.Parameter(torch.randn(self.num_feature_levels, C))
        if self.denoising is not None:
            self.label_enc = nn.Embedding(self.denoising.num_labels + 1, C)
        if not self.as_two_stage:
            self.query_embedding = nn.Embedding(self.num_queries, C)
            self.refpoint_embedding = nn.Embedding(self.num_queries, 4)
            return
        self.memory_trans_fc = nn.Linear(C, C)
        self.memory_trans_norm = nn.LayerNorm(C)
        first = self.out_head.bbox_embed[0], self.out_head.class_embed[0]
        self.enc_out_bbox_embed, self.enc_out_class_embed = first if share else deepcopy(first)

    def _check_parts(self) -> None:
        encoder, decoder = self.encoder, self.decoder
        channels = dict(
            encoder=encoder.embed_dims,
            decoder=decoder.embed_dims,
            positional_encoding=2 * self.positional_encoding.num_pos_feats,
        )
        if len(set(channels.values())) > 1:
            raise ValueError(
                f'The parts of EDPoseHead have different numbers of channels: {channels}; make '
                '`embed_dims` of encoder and decoder, and twice the `num_pos_feats` of '
                'positional_encoding, the same.'
            )
        levels = {
            'num_feature_levels': self.num_feature_levels,
            'num_levels of the encoder': encoder.layers[0].self_attn.num_levels,
            'num_levels of the decoder': decoder.layers[0].cross_attn.num_levels,
        }
        if len(set(levels.values())) > 1:
            raise ValueError(f'The numbers of feature maps differ: {levels}; make them the same.')
        if decoder.num_group > self.num_queries:
            raise ValueError(
                f'num_group of the decoder is {decoder.num_group}, more than num_queries='
                f'{self.num_queries}; groups are chosen among the queries.'
            )
        if self.denoising is not None and decoder.num_dn != self.refine_queries_num:
            raise ValueError(
                f'num_dn of the decoder is {decoder.num_dn} and refine_queries_num is '
                f'{self.refine_queries_num}; both are the number of denoising queries.'
            )

    @property
    def decoder(self) -> EDPoseDecoder:
        """The transformer's decoder, where other heads have their codec, here ``data_decoder``."""
        return self._modules['decoder']

    @property
    def default_init_cfg(self) -> list[dict]:
        """None: :meth:`init_weights` knows each part."""
        return []

    def init_weights(self) -> None:
        """Initialise the parts as the paper does."""
        super().init_weights()
        for parameter in (*self.encoder.parameters(), *self.decoder.parameters()):
            if parameter.dim() > 1:
                nn.init.xavier_uniform_(parameter)
        for module in self.modules():
            if isinstance(module, MultiScaleDeformableAttention):
                module.init_weights()
        nn.init.normal_(self.level_embed)
        # after those of the decoder, which shares them
        self.out_head.reset()
        if self.as_two_stage:
            nn.init.xavier_uniform_(self.memory_trans_fc.weight)
            reset_scores(self.enc_out_class_embed)
            reset_steps(self.enc_out_bbox_embed)

    def forward_encoder(
        self, img_feats: Features, batch_data_samples: OptSampleList = None
    ) -> dict[str, Any]:
        """The encoded cells and all else that :meth:`forward_decoder` takes.

        Args:
            img_feats: L maps (B, C, H, W).
            batch_data_samples: As for :meth:`pre_transformer`.
        """
        encoder_inputs, decoder_inputs = self.pre_transformer(img_feats, batch_data_samples)
        return dict(
            memory=self.encoder(**encoder_inputs),
            memory_mask=encoder_inputs['key_padding_mask'],
            spatial_shapes=encoder_inputs['spatial_shapes'],
            level_start_index=encoder_inputs['level_start_index'],
            valid_ratios=encoder_inputs['valid_ratios'],
            **decoder_inputs,
        )

    def pre_transformer(
        self, img_feats: Features, batch_data_samples: OptSampleList = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """The arguments of the encoder, and those of :meth:`forward_decoder` that it does not make.

        Args:
            img_feats: L maps (B, C, H, W).
            batch_data_samples: The samples as :func:`~.padding.padding_masks` reads them and, in
                training, ``repeat`` of :class:`~.edpose_queries.Denoising`; ``None`` where there
                is no padding, and no denoising.

        Raises:
            ValueError: There is another number of maps.
        """
        if len(img_feats) != self.num_feature_levels:
            raise ValueError(
                f'EDPoseHead got {len(img_feats)} feature maps and expects num_feature_levels='
                f'{self.num_feature_levels}; set `num_outs` of the neck to it.'
            )
        masks = padding_masks(img_feats, batch_data_samples)
        positions = [
            nchw_to_nlc(self.positional_encoding(mask).to(level.dtype)) + level
            for mask, level in zip(masks, self.level_embed, strict=True)
        ]
        shapes = [tuple(feat.shape[2:]) for feat in img_feats]
        encoder_inputs = dict(
            query=torch.cat([nchw_to_nlc(feat) for feat in img_feats], dim=1),
            query_pos=torch.cat(positions, dim=1),
            key_padding_mask=torch.cat([mask.flatten(1) for mask in masks], dim=1),
            spatial_shapes=shapes,
            level_start_index=list(accumulate((h * w for h, w in shapes[:-1]), initial=0)),
            valid_ratios=torch.stack([self.get_valid_ratio(mask) for mask in masks], dim=1),
        )
        names = ('input_query_label', 'input_query_bbox', 'humandet_attn_mask',
                 'human2pose_attn_mask', 'mask_dict')  # fmt: skip
        queries = self.prepare_for_denosing(batch_data_samples, img_feats[0].device)
        return encoder_inputs, dict(zip(names, queries, strict=True))

    def prepare_for_denosing(
        self, targets: OptSampleList, device: torch.device | str
    ) -> tuple[Tensor | None, Tensor | None, Tensor | None, Tensor, dict[str, Any] | None]:
        """The denoising queries, and the masks that say which queries do not see which.

        Humans see each other, and keypoints see their group. Denoising queries see them, but they
        do not see denoising queries; see also :func:`~.edpose_queries.denoising_mask`.

        Args:
            targets: The samples, with annotations as ``repeat`` of
                :class:`~.edpose_queries.Denoising` reads them. ``None`` for no denoising queries;
                nor are there any in evaluation.
            device: Where the queries are wanted.

        Returns:
            The content (B, D, C) of the D denoising queries and logits of their boxes (B, D, 4);
            masks for humans alone and for humans with keypoints, true where a query (row) does not
            see another (column); and ``pad_size``, D, with the values before noise was added. With
            no denoising queries, all but the second mask are ``None``.
        """
        to_pose = human_to_pose_mask(self.decoder.num_group, self.num_keypoints, device)
        if not self.training or targets is None or self.denoising is None:
            return None, None, None, to_pose, None
        known = self.denoising.repeat(targets, device)
        labels, boxes = self.denoising.add_noise(known)
        counts = [len(sample.gt_instances.bboxes) for sample in targets]
        among = denoising_mask(counts, self.denoising.number, device)
        num_heads = self.decoder.layers[0].self_attn.attn.num_heads
        humandet, human2pose = (
            with_denoising(mask, among).repeat_interleave(num_heads, dim=0)
            for mask in (to_pose.new_zeros(self.num_queries, self.num_queries), to_pose)
        )
        mask_dict = dict(pad_size=self.denoising.number, **known)
        return self.label_enc(labels), inverse_sigmoid(boxes), humandet, human2pose, mask_dict

    def forward_decoder(
        self,
        memory: Tensor,
        memory_mask: Tensor,
        spatial_shapes: Sequence[tuple[int, int]],
        level_start_index: Sequence[int] | None,
        valid_ratios: Tensor,
        humandet_attn_mask: Tensor | None,
        human2pose_attn_mask: Tensor,
        input_query_bbox: Tensor | None,
        input_query_label: Tensor | None,
        mask_dict: dict[str, Any] | None,
    ) -> dict[str, Any]:
        """The queries and references of each layer, as :class:`EDPoseDecoder` returns them.

        Beside them are ``mask_dict`` and, of two stages, ``hidden_states_enc`` (B, N, C) and
        ``referens_enc`` (B, N, 4): the cells that queries start with, and their boxes.

        Args:
            memory: (B, S, C), the encoded cells of all maps.
            memory_mask: (B, S), true for cells that are no part of a picture.
            spatial_shapes: (h, w) of each map.
            level_start_index: Without effect: it follows from ``spatial_shapes``.
            valid_ratios: (B, L, 2) (w, h) of the picture as shares of each map.
            humandet_attn_mask: As :meth:`prepare_for_denosing` returns it, and all that follow.
            human2pose_attn_mask: The mask for humans with keypoints.
            input_query_bbox: Logits of the boxes of denoising queries.
            input_query_label: Content of the denoising queries.
            mask_dict: With ``pad_size``, the number of denoising queries.
        """
        query, reference_points, hidden_states_enc, referens_enc = self.pre_decoder(
            memory, memory_mask, spatial_shapes, input_query_bbox, input_query_label
        )
        hidden_states, references = self.decoder(
            query,
            value=memory,
            key_padding_mask=memory_mask,
            reference_points=reference_points,
            spatial_shapes=spatial_shapes,
            valid_ratios=valid_ratios,
            humandet_attn_mask=humandet_attn_mask,
            human2pose_attn_mask=human2pose_attn_mask,
            num_denoising=_num_denoising(mask_dict),
        )
        return dict(
            hidden_states=hidden_states,
            references=references,
            mask_dict=mask_dict,
            hidden_states_enc=hidden_states_enc,
            referens_enc=referens_enc,
        )

    def pre_decoder(
        self,
        memory: Tensor,
        memory_mask: Tensor,
        spatial_shapes: Sequence[tuple[int, int]],
        input_query_bbox: Tensor | None = None,
        input_query_label: Tensor | None = None,
    ) -> tuple[Tensor, Tensor, Tensor | None, Tensor | None]:
        """The queries (B, D + Q, C) to begin with and the logits of their boxes (B, D + Q, 4).

        Behind them, of two stages, the cells (B, N, C) and their boxes (B, N, 4): of those chosen,
        or of all with ``two_stage_keep_all_tokens``; else ``None`` and ``None``. The arguments are
        those of :meth:`forward_decoder`.
        """
        hidden_states_enc = referens_enc = None
        if self.as_two_stage:
            tokens, proposals = self.gen_encoder_output_proposals(
                memory, memory_mask, spatial_shapes
            )
            best = self._best_cells(tokens, memory_mask)
            chosen, proposals_of_chosen = (gather_queries(x, best) for x in (tokens, proposals))
            reference_points = self._boxes_of_cells(chosen, proposals_of_chosen)
            hidden_states_enc, referens_enc = chosen, reference_points.sigmoid()
            if self.two_stage_keep_all_tokens:
                hidden_states_enc = tokens
                referens_enc = self._boxes_of_cells(tokens, proposals).sigmoid()
            # what is learned of the second stage is no reason to choose other cells
            query, reference_points = chosen.detach(), reference_points.detach()
        else:
            query, reference_points = (
                embedding.weight.expand(len(memory), -1, -1)
                for embedding in (self.query_embedding, self.refpoint_embedding)
            )
        if input_query_bbox is not None:
            query = torch.cat([input_query_label.to(query.dtype), query], dim=1)
            reference_points = torch.cat([input_query_bbox, reference_points], dim=1)
        return query, reference_points, hidden_states_enc, referens_enc

    def _boxes_of_cells(self, tokens: Tensor, proposals: Tensor) -> Tensor:
        return to_float32(self.enc_out_bbox_embed(tokens)) + proposals

    def _best_cells(self, tokens: Tensor, memory_mask: Tensor) -> Tensor:
        """Indices (B, Q) of the cells with the highest score of any class; padding comes last."""
        padding = pad(memory_mask, (0, tokens.shape[1] - memory_mask.shape[1]), value=True)
        scores = self.enc_out_class_embed(tokens).amax(-1).masked_fill(padding, -torch.inf)
        return scores.topk(self.num_queries, dim=1).indices

    def gen_encoder_output_proposals(
        self, memory: Tensor, memory_mask: Tensor, spatial_shapes: Sequence[tuple[int, int]]
    ) -> tuple[Tensor, Tensor]:
        """What each cell tells of a human, (B, N, C), and logits of a box to begin with, (B, N, 4).

        N is S, or the number of queries where that is more: blank cells are added. Blank ones tell
        nothing, and their logits are infinite; see :func:`~.two_stage.cell_proposals`.

        Args:
            memory: (B, S, C), the encoded cells of all maps.
            memory_mask: (B, S), true for cells that are no part of a picture.
            spatial_shapes: (h, w) of each map.
        """
        proposals, blank = cell_proposals(memory_mask, spatial_shapes)
        memory = memory.masked_fill(blank[..., None], 0)
        if (missing := self.num_queries - memory.shape[1]) > 0:
            memory = pad(memory, (0, 0, 0, missing))
            proposals = pad(proposals, (0, 0, 0, missing), value=torch.inf)
        return self.memory_trans_norm(self.memory_trans_fc(memory)), proposals

    def forward_out_head(
        self,
        batch_data_samples: OptSampleList,
        hidden_states: Sequence[Tensor],
        references: Sequence[Tensor],
        mask_dict: dict[str, Any] | None,
        hidden_states_enc: Tensor | None,
        referens_enc: Tensor | None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Logits (B, G, classes), boxes (B, G, 4) and keypoints (B, G, 3 * K) of the G humans.

        See :meth:`EDPoseOutHead.layer_outputs` for what they are.

        Args:
            batch_data_samples: Without effect.
            hidden_states: As :meth:`forward_decoder` returns them, and all that follow.
            references: The references of the queries.
            mask_dict: With ``pad_size``, the number of denoising queries, which do not come out.
            hidden_states_enc: Without effect: a loss would read it.
            referens_enc: Without effect, as well.
        """
        return self.out_head(hidden_states, references, _num_denoising(mask_dict))

    def predict(
        self, feats: Features, batch_data_samples: SampleList, test_cfg: ConfigType = {}
    ) -> InstanceList:
        """The humans of each sample, from the highest score down, in pixels of the input.

        Args:
            feats: L maps (B, C, H, W); with ``flip_test`` also those of the mirror images.
            batch_data_samples: The samples, as :func:`~.padding.padding_masks` reads them.
            test_cfg: ``flip_test``, which shows further humans, and then ``nms_thr``, the overlap
                of boxes from which of two humans the one with the lower score is left out.

        Returns:
            As of :meth:`decode`.

        Raises:
            KeyError: A flip test lacks ``flip_indices``.
            NotImplementedError: ``multiscale_test`` is asked for.
            ValueError: In a flip test there is no ``nms_thr``, there are several ``flip_indices``,
                or pictures have padding.
        """
        warn_of_no_heatmaps(self, test_cfg)
        if test_cfg.get('multiscale_test', False):
            raise NotImplementedError(
                'EDPoseHead needs to know the padding of each picture, which samples tell of their '
                'first size only; set `multiscale_test=False` in test_cfg.'
            )
        (views,) = feature_views(feats, test_cfg)
        shapes = [picture_shape(sample.metainfo) for sample in batch_data_samples]
        if test_cfg.get('flip_test', False):
            check_flip_indices(batch_data_samples)
            check_suppression(test_cfg)
            _check_no_padding(shapes, batch_data_samples)
        plain, *mirrored = (self.decode(shapes, *self(x, batch_data_samples)) for x in views)
        if not mirrored:
            return plain
        flip_indices = batch_data_samples[0].metainfo['flip_indices']
        return united([plain, unmirrored(*mirrored, shapes[0][::-1], flip_indices)], test_cfg)

    def decode(
        self,
        input_shapes: Sequence[tuple[int, int]],
        pred_logits: Tensor,
        pred_boxes: Tensor,
        pred_keypoints: Tensor,
    ) -> InstanceList:
        """For each picture ``keypoints``, ``keypoint_scores``, ``bboxes`` and ``bbox_scores``.

        They are arrays (N, K, 2), (N, K), (N, 4) left, top, right, bottom, and (N,). All keypoints
        have the score of their human.

        Args:
            input_shapes: (h, w) of each picture, pixels.
            pred_logits: As :meth:`forward` returns them, and all that follow.
            pred_boxes: The boxes.
            pred_keypoints: The keypoints.

        Raises:
            RuntimeError: There is no ``data_decoder``.
        """
        if self.data_decoder is None:
            raise RuntimeError(
                'EDPoseHead has no codec to turn its outputs into keypoints; set `data_decoder` '
                "in the head's config to dict(type='EDPoseLabel')."
            )
        outputs = to_numpy([to_float32(pred_logits).sigmoid(), pred_boxes, pred_keypoints])
        predictions = []
        for shape, *values in zip(input_shapes, *outputs, strict=True):
            bboxes, keypoints, scores = self.data_decoder.decode(shape, *values)
            predictions.append(
                InstanceData(
                    keypoints=keypoints,
                    keypoint_scores=scores,
                    bboxes=bboxes,
                    bbox_scores=scores[:, 0].copy(),
                )
            )
        return predictions

    def loss(
        self, feats: Features, batch_data_samples: SampleList, train_cfg: ConfigType = {}
    ) -> NoReturn:
        """Raise an error: there is no loss.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError(
            'EDPoseHead has no training loss, in the published interface as here: it predicts with '
            'weights from elsewhere. To train it, override `loss` in a subclass; `forward_decoder` '
            'returns the queries of all layers, the denoising ones first, and '
            '`out_head.layer_outputs` reads boxes and keypoints off each.'
        )


def _check_no_padding(shapes: Sequence[tuple[int, int]], batch_data_samples: SampleList) -> None:
    padded = tuple(batch_data_samples[0].metainfo.get('batch_input_shape', shapes[0]))
    if any(shape != padded for shape in shapes):
        raise ValueError(
            f'flip_test mirrors pictures with their padding, {padded} (h, w), but the samples have '
            f'img_shape {shapes}, and padding has to be at the right; set `pad_size_divisor=1` of '
            'the data preprocessor, or `flip_test=False`.'
        )


def _num_denoising(mask_dict: dict[str, Any] | None) -> int:
    return 0 if mask_dict is None else mask_dict['pad_size']


def _check_given(**cfgs: OptConfigType) -> None:
    missing = [name for name, cfg in cfgs.items() if not cfg]
    if missing:
        raise ValueError(
            f'EDPoseHead needs {" and ".join(missing)}; give the arguments of each in the config.'
        )

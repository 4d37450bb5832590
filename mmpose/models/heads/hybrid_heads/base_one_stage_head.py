"""What heads share that predict an instance in every cell of their feature maps."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmpose.registry import MODELS, TASK_UTILS
from mmpose.structures.bbox import bbox_clip_border

from ...utils.ops import tensor_beside, to_float32
from ...utils.tta import check_flip_indices
from ..base_head import warn_of_no_heatmaps
from ..bottomup_maps import feature_views, relative_extents
from ..detection_views import at_first_size, check_suppression, united, unmirrored
from .detections import pack_detections, select_detections
from .positives import Places, Positives, find_positives, labelled_shares

if TYPE_CHECKING:
    from mmpose.utils.typing import (
        ConfigType,
        Features,
        InstanceList,
        OptConfigType,
        SampleList,
    )

Outputs = dict[str, Tensor]
"""What the A cells of each picture predict, (B, A, ...), by name."""


class BaseOneStageHead(BaseModule, metaclass=ABCMeta):
    """Boxes and poses in every cell of feature maps, of which the best are chosen.

    It is no :class:`~mmpose.models.heads.BaseHead`: there is no codec, the number of instances is
    open, and what a cell should predict depends on what it does predict. A head of this kind sets
    the class attributes, and writes :meth:`scores`, :meth:`poses` and :meth:`loss`.

    Args:
        num_keypoints: Number of keypoints K.
        head_module_cfg: Arguments of :attr:`module_class` other than those given here.
        featmap_strides: Pixels of the input per cell of each feature map.
        num_classes: Number of classes C.
        use_aux_loss: Whether the auxiliary losses count, as in the last epochs of a training.
        assigner: Which cells answer for an instance; needed to train.
        prior_generator: Points of the cells; ``None`` for :attr:`default_priors`.
        overlaps_power: Exponent of the similarities that are the targets of the scores.
        losses: Configs by name: ``cls`` for ``loss_cls``. ``None`` is none.

    Attributes:
        in_channels: Channels of each feature map.
        module_class: Class of the convolutions, ``head_module``.
        output_names: Names of what ``head_module`` returns. There must be ``bbox``, ``kpt``, the
            keypoints relative to the cells' points, and ``kpt_vis``, the logits of visibility.
        needed_losses: Names of the losses that a training needs.
        default_priors: Config of ``prior_generator`` without strides.

    Raises:
        ValueError: ``head_module_cfg`` is missing, or contradicts ``num_classes``.
    """

    module_class: ClassVar[type[BaseModule]]
    output_names: ClassVar[tuple[str, ...]]
    needed_losses: ClassVar[tuple[str, ...]]
    default_priors: ClassVar[dict]

    def __init__(
        self,
        num_keypoints: int,
        head_module_cfg: OptConfigType,
        featmap_strides: Sequence[int],
        num_classes: int,
        use_aux_loss: bool,
        assigner: OptConfigType,
        prior_generator: OptConfigType,
        overlaps_power: float,
        losses: dict[str, OptConfigType],
    ) -> None:
        super().__init__()
        self.num_keypoints = num_keypoints
        self.num_classes = num_classes
        self.featmap_strides = tuple(featmap_strides)
        self.use_aux_loss = use_aux_loss
        self.overlaps_power = overlaps_power
        if prior_generator is None:
            prior_generator = dict(self.default_priors, strides=self.featmap_strides)
        self.prior_generator = TASK_UTILS.build(prior_generator)
        self.assigner = None if assigner is None else TASK_UTILS.build(assigner)
        self.head_module = self._build_module(head_module_cfg)
        self.in_channels = self.head_module.in_channels
        for name, cfg in losses.items():
            setattr(self, f'loss_{name}', None if cfg is None else MODELS.build(cfg))

    def _build_module(self, cfg: OptConfigType) -> BaseModule:
        name = type(self).__name__
        if cfg is None:
            raise ValueError(
                f'{name} has no `head_module_cfg`; give the arguments of '
                f'{self.module_class.__name__}, at least `in_channels`.'
            )
        num_classes = cfg.get('num_classes', self.num_classes)
        if num_classes != self.num_classes:
            raise ValueError(
                f'{name} has num_classes={self.num_classes} and its head_module_cfg '
                f'num_classes={num_classes}; give both the same.'
            )
        own = dict(
            num_keypoints=self.num_keypoints,
            num_classes=self.num_classes,
            featmap_strides=self.featmap_strides,
        )
        return self.module_class(**{**cfg, **own})

    @abstractmethod
    def scores(self, outputs: Outputs) -> Tensor:
        """The scores (B, A, C) of the classes, 0 to 1."""

    @abstractmethod
    def poses(self, outputs: Outputs, priors: Tensor, bboxes: Tensor, places: Places) -> Tensor:
        """The keypoints (P, K, 2) that chosen cells predict, pixels of the input.

        Args:
            outputs: As :meth:`dense_outputs` returns them.
            priors: As :meth:`priors` returns them.
            bboxes: (P, 4) the cells' boxes, xyxy.
            places: The cells.
        """

    @abstractmethod
    def loss(
        self, feats: Features, batch_data_samples: SampleList, train_cfg: ConfigType = {}
    ) -> dict[str, Tensor]:
        """The losses, and as ``overlaps`` what the scores should be, for the log.

        Args:
            feats: Feature maps.
            batch_data_samples: The samples, with ``bboxes``, ``labels``, ``keypoints``,
                ``keypoints_visible`` and ``areas`` in ``gt_instance_labels``.
            train_cfg: Not used.

        Raises:
            ValueError: The assigner or a loss is missing.
        """

    def forward(self, feats: Features) -> tuple[list[Tensor], ...]:
        """As :meth:`maps`."""
        return self.maps(feats)

    def maps(self, feats: Features) -> tuple[list[Tensor], ...]:
        """What :attr:`output_names` names: for each a map (B, channels, H, W) per feature map.

        Args:
            feats: Feature maps, from the finest to the coarsest.

        Raises:
            ValueError: Their number is not that of the strides.
        """
        if len(feats) != len(self.featmap_strides):
            raise ValueError(
                f'{type(self).__name__} gets {len(feats)} feature maps for featmap_strides='
                f'{list(self.featmap_strides)}; give the stride of each map of the neck.'
            )
        return self.head_module(feats)

    def dense_outputs(self, feats: Features) -> Outputs:
        """:meth:`maps` by cells, in single precision, as far as there are any."""
        named_maps = zip(self.output_names, self.maps(feats), strict=True)
        return {name: _flatten_maps(maps) for name, maps in named_maps if maps}

    def priors(self, feats: Features) -> Tensor:
        """The cells' points and strides (A, 4), (x, y) each, pixels of the input."""
        sizes = [tuple(x.shape[-2:]) for x in feats]
        return torch.cat(
            self.prior_generator.grid_priors(sizes, device=feats[0].device, with_stride=True)
        )

    def _shape_of_input(self, feats: Features) -> tuple[int, int]:
        """(h, w), pixels."""
        h, w = (side * self.featmap_strides[0] for side in feats[0].shape[-2:])
        return h, w

    def decode_bbox(self, pred_bboxes: Tensor, priors: Tensor, stride: Tensor) -> Tensor:
        """Boxes (..., A, 4) xyxy, pixels of the input.

        Args:
            pred_bboxes: (..., A, 4) centres relative to the points in strides, and logarithms of
                (w, h) in strides.
            priors: (A, 2) points.
            stride: (A,) strides.
        """
        centers = pred_bboxes[..., :2] * stride[:, None] + priors
        half_wh = pred_bboxes[..., 2:4].exp() * stride[:, None] / 2
        return torch.cat([centers - half_wh, centers + half_wh], dim=-1)

    def decode_kpt_reg(self, pred_kpt_offsets: Tensor, priors: Tensor, stride: Tensor) -> Tensor:
        """Keypoints (..., A, K, 2), pixels of the input.

        Args:
            pred_kpt_offsets: (..., A, 2 K) places relative to the points in strides, x and y of
                each keypoint.
            priors: (A, 2) points.
            stride: (A,) strides.
        """
        offsets = pred_kpt_offsets.unflatten(-1, (-1, 2))
        return offsets * stride[:, None, None] + priors[:, None]

    @torch.no_grad()
    def predict(
        self,
        feats: Features | Sequence[Features],
        batch_data_samples: SampleList,
        test_cfg: ConfigType = {},
    ) -> InstanceList:
        """The instances of each sample, from the highest score down, in pixels of the input.

        Args:
            feats: As :func:`~..bottomup_maps.feature_views` takes them.
            batch_data_samples: The samples, with ``input_size`` (w, h) in their metainfo.
            test_cfg: ``flip_test`` and ``multiscale_test``, which show further persons, and what
                :func:`~.detections.select_detections` reads.

        Returns:
            For each sample arrays: ``keypoints`` (N, K, 2), ``keypoint_scores`` and
            ``keypoints_visible`` (N, K), both the visibility, ``bboxes`` (N, 4) xyxy within the
            input, ``bbox_scores`` and ``scores`` (N,), and ``labels`` (N,), the classes.

        Raises:
            KeyError: A flip test lacks ``flip_indices``.
            ValueError: There are several views, and no ``nms_thr`` or several ``flip_indices``.
        """
        warn_of_no_heatmaps(self, test_cfg)
        sizes = feature_views(feats, test_cfg)
        flip_test = test_cfg.get('flip_test', False)
        if flip_test:
            check_flip_indices(batch_data_samples)
        if flip_test or len(sizes) > 1:
            check_suppression(test_cfg)
        batch_metainfo = [sample.metainfo for sample in batch_data_samples]
        shapes_hw = [self._shape_of_input(views[0]) for views in sizes]
        extents = relative_extents(shapes_hw, batch_metainfo)
        found = []
        for views, shape_hw, extent in zip(sizes, shapes_hw, extents, strict=True):
            for mirrored, view in enumerate(views):
                preds = self._predict_view(view, test_cfg)
                if mirrored:
                    preds = unmirrored(preds, shape_hw[::-1], batch_metainfo[0]['flip_indices'])
                found.append(at_first_size(preds, shape_hw, shapes_hw[0], extent))
        preds = united(found, test_cfg) if len(found) > 1 else found[0]
        for instances, metainfo in zip(preds, batch_metainfo, strict=True):
            instances.bboxes = bbox_clip_border(instances.bboxes, metainfo['input_size'])
        return preds

    def _predict_view(self, feats: Features, test_cfg: ConfigType) -> InstanceList:
        """The instances of each picture of one view, in its pixels; see :meth:`predict`."""
        outputs, priors = self.dense_outputs(feats), self.priors(feats)
        bboxes = self.decode_bbox(outputs['bbox'], priors[:, :2], priors[:, 2])
        chosen = [
            select_detections(scores_of_one, bboxes_of_one, test_cfg)
            for scores_of_one, bboxes_of_one in zip(self.scores(outputs), bboxes, strict=True)
        ]
        scores, labels, cells = (torch.cat(values) for values in zip(*chosen, strict=True))
        counts = [len(of_one) for *_, of_one in chosen]
        pictures = np.arange(len(counts)).repeat(counts)
        places = (tensor_beside(pictures, cells), cells)
        keypoints = self.poses(outputs, priors, bboxes[places], places)
        visible = outputs['kpt_vis'][places].sigmoid()
        return pack_detections(
            counts,
            dict(
                scores=scores,
                labels=labels,
                bboxes=bboxes[places],
                bbox_scores=scores,
                keypoints=keypoints,
                keypoint_scores=visible,
                keypoints_visible=visible,
            ),
        )

    def training_outputs(
        self, feats: Features, batch_data_samples: SampleList
    ) -> tuple[Outputs, Tensor]:
        """:meth:`dense_outputs` with more that the losses need, and :meth:`priors`.

        That is ``bboxes`` and ``keypoints``, decoded, and ``shares``, what a cell's scores weigh.

        Args:
            feats: Feature maps.
            batch_data_samples: The samples.

        Raises:
            RuntimeError: The head is in evaluation mode, and lacks outputs there.
            ValueError: The assigner or a loss is missing.
        """
        needed = ['assigner', *(f'loss_{name}' for name in self.needed_losses)]
        if missing := [name for name in needed if getattr(self, name) is None]:
            raise ValueError(
                f'{type(self).__name__} cannot be trained without {", ".join(missing)}; give '
                'their configs.'
            )
        outputs, priors = self.dense_outputs(feats), self.priors(feats)
        if 'kpt' not in outputs:
            raise RuntimeError(
                f'{type(self).__name__} predicts some of what its losses need in training only; '
                'call `model.train()` first.'
            )
        points, strides = priors[:, :2], priors[:, 2]
        outputs['bboxes'] = self.decode_bbox(outputs['bbox'], points, strides)
        outputs['keypoints'] = self.decode_kpt_reg(outputs['kpt'], points, strides)
        size_wh = self._shape_of_input(feats)[::-1]
        outputs['shares'] = labelled_shares(
            outputs['keypoints'], outputs['kpt_vis'].sigmoid(), size_wh, batch_data_samples
        )
        return outputs, priors

    def positives(
        self, outputs: Outputs, priors: Tensor, batch_data_samples: SampleList
    ) -> Positives:
        """The cells that the assigner gives to instances, and their targets.

        Args:
            outputs: As :meth:`training_outputs` returns them, like ``priors``.
            priors: The cells' points and strides.
            batch_data_samples: The samples.
        """
        predictions = dict(
            bboxes=outputs['bboxes'],
            scores=self.scores(outputs).sqrt(),
            keypoints=outputs['keypoints'],
            keypoints_visible=outputs['kpt_vis'].sigmoid(),
        )
        return find_positives(self.assigner, predictions, priors, batch_data_samples)

    def common_losses(
        self, outputs: Outputs, priors: Tensor, found: Positives, number: Tensor
    ) -> dict[str, Tensor]:
        """The losses of boxes and of the visibility.

        Args:
            outputs: As :meth:`training_outputs` returns them, like ``priors``.
            priors: The cells' points and strides.
            found: The cells that should predict an instance.
            number: What the sums are divided by.
        """
        boxes = outputs['bboxes'][found.places]
        visible = outputs['kpt_vis'][found.places]
        losses = dict(
            loss_bbox=self.loss_bbox(boxes, found.bboxes) / number,
            loss_vis=self.loss_vis(
                visible, found.keypoints_visible, found.keypoints_visible_weights
            ),
        )
        if self.use_aux_loss and self.loss_bbox_aux is not None:
            targets = _encode_bbox(found.bboxes, priors[found.places[1]])
            losses['loss_bbox_aux'] = (
                self.loss_bbox_aux(outputs['bbox'][found.places], targets) / number
            )
        return losses


def _flatten_maps(maps: Sequence[Tensor]) -> Tensor:
    """The cells of all maps, (B, A, C), from maps (B, C, H, W)."""
    return to_float32(torch.cat([x.flatten(2) for x in maps], dim=2)).transpose(1, 2)


def _encode_bbox(bboxes: Tensor, priors: Tensor) -> Tensor:
    """What :meth:`BaseOneStageHead.decode_bbox` turns into boxes (P, 4), for priors (P, 4)."""
    points, strides = priors.split(2, dim=-1)
    top_left, bottom_right = bboxes.split(2, dim=-1)
    centers = ((top_left + bottom_right) / 2 - points) / strides
    return torch.cat([centers, ((bottom_right - top_left) / strides + 1e-8).log()], dim=-1)


def compare_scores(loss: nn.Module, logits: Tensor, targets: Tensor, shares: Tensor) -> Tensor:
    """The loss of the scores of all cells, (B, A, C) logits and targets, (B, A, 1) weights."""
    return loss(*(values.flatten(0, 1) for values in (logits, targets, shares)))


def without_empty(losses: dict[str, Tensor]) -> dict[str, Tensor]:
    """The losses, with 0 for those of no instance, whose mean would not be a number."""
    return {name: loss if loss.numel() else loss.sum() for name, loss in losses.items()}

"""What heads share that predict a box in every cell of their feature maps."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmpose.evaluation.functional import nms_torch
from mmpose.registry import TASK_UTILS

from ..utils.csp_layer import conv_class
from ..utils.misc import filter_scores_and_topk
from ..utils.ops import to_float32

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType, Features, OptMultiConfig


class Boxes(NamedTuple):
    """The boxes of a picture, from the highest score down.

    Attributes:
        boxes: (N, 4) xyxy, pixels.
        scores: (N,) 0 to 1.
        labels: (N,) numbers of the classes.
    """

    boxes: Tensor
    scores: Tensor
    labels: Tensor


class DenseBoxHead(BaseModule, metaclass=ABCMeta):
    """Boxes in every cell of feature maps, of which the best are chosen.

    A subclass writes :meth:`forward` and :meth:`decode`.

    Args:
        num_classes: Number of classes C.
        in_channels: Channels of each feature map.
        anchor_generator: Points of the cells, with the strides of the feature maps.
        test_cfg: ``score_thr``, what a score must exceed (0); ``nms_pre``, the most boxes of each
            feature map before the suppression (all); ``min_bbox_size``, what the sides must exceed,
            pixels of the picture (0); ``nms``, with ``iou_threshold``, the overlap from which a box
            of the same class is suppressed (0.65); ``max_per_img``, the most boxes (all).
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Attributes:
        single_label: Whether a cell has its best class only.
        ends_with_input: Whether boxes are cut where the input ends.

    Raises:
        ValueError: ``test_cfg`` asks for another kind of suppression.
    """

    single_label: ClassVar[bool]
    ends_with_input: ClassVar[bool]

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        anchor_generator: ConfigType,
        test_cfg: ConfigType | None,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg)
        self.num_classes = num_classes
        self.in_channels = in_channels
        self.prior_generator = TASK_UTILS.build(anchor_generator)
        self.test_cfg = dict(test_cfg or {})
        kind = self.test_cfg.get('nms', {}).get('type', 'nms')
        if kind != 'nms':
            raise ValueError(
                f"test_cfg.nms.type is {kind!r}; the detectors know 'nms' only, such as "
                "nms=dict(type='nms', iou_threshold=0.65)."
            )

    @property
    def strides(self) -> list[int]:
        """Pixels of the input per cell of each feature map."""
        return [stride for stride, _ in self.prior_generator.strides]

    @abstractmethod
    def forward(self, feats: Features) -> tuple[list[Tensor], ...]:
        """For each output a map (B, channels, H, W) per feature map.

        Args:
            feats: Feature maps, from the finest to the coarsest.
        """

    @abstractmethod
    def decode(self, outputs: Sequence[Tensor], priors: Tensor) -> tuple[Tensor, Tensor]:
        """The scores (B, A, C), 0 to 1, and boxes (B, A, 4) xyxy, pixels of the input.

        Args:
            outputs: (B, A, channels) for each output of :meth:`forward`, by cells.
            priors: (A, 4) points and strides of the cells, (x, y) each.
        """

    def predict(
        self, feats: Features, input_size: tuple[int, int], scale_factors: Tensor
    ) -> list[Boxes]:
        """The best boxes of each picture.

        Args:
            feats: Feature maps.
            input_size: (w, h) of the input.
            scale_factors: (B, 2) pixels of the input per pixel of the picture, (x, y).
        """
        outputs = [
            to_float32(torch.cat([x.flatten(2) for x in maps], dim=2)).transpose(1, 2)
            for maps in self(feats)
        ]
        shapes = [tuple(x.shape[-2:]) for x in feats]
        device = outputs[0].device
        priors = self.prior_generator.grid_priors(shapes, device=device, with_stride=True)
        scores, boxes = self.decode(outputs, torch.cat(priors))
        if self.ends_with_input:
            limits = boxes.new_tensor(input_size).repeat(2)
            boxes = boxes.clamp(min=boxes.new_zeros(()), max=limits)
        boxes = boxes / scale_factors.repeat(1, 2)[:, None]
        level_sizes = [h * w for h, w in shapes]
        return [self._select(*cells, level_sizes) for cells in zip(scores, boxes, strict=True)]

    def _select(self, scores: Tensor, boxes: Tensor, level_sizes: Sequence[int]) -> Boxes:
        """The best of a picture's cells, with scores (A, C) and boxes (A, 4)."""
        cfg = self.test_cfg
        if self.single_label:
            scores, best_class = scores.max(dim=1, keepdim=True)
        scores, labels, cells, _ = filter_scores_and_topk(
            scores, cfg.get('score_thr', 0), scores.numel()
        )
        if self.single_label:
            labels = best_class[cells, 0]
        boxes = boxes[cells]
        sides = boxes[:, 2:] - boxes[:, :2]
        keep = ((sides > max(cfg.get('min_bbox_size', 0), 0)) & sides.isfinite()).all(dim=1)
        limit = cfg.get('nms_pre', len(scores))
        if len(scores) > limit:
            keep &= _ranks(cells, level_sizes) < limit
        found = Boxes(boxes[keep], scores[keep], labels[keep])
        keep = suppress_by_class(found, cfg.get('nms', {}).get('iou_threshold', 0.65))
        return Boxes(*(values[keep[: cfg.get('max_per_img')]] for values in found))


def hidden_convs(
    levels: Sequence, in_channels: int, out_channels: int, depth: int, use_depthwise: bool, **cfgs
) -> nn.ModuleList:
    """For each level 3x3 convolutions that keep the size.

    Args:
        levels: As long as there are feature maps.
        in_channels: Channels of a feature map.
        out_channels: Channels of each layer.
        depth: Number of layers.
        use_depthwise: Whether they are depthwise, with a pointwise one each.
        **cfgs: Further arguments of :class:`mmcv.cnn.ConvModule`.
    """
    conv = conv_class(use_depthwise)
    channels = [in_channels] + [out_channels] * (depth - 1)
    return nn.ModuleList(
        nn.Sequential(*(conv(before, out_channels, 3, padding=1, **cfgs) for before in channels))
        for _ in levels
    )


def _ranks(cells: Tensor, level_sizes: Sequence[int]) -> Tensor:
    """How many of the cells before it are of the same feature map, for each of (N,) cells."""
    ends = torch.tensor(level_sizes, device=cells.device).cumsum(0)
    levels = torch.bucketize(cells.contiguous(), ends, right=True)
    counts = nn.functional.one_hot(levels, len(level_sizes)).cumsum(0)
    return counts.gather(1, levels[:, None])[:, 0] - 1


def suppress_by_class(found: Boxes, threshold: float) -> Tensor:
    """The numbers (M,) of the boxes that overlap no better one of their class too much.

    Args:
        found: N boxes.
        threshold: The overlap (IoU) from which the lower score goes.
    """
    boxes, scores, labels = found
    if compiled := _compiled_nms():
        return compiled(boxes, scores, labels, threshold)
    if not len(boxes):
        return labels
    # classes lie side by side, so that one pass does for all
    offsets = labels.to(boxes.dtype) * (boxes.max() - boxes.min() + 1)
    return nms_torch(boxes + offsets[:, None], scores, threshold)


@cache
def _compiled_nms() -> Callable[[Tensor, Tensor, Tensor, float], Tensor] | None:
    """The suppression by class of torchvision, if there is one that works."""
    try:
        from torchvision.ops import batched_nms
    except Exception:  # such as a build for another PyTorch
        return None
    return batched_nms

"""The choice among many overlapping detections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mmengine.structures import InstanceData
from torch import Tensor

from mmpose.utils.tensor_utils import to_numpy

from ...utils.misc import filter_scores_and_topk
from ..detection_views import suppression

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType, InstanceList


def select_detections(
    scores: Tensor, bboxes: Tensor, test_cfg: ConfigType
) -> tuple[Tensor, Tensor, Tensor]:
    """The scores (P,), classes (P,) and numbers (P,) of a picture's cells with the best boxes.

    Args:
        scores: (A, C) of each class.
        bboxes: (A, 4) xyxy.
        test_cfg: ``score_thr``, what a score must exceed (0.01); ``nms_pre``, the most cells before
            the suppression of overlapping boxes (100000); ``nms_thr``, the overlap from which a box
            is suppressed, none from 1 on (1).
    """
    best, labels = scores.max(dim=1, keepdim=True)
    best, _, cells, labels = filter_scores_and_topk(
        best, test_cfg.get('score_thr', 0.01), test_cfg.get('nms_pre', 100000), labels[:, 0]
    )
    threshold = test_cfg.get('nms_thr', 1.0)
    if threshold < 1:
        keep = suppression(bboxes[cells], best, threshold)
        best, labels, cells = best[keep], labels[keep], cells[keep]
    return best, labels, cells


def pack_detections(counts: Sequence[int], detections: dict[str, Tensor]) -> InstanceList:
    """The detections of each sample, as arrays.

    Args:
        counts: How many detections each sample has.
        detections: Values of all detections, sample by sample.
    """
    arrays = dict(zip(detections, to_numpy(list(detections.values())), strict=True))
    packed, end = [], 0
    for count in counts:
        start, end = end, end + count
        packed.append(InstanceData(**{name: x[start:end] for name, x in arrays.items()}))
    return packed

"""The union of what several views of a picture show: its mirror image and its other sizes.

Detections differ in number from view to view, so they have no mean. They compete instead: of those
whose boxes overlap the best one stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from mmengine.structures import InstanceData
from torch import Tensor

from mmpose.evaluation.functional import nms_torch
from mmpose.structures.bbox import flip_bbox
from mmpose.structures.keypoint import flip_keypoints

from .bottomup_maps import to_first_size

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType, InstanceList


def suppression(bboxes: Tensor, scores: Tensor, threshold: float) -> Tensor:
    """The numbers of the boxes (N, 4) xyxy that overlap no better one by more than a threshold."""
    return (_compiled_nms() or nms_torch)(bboxes, scores, threshold)


@cache
def _compiled_nms() -> Callable[[Tensor, Tensor, float], Tensor] | None:
    """The suppression of torchvision, if there is one that works; ours asks the GPU box by box."""
    try:
        from torchvision.ops import nms
    except Exception:  # such as a build for another PyTorch
        return None
    return nms


def check_suppression(test_cfg: ConfigType) -> None:
    """Check that of what several views show alike only the best will stay.

    Raises:
        ValueError: No overlapping box would be suppressed.
    """
    if test_cfg.get('nms_thr', 1.0) >= 1:
        raise ValueError(
            'flip_test and multiscale_test find each person in several views, but nms_thr is '
            f'{test_cfg.get("nms_thr", 1.0)}, which keeps all of them; set `nms_thr` in test_cfg '
            'below 1, such as 0.65, or look at a single view.'
        )


def unmirrored(
    preds: InstanceList, size_wh: tuple[int, int], flip_indices: Sequence[int]
) -> InstanceList:
    """The detections in mirror images, where they are in the pictures.

    Args:
        preds: For each picture ``keypoints`` (N, K, 2) and ``bboxes`` (N, 4) xyxy, pixels, and
            values of each keypoint (N, K), whose names begin with ``keypoint``.
        size_wh: (w, h) of the pictures.
        flip_indices: (K,) for each keypoint the one that it becomes in a mirror.

    Raises:
        ValueError: ``flip_indices`` does not fit the keypoints.
    """
    unmirrored = []
    for instances in preds:
        keypoints, _ = flip_keypoints(instances.keypoints, None, size_wh, flip_indices)
        values = {
            name: value[:, flip_indices] if name.startswith('keypoint') else value
            for name, value in instances.items()
        }
        values.update(keypoints=keypoints, bboxes=flip_bbox(instances.bboxes, size_wh, 'xyxy'))
        unmirrored.append(InstanceData(**values))
    return unmirrored


def at_first_size(
    preds: InstanceList,
    shape_hw: tuple[int, int],
    first_hw: tuple[int, int],
    extents: np.ndarray,
) -> InstanceList:
    """The detections in one size of the pictures, where they are in the first.

    Args:
        preds: As for :func:`unmirrored`.
        shape_hw: (h, w) of their size, pixels.
        first_hw: (h, w) of the first size.
        extents: (B, 2) as :func:`~.bottomup_maps.relative_extents` returns it for their size.
    """
    if shape_hw == first_hw:
        return preds

    def moved(points: np.ndarray, extent: np.ndarray) -> np.ndarray:
        return to_first_size(torch.from_numpy(points), shape_hw, first_hw, extent).numpy()

    for instances, extent in zip(preds, extents, strict=True):
        instances.keypoints = moved(instances.keypoints, extent)
        instances.bboxes = moved(instances.bboxes.reshape(-1, 2, 2), extent).reshape(-1, 4)
    return preds


def united(views: Sequence[InstanceList], test_cfg: ConfigType) -> InstanceList:
    """The best detections of each sample in all views, from the highest ``bbox_scores`` down.

    Args:
        views: For each view the detections of each sample, in pixels of the same input.
        test_cfg: ``nms_thr``, the overlap of boxes from which the lower score is left out.
    """
    everything = [InstanceData.cat(list(of_sample)) for of_sample in zip(*views, strict=True)]
    return [
        instances[
            suppression(
                torch.from_numpy(instances.bboxes),
                torch.from_numpy(instances.bbox_scores),
                test_cfg['nms_thr'],
            ).numpy()
        ]
        for instances in everything
    ]

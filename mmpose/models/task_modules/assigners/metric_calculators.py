"""How alike predictions and annotations are."""

from __future__ import annotations

import torch
from torch import Tensor

from mmpose.registry import TASK_UTILS
from mmpose.structures.bbox import bbox_overlaps
from mmpose.structures.metainfo import parse_pose_metainfo


@TASK_UTILS.register_module()
class BBoxOverlaps2D:
    """Overlaps of boxes.

    Args:
        scale: What boxes are divided by before they become half precision, so that their areas
            stay in its range.
        dtype: ``'fp16'`` computes in half precision, which saves memory; ``None`` in that of the
            boxes.

    Raises:
        ValueError: There is no such ``dtype``.
    """

    def __init__(self, scale: float = 1.0, dtype: str | None = None) -> None:
        if dtype not in (None, 'fp16'):
            raise ValueError(f"dtype is {dtype!r}; choose 'fp16' or None.")
        self.scale = scale
        self.dtype = dtype

    def __call__(
        self, bboxes1: Tensor, bboxes2: Tensor, mode: str = 'iou', is_aligned: bool = False
    ) -> Tensor:
        """Overlaps (M, N) of all pairs, or (M,) of aligned boxes.

        Args:
            bboxes1: (M, 4) left, top, right, bottom, or (M, 5) with a score.
            bboxes2: (N, 4) or (N, 5).
            mode: ``'iou'``, ``'iof'`` or ``'giou'``, as in :func:`bbox_overlaps`.
            is_aligned: Whether to pair each box with the one at the same index only.

        Raises:
            ValueError: Unknown ``mode``, or shapes that do not go together.
        """
        bboxes1, bboxes2 = (
            boxes[..., :4] if boxes.shape[-1] == 5 else boxes for boxes in (bboxes1, bboxes2)
        )
        if self.dtype == 'fp16':
            bboxes1, bboxes2 = ((boxes / self.scale).half() for boxes in (bboxes1, bboxes2))
        overlaps = bbox_overlaps(bboxes1, bboxes2, mode, is_aligned)
        # few operations of the CPU know half precision
        return overlaps if overlaps.is_cuda else overlaps.float()


@TASK_UTILS.register_module()
class PoseOKS:
    r"""Object keypoint similarity (OKS) of poses.

    From the `COCO keypoint evaluation <https://cocodataset.org/#keypoints-eval>`_: the weighted
    mean over the keypoints of :math:`\exp(-d^2 / (2 A (2 \sigma)^2))`, with distance d, area A and
    the keypoint's sigma.

    Args:
        metainfo: Keypoint definition with the sigmas; ``None`` leaves :math:`2 \sigma` out.
    """

    def __init__(self, metainfo: str | None = 'configs/_base_/datasets/coco.py') -> None:
        self.sigmas: Tensor | None = None
        if metainfo is not None:
            self.sigmas = torch.as_tensor(parse_pose_metainfo(dict(from_file=metainfo))['sigmas'])

    def __call__(
        self,
        output: Tensor,
        target: Tensor,
        target_weights: Tensor,
        areas: Tensor,
        eps: float = 1e-8,
    ) -> Tensor:
        """Similarities (...), 0 to 1; 0 where no keypoint has a weight.

        The leading axes are broadcast: ``output[:, None]`` is compared with every target.

        Args:
            output: (..., K, 2) predicted keypoints.
            target: (..., K, 2) true keypoints.
            target_weights: (..., K).
            areas: (...) areas of the targets, in squared units of the coordinates.
            eps: Lower limit of the square root of an area, and of a sum of weights.

        Raises:
            ValueError: There is another number of keypoints than of sigmas.
        """
        distances = (output - target).square().sum(-1)
        distances = distances / areas[..., None].clamp(min=eps**2)
        if self.sigmas is not None:
            distances = distances / self._variances(distances)
        weights = target_weights / target_weights.sum(-1, keepdim=True).clamp(min=eps)
        return ((-distances / 2).exp() * weights).sum(-1)

    def _variances(self, distances: Tensor) -> Tensor:
        if len(self.sigmas) != distances.shape[-1]:
            raise ValueError(
                f'The poses have {distances.shape[-1]} keypoints and the metainfo '
                f'{len(self.sigmas)} sigmas; set `metainfo` of PoseOKS to the keypoint definition '
                'of the data set.'
            )
        self.sigmas = self.sigmas.to(distances.device)  # once, and not a copy at every call
        return (self.sigmas * 2).square()

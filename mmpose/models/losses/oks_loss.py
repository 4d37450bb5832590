"""The loss of object keypoint similarity."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mmpose.registry import MODELS
from mmpose.structures.metainfo import parse_pose_metainfo
from mmpose.utils.checks import check_choice

from .reduction import (
    MODES,
    REDUCTIONS,
    check_shapes,
    dissimilarity,
    expand_weights,
    full_precision,
    reduced,
)


@MODELS.register_module()
class OKSLoss(nn.Module):
    r"""What object keypoint similarity (OKS) lacks to 1.

    From `Maji et al., 2022, YOLO-Pose <https://arxiv.org/abs/2204.06806>`_. The similarity of an
    instance is the weighted mean over its keypoints of :math:`\exp(-d^2 / (2 A (2 \sigma)^2))`,
    with distance d, area A and the keypoint's sigma. Without weights each keypoint counts alike, so
    that OKS stays in 0..1.

    Args:
        metainfo: Keypoint definition with the sigmas, such as 'configs/_base_/datasets/coco.py';
            ``None`` leaves :math:`2 \sigma` out.
        reduction: 'mean' or 'sum' over the instances, or 'none'.
        mode: What becomes of OKS s: 'linear', 1 - s; 'square', 1 - s^2; 'log', -log s.
        eps: Lower limit of the square root of an area, and of a sum of weights.
        norm_target_weight: Whether the weights of an instance are divided by their sum; if not,
            by their number, so that unlabelled keypoints count as missed.
        loss_weight: Factor of the loss.
    """

    def __init__(
        self,
        metainfo: str | None = None,
        reduction: str = 'mean',
        mode: str = 'linear',
        eps: float = 1e-8,
        norm_target_weight: bool = False,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__()
        check_choice('reduction', reduction, REDUCTIONS)
        check_choice('mode', mode, MODES)
        self.reduction = reduction
        self.mode = mode
        self.eps = eps
        self.norm_target_weight = norm_target_weight
        self.loss_weight = loss_weight
        sigmas = None
        if metainfo is not None:
            sigmas = torch.as_tensor(parse_pose_metainfo(dict(from_file=metainfo))['sigmas'])
        self.register_buffer('sigmas', sigmas)

    @full_precision
    def forward(
        self,
        output: Tensor,
        target: Tensor,
        target_weight: Tensor | None = None,
        areas: Tensor | None = None,
    ) -> Tensor:
        """The loss, a scalar, or (N,) with ``reduction='none'``.

        Args:
            output: (N, K, D) predicted coordinates.
            target: (N, K, D) true coordinates.
            target_weight: (N, K); ``None`` is 1.
            areas: (N,) areas of the instances, in squared units of the coordinates; ``None`` is 1.

        Raises:
            ValueError: The shapes do not fit.
        """
        check_shapes(output, target)
        # the squared distance, unlike the distance, has a gradient at 0
        distance = (output - target).square().sum(-1)
        if areas is not None:
            distance = distance / self._checked(areas, distance).clamp(min=self.eps**2)
        if self.sigmas is not None:
            distance = distance / self._variances(distance.shape[-1])
        similarity = (-distance / 2).exp() * self._shares(target_weight, distance)
        similarity = similarity.sum(-1)
        if self.mode == 'log':
            similarity = similarity.clamp(min=torch.finfo(similarity.dtype).tiny)
        return reduced(dissimilarity(similarity, self.mode), self.reduction) * self.loss_weight

    def _checked(self, areas: Tensor, distance: Tensor) -> Tensor:
        if areas.shape != distance.shape[:-1]:
            raise ValueError(
                f'The areas are {tuple(areas.shape)}; for keypoints of {tuple(distance.shape)} '
                f'give {tuple(distance.shape[:-1])}, an area for each instance.'
            )
        return areas[..., None]

    def _variances(self, K: int) -> Tensor:
        if len(self.sigmas) != K:
            raise ValueError(
                f'The output has {K} keypoints and the metainfo {len(self.sigmas)} sigmas; set '
                '`metainfo` to the keypoint definition of the data set.'
            )
        return (self.sigmas * 2).square()

    def _shares(self, weights: Tensor | None, distance: Tensor) -> Tensor | float:
        """What part of the similarity each keypoint has."""
        if weights is None:
            return 1 / distance.shape[-1]
        weights = expand_weights(weights, distance).expand_as(distance)
        if self.norm_target_weight:
            return weights / weights.sum(-1, keepdim=True).clamp(min=self.eps)
        return weights / distance.shape[-1]

"""Which cells of a one-stage detector answer for which instance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from mmpose.registry import TASK_UTILS
from mmpose.utils.checks import check_choice

if TYPE_CHECKING:
    from mmengine.structures import InstanceData

    from mmpose.utils.typing import ConfigType

_OUTSIDE = 1e5  # more than all other costs together
_EPS = 1e-7


@TASK_UTILS.register_module()
class SimOTAAssigner:
    """Gives each instance the cells whose predictions are best for it.

    Paper: `Ge et al., 2021, YOLOX <https://arxiv.org/abs/2107.08430>`_; the similarity of poses is
    from `Maji et al., 2022, YOLO-Pose <https://arxiv.org/abs/2204.06806>`_. The similarities of an
    instance to its most similar predictions sum up to the number of cells that it gets; they are
    those of least cost. Everything runs on the device of the predictions, without a loop.

    Args:
        center_radius: Half the side of the square around an instance's centre in which a cell is
            preferred, in strides.
        candidate_topk: How many predictions count for the number of cells.
        iou_weight: Weight of -log IoU in the cost.
        cls_weight: Weight of the cross entropy of the class.
        oks_weight: Weight of -log OKS.
        vis_weight: Weight of the cross entropy of the keypoints' visibility.
        dynamic_k_indicator: The similarity that is summed up, ``'iou'`` or ``'oks'``.
        use_keypoints_for_center: Whether the centre is the mean of the visible keypoints, where
            there are any, and not that of the box.
        iou_calculator: What compares boxes.
        oks_calculator: What compares poses.

    Raises:
        ValueError: ``dynamic_k_indicator`` is unknown.
    """

    def __init__(
        self,
        center_radius: float = 2.5,
        candidate_topk: int = 10,
        iou_weight: float = 3.0,
        cls_weight: float = 1.0,
        oks_weight: float = 3.0,
        vis_weight: float = 0.0,
        dynamic_k_indicator: str = 'iou',
        use_keypoints_for_center: bool = False,
        iou_calculator: ConfigType = dict(type='BBoxOverlaps2D'),
        oks_calculator: ConfigType = dict(type='PoseOKS'),
    ) -> None:
        check_choice('dynamic_k_indicator', dynamic_k_indicator, ('iou', 'oks'))
        self.center_radius = center_radius
        self.candidate_topk = candidate_topk
        self.iou_weight = iou_weight
        self.cls_weight = cls_weight
        self.oks_weight = oks_weight
        self.vis_weight = vis_weight
        self.dynamic_k_indicator = dynamic_k_indicator
        self.use_keypoints_for_center = use_keypoints_for_center
        self.iou_calculator = TASK_UTILS.build(iou_calculator)
        self.oks_calculator = TASK_UTILS.build(oks_calculator)

    @torch.no_grad()
    def assign(
        self, pred_instances: InstanceData, gt_instances: InstanceData, **kwargs: Any
    ) -> dict[str, int | Tensor]:
        """What each of the A cells of a picture answers for.

        Args:
            pred_instances: The cells' ``priors`` (A, 4), x, y and stride in both directions, and
                their predictions: ``bboxes`` (A, 4) xyxy, ``scores`` (A, C) of the classes, 0 to 1,
                ``keypoints`` (A, K, 2) and ``keypoints_visible`` (A, K), 0 to 1.
            gt_instances: The G instances: ``bboxes`` (G, 4), ``labels`` (G,), ``keypoints``
                (G, K, 2), ``keypoints_visible`` (G, K) and ``areas`` (G,). Everything is in pixels
                of the input.
            **kwargs: Not used.

        Returns:
            dict with

            - num_gts: G.
            - gt_inds: (A,) number of the instance, counted from 1; 0 for none.
            - max_overlaps: (A,) similarity to it by ``dynamic_k_indicator``; -1e5 for none.
            - labels: (A,) its class; -1 for none.
        """
        num_gts = len(gt_instances)
        if num_gts == 0 or len(pred_instances) == 0:
            empty = pred_instances.bboxes.new_zeros(len(pred_instances), dtype=torch.long)
            overlaps = torch.full_like(empty, -_OUTSIDE, dtype=torch.float32)
            return dict(num_gts=num_gts, gt_inds=empty, max_overlaps=overlaps, labels=empty - 1)
        valid, preferred = self.get_in_gt_and_in_center_info(
            pred_instances.priors,
            gt_instances.bboxes,
            gt_instances.keypoints,
            gt_instances.keypoints_visible,
        )
        similarities = self._similarities(pred_instances, gt_instances)
        cost = self._cost(pred_instances, gt_instances, similarities) + _OUTSIDE * ~preferred
        overlaps, matched = self.dynamic_k_matching(
            cost, similarities[self.dynamic_k_indicator], num_gts, valid
        )
        found = matched >= 0
        return dict(
            num_gts=num_gts,
            gt_inds=matched + 1,
            max_overlaps=overlaps.where(found, -_OUTSIDE),
            labels=gt_instances.labels.long()[matched].where(found, -1),
        )

    def _similarities(self, pred: InstanceData, gt: InstanceData) -> dict[str, Tensor]:
        """Those that count, each (A, G)."""
        similarities = {}
        if self.iou_weight > 0 or self.dynamic_k_indicator == 'iou':
            similarities['iou'] = self.iou_calculator(pred.bboxes, gt.bboxes)
        if self.oks_weight > 0 or self.dynamic_k_indicator == 'oks':
            similarities['oks'] = self.oks_calculator(
                pred.keypoints[:, None], gt.keypoints, gt.keypoints_visible, gt.areas
            )
        return similarities

    def _cost(
        self, pred: InstanceData, gt: InstanceData, similarities: dict[str, Tensor]
    ) -> Tensor:
        """The cost (A, G) of giving a cell to an instance."""
        weights = dict(iou=self.iou_weight, oks=self.oks_weight)
        cost = sum(
            -(similarity + _EPS).log() * weights[name] for name, similarity in similarities.items()
        )
        if self.cls_weight > 0:
            yes, no = _cross_entropies(pred.scores)
            # all classes are absent but one
            others = no.sum(-1, keepdim=True) - no[:, gt.labels.long()]
            cost = cost + (yes[:, gt.labels.long()] + others) * self.cls_weight
        if self.vis_weight > 0:
            yes, no = (values[:, None] for values in _cross_entropies(pred.keypoints_visible))
            visible = gt.keypoints_visible
            cost = cost + (yes * visible + no * (1 - visible)).sum(-1) * self.vis_weight
        return cost

    def get_in_gt_and_in_center_info(
        self,
        priors: Tensor,
        gt_bboxes: Tensor,
        gt_keypoints: Tensor | None = None,
        gt_keypoints_visible: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Which cells (A,) lie in some box or near some centre, and which pairs (A, G) in both.

        Args:
            priors: (A, 4) x, y and stride in both directions.
            gt_bboxes: (G, 4) xyxy.
            gt_keypoints: (G, K, 2), read with ``use_keypoints_for_center``.
            gt_keypoints_visible: (G, K), read with ``use_keypoints_for_center``.
        """
        points, strides = priors[:, None, :2], priors[:, None, 2:]
        in_box = ((points > gt_bboxes[:, :2]) & (points < gt_bboxes[:, 2:])).all(-1)
        centers = (gt_bboxes[:, :2] + gt_bboxes[:, 2:]) / 2
        if self.use_keypoints_for_center and gt_keypoints_visible is not None:
            number = gt_keypoints_visible.sum(-1, keepdim=True)
            middle = (gt_keypoints * gt_keypoints_visible[..., None]).sum(-2) / number.clamp(min=1)
            centers = middle.where(number > 0, centers)
        near_center = ((points - centers).abs() < self.center_radius * strides).all(-1)
        return (in_box | near_center).any(-1), in_box & near_center

    def dynamic_k_matching(
        self, cost: Tensor, pairwise_ious: Tensor, num_gt: int, valid_mask: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The similarity of each cell to its instance, and the instance, -1 for none; both (A,).

        A cell that several instances want goes to the one that it costs least.

        Args:
            cost: (A, G) cost of giving a cell to an instance.
            pairwise_ious: (A, G) similarities, 0 to 1.
            num_gt: G.
            valid_mask: (A,) the cells that may be given away.
        """
        valid = valid_mask[:, None]
        cost = cost.where(valid, torch.inf)
        k = min(self.candidate_topk, len(cost))
        wanted = pairwise_ious.where(valid, 0).topk(k, dim=0).values.sum(0).int().clamp(min=1)
        cheapest = cost.topk(k, dim=0, largest=False).indices
        given = torch.arange(k, device=cost.device)[:, None] < wanted
        matches = torch.zeros_like(cost, dtype=torch.bool).scatter_(0, cheapest, given) & valid
        number = matches.sum(-1)
        instance = torch.where(number > 1, cost.argmin(-1), matches.byte().argmax(-1))
        similarity = pairwise_ious.gather(1, instance[:, None])[:, 0]
        return similarity, instance.where(number > 0, -1)


def _cross_entropies(probabilities: Tensor) -> tuple[Tensor, Tensor]:
    """Of what should be 1, and of what should be 0, each at most 100 as in PyTorch."""
    p = probabilities.float()
    return -p.log().clamp(min=-100), -(-p).log1p().clamp(min=-100)

"""The head of YOLOX-Pose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import torch
from mmengine.model import BaseModule
from torch import Tensor

from mmpose.registry import MODELS

from ...utils.csp_layer import INIT_CFG
from .base_one_stage_head import BaseOneStageHead, Outputs, compare_scores, without_empty
from .level_layers import conv_stacks, each_map, output_convs, start_with_low_scores

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType, Features, OptConfigType, OptMultiConfig, SampleList

    from .positives import Places


class YOLOXPoseHeadModule(BaseModule):
    """The convolutions of :class:`YOLOXPoseHead`, with weights of their own for each feature map.

    Args:
        num_keypoints: Number of keypoints K.
        in_channels: Channels of each feature map, before ``widen_factor``.
        num_classes: Number of classes C.
        widen_factor: What the numbers of channels are multiplied by.
        feat_channels: Channels of the hidden layers, before ``widen_factor``.
        stacked_convs: Number of hidden layers; those of poses are twice as many.
        featmap_strides: Pixels of the input per cell of each feature map.
        conv_bias: Whether hidden layers have a bias; ``'auto'`` for those without a norm layer.
        conv_cfg: Kind of the hidden convolutions.
        norm_cfg: Norm layers; ``None`` for none.
        act_cfg: Activation; ``None`` for none.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Attributes:
        in_channels: Channels of each feature map.
    """

    def __init__(
        self,
        num_keypoints: int,
        in_channels: int,
        num_classes: int = 1,
        widen_factor: float = 1.0,
        feat_channels: int = 256,
        stacked_convs: int = 2,
        featmap_strides: Sequence[int] = [8, 16, 32],
        conv_bias: bool | str = 'auto',
        conv_cfg: OptConfigType = None,
        norm_cfg: OptConfigType = None,
        act_cfg: OptConfigType = None,
        init_cfg: OptMultiConfig = INIT_CFG,
    ) -> None:
        super().__init__(init_cfg)
        width, hidden = int(in_channels * widen_factor), int(feat_channels * widen_factor)
        self.in_channels = (width,) * len(featmap_strides)
        cfgs = dict(bias=conv_bias, conv_cfg=conv_cfg, norm_cfg=norm_cfg, act_cfg=act_cfg)
        levels = featmap_strides
        self.conv_cls = conv_stacks(levels, width, hidden, stacked_convs, **cfgs)
        self.conv_reg = conv_stacks(levels, width, hidden, stacked_convs, **cfgs)
        self.conv_pose = conv_stacks(levels, width, hidden, 2 * stacked_convs, **cfgs)
        self.out_cls = output_convs(levels, hidden, num_classes)
        self.out_obj = output_convs(levels, hidden, 1)
        self.out_bbox = output_convs(levels, hidden, 4)
        self.out_kpt = output_convs(levels, hidden, 2 * num_keypoints)
        self.out_kpt_vis = output_convs(levels, hidden, num_keypoints)

    def init_weights(self) -> None:
        """Initialise the weights, with low scores."""
        super().init_weights()
        start_with_low_scores([*self.out_cls, *self.out_obj])

    def forward(self, x: Sequence[Tensor]) -> tuple[list[Tensor], ...]:
        """For each output a map per feature map.

        They are classes (B, C, H, W), objectness (B, 1, H, W), boxes (B, 4, H, W), keypoints
        (B, 2 K, H, W) and visibility (B, K, H, W).

        Args:
            x: Feature maps.
        """
        cls, reg = each_map(self.conv_cls, x), each_map(self.conv_reg, x)
        pose = each_map(self.conv_pose, x)
        return (
            each_map(self.out_cls, cls),
            each_map(self.out_obj, reg),
            each_map(self.out_bbox, reg),
            each_map(self.out_kpt, pose),
            each_map(self.out_kpt_vis, pose),
        )


@MODELS.register_module()
class YOLOXPoseHead(BaseOneStageHead):
    """Boxes, and keypoints relative to the cells, on the head of YOLOX.

    Papers: `Maji et al., CVPR Workshops 2022, YOLO-Pose <https://arxiv.org/abs/2204.06806>`_;
    `Ge et al., 2021, YOLOX <https://arxiv.org/abs/2107.08430>`_.

    The arguments that are not listed are those of :class:`BaseOneStageHead`.

    Args:
        head_module_cfg: Arguments of :class:`YOLOXPoseHeadModule` other than those given here.
        loss_cls: Loss of the scores; this and the next four are needed to train.
        loss_obj: Loss of the objectness.
        loss_bbox: Loss of the boxes.
        loss_oks: Loss of the keypoints.
        loss_vis: Loss of the keypoints' visibility.
        loss_bbox_aux: Auxiliary loss of the boxes, in strides; ``None`` for none.
        loss_kpt_aux: Auxiliary loss of the keypoints, in strides; ``None`` for none.

    Raises:
        ValueError: See :class:`BaseOneStageHead`.
    """

    module_class = YOLOXPoseHeadModule
    output_names = ('cls', 'obj', 'bbox', 'kpt', 'kpt_vis')
    needed_losses = ('cls', 'obj', 'bbox', 'oks', 'vis')
    default_priors: ClassVar[dict] = dict(type='MlvlPointGenerator', offset=0)

    def __init__(
        self,
        num_keypoints: int,
        head_module_cfg: OptConfigType = None,
        featmap_strides: Sequence[int] = [8, 16, 32],
        num_classes: int = 1,
        use_aux_loss: bool = False,
        assigner: OptConfigType = None,
        prior_generator: OptConfigType = None,
        loss_cls: OptConfigType = None,
        loss_obj: OptConfigType = None,
        loss_bbox: OptConfigType = None,
        loss_oks: OptConfigType = None,
        loss_vis: OptConfigType = None,
        loss_bbox_aux: OptConfigType = None,
        loss_kpt_aux: OptConfigType = None,
        overlaps_power: float = 1.0,
    ) -> None:
        losses = dict(cls=loss_cls, obj=loss_obj, bbox=loss_bbox, oks=loss_oks, vis=loss_vis)
        losses.update(bbox_aux=loss_bbox_aux, kpt_aux=loss_kpt_aux)
        super().__init__(
            num_keypoints, head_module_cfg, featmap_strides, num_classes, use_aux_loss, assigner,
            prior_generator, overlaps_power, losses,
        )  # fmt: skip

    def scores(self, outputs: Outputs) -> Tensor:
        """The products (B, A, C) of class score and objectness, 0 to 1."""
        return outputs['cls'].sigmoid() * outputs['obj'].sigmoid()

    def poses(self, outputs: Outputs, priors: Tensor, bboxes: Tensor, places: Places) -> Tensor:
        """See :meth:`BaseOneStageHead.poses`."""
        priors = priors[places[1]]
        return self.decode_kpt_reg(outputs['kpt'][places], priors[:, :2], priors[:, 2])

    def loss(
        self, feats: Features, batch_data_samples: SampleList, train_cfg: ConfigType = {}
    ) -> dict[str, Tensor]:
        """See :meth:`BaseOneStageHead.loss`."""
        outputs, priors = self.training_outputs(feats, batch_data_samples)
        found = self.positives(outputs, priors, batch_data_samples)
        number, places = found.mean_number(), found.places
        objects = torch.zeros_like(outputs['obj'])
        objects[places] = 1
        overlaps = found.class_overlaps(self.num_classes)

        losses = self.common_losses(outputs, priors, found, number)
        loss_obj = compare_scores(self.loss_obj, outputs['obj'], objects, outputs['shares'])
        losses['loss_obj'] = loss_obj / number
        losses['loss_kpt'] = self.loss_oks(
            outputs['keypoints'][places], found.keypoints, found.keypoints_visible, found.areas
        )
        losses['loss_cls'] = (
            self.loss_cls(outputs['cls'][places], overlaps**self.overlaps_power) / number
        )
        if self.use_aux_loss and self.loss_kpt_aux is not None:
            points, strides = priors[places[1], None].split(2, dim=-1)
            offsets = outputs['kpt'][places].unflatten(-1, (-1, 2))
            targets = (found.keypoints - points) / strides
            loss_kpt_aux = self.loss_kpt_aux(offsets, targets, found.keypoints_visible)
            losses['loss_kpt_aux'] = loss_kpt_aux / number
        return without_empty({**losses, 'overlaps': overlaps})

"""The head of RTMO."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import torch
from mmengine.model import BaseModule
from torch import Tensor

from mmpose.registry import MODELS

from ...utils.csp_layer import INIT_CFG
from .base_one_stage_head import Outputs, compare_scores, without_empty
from .dcc import DCC
from .level_layers import conv_stacks, each_map, output_convs, start_with_low_scores
from .yoloxpose_head import YOLOXPoseHead

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType, Features, OptConfigType, OptMultiConfig, SampleList

    from .positives import Places, Positives


class RTMOHeadModule(BaseModule):
    """The convolutions of :class:`RTMOHead`, with weights of their own for each feature map.

    One half of a feature map's channels leads to the scores and the other to the rest.

    Args:
        num_keypoints: Number of keypoints K.
        in_channels: Half the channels of each feature map, before ``widen_factor``.
        pose_vec_channels: Channels of the vector that stands for a pose.
        num_classes: Number of classes C.
        widen_factor: What the numbers of channels are multiplied by, other than
            ``pose_vec_channels``.
        cls_feat_channels: Channels of the hidden layers of scores, before ``widen_factor``.
        stacked_convs: Number of hidden layers of scores; those of poses are twice as many.
        num_groups: Groups of the hidden layers of poses.
        channels_per_group: Channels of each group, before ``widen_factor``.
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
        pose_vec_channels: int,
        num_classes: int = 1,
        widen_factor: float = 1.0,
        cls_feat_channels: int = 256,
        stacked_convs: int = 2,
        num_groups: int = 8,
        channels_per_group: int = 36,
        featmap_strides: Sequence[int] = [8, 16, 32],
        conv_bias: bool | str = 'auto',
        conv_cfg: OptConfigType = None,
        norm_cfg: OptConfigType = None,
        act_cfg: OptConfigType = None,
        init_cfg: OptMultiConfig = INIT_CFG,
    ) -> None:
        super().__init__(init_cfg)
        width, cls = int(in_channels * widen_factor), int(cls_feat_channels * widen_factor)
        pose = int(channels_per_group * widen_factor) * num_groups
        self.in_channels = (2 * width,) * len(featmap_strides)
        cfgs = dict(bias=conv_bias, conv_cfg=conv_cfg, norm_cfg=norm_cfg, act_cfg=act_cfg)
        levels = featmap_strides
        self.conv_cls = conv_stacks(levels, width, cls, stacked_convs, **cfgs)
        self.conv_pose = conv_stacks(levels, width, pose, 2 * stacked_convs, num_groups, **cfgs)
        self.out_cls = output_convs(levels, cls, num_classes)
        self.out_bbox = output_convs(levels, pose, 4)
        self.out_kpt_reg = output_convs(levels, pose, 2 * num_keypoints)
        self.out_kpt_vis = output_convs(levels, pose, num_keypoints)
        self.out_pose = output_convs(levels, pose, pose_vec_channels)

    def init_weights(self) -> None:
        """Initialise the weights, with low scores."""
        super().init_weights()
        start_with_low_scores(self.out_cls)

    def forward(self, x: Sequence[Tensor]) -> tuple[list[Tensor], ...]:
        """For each output a map per feature map.

        They are classes (B, C, H, W), boxes (B, 4, H, W), keypoints (B, 2 K, H, W), visibility
        (B, K, H, W) and vectors of poses. There are keypoints in training only, where they help to
        choose the cells; predictions come from the vectors.

        Args:
            x: Feature maps.
        """
        first, second = zip(*(m.chunk(2, dim=1) for m in x), strict=True)
        cls, pose = each_map(self.conv_cls, first), each_map(self.conv_pose, second)
        return (
            each_map(self.out_cls, cls),
            each_map(self.out_bbox, pose),
            each_map(self.out_kpt_reg, pose) if self.training else [],
            each_map(self.out_kpt_vis, pose),
            each_map(self.out_pose, pose),
        )


@MODELS.register_module()
class RTMOHead(YOLOXPoseHead):
    """Boxes in every cell, and keypoints of the chosen ones by classification of coordinates.

    Paper: `Lu et al., CVPR 2024, RTMO <https://arxiv.org/abs/2312.07526>`_.

    The arguments that are not listed are those of :class:`YOLOXPoseHead`.

    Args:
        head_module_cfg: Arguments of :class:`RTMOHeadModule` other than those given here.
        proxy_target_cc: Whether the classified keypoints are the target of the regressed ones,
            where they are closer to the truth, and their similarity to the truth that of the
            scores; as in the last epochs of a training.
        bbox_padding: What a box is enlarged by to hold the bins of the classification.
        dcc_cfg: Arguments of :class:`DCC` other than ``num_keypoints``.
        loss_oks: Loss of the regressed keypoints, which choose the cells in training.
        loss_mle: Loss of the classification, needed to train.

    Raises:
        ValueError: ``dcc_cfg`` is missing or contradicts ``head_module_cfg``, or see
            :class:`BaseOneStageHead`.
    """

    module_class = RTMOHeadModule
    output_names = ('cls', 'bbox', 'kpt', 'kpt_vis', 'pose')
    needed_losses = ('cls', 'bbox', 'oks', 'vis', 'mle')
    default_priors: ClassVar[dict] = dict(type='MlvlPointGenerator', centralize_points=True)

    def __init__(
        self,
        num_keypoints: int,
        head_module_cfg: ConfigType,
        featmap_strides: Sequence[int] = [16, 32],
        num_classes: int = 1,
        use_aux_loss: bool = False,
        proxy_target_cc: bool = False,
        assigner: OptConfigType = None,
        prior_generator: OptConfigType = None,
        bbox_padding: float = 1.25,
        overlaps_power: float = 1.0,
        dcc_cfg: OptConfigType = None,
        loss_cls: OptConfigType = None,
        loss_bbox: OptConfigType = None,
        loss_oks: OptConfigType = None,
        loss_vis: OptConfigType = None,
        loss_mle: OptConfigType = None,
        loss_bbox_aux: OptConfigType = None,
    ) -> None:
        super().__init__(
            num_keypoints=num_keypoints,
            head_module_cfg=head_module_cfg,
            featmap_strides=featmap_strides,
            num_classes=num_classes,
            use_aux_loss=use_aux_loss,
            assigner=assigner,
            prior_generator=prior_generator,
            loss_cls=loss_cls,
            loss_bbox=loss_bbox,
            loss_oks=loss_oks,
            loss_vis=loss_vis,
            loss_bbox_aux=loss_bbox_aux,
            overlaps_power=overlaps_power,
        )
        self.loss_mle = None if loss_mle is None else MODELS.build(loss_mle)
        self.proxy_target_cc = proxy_target_cc
        self.bbox_padding = bbox_padding
        _check_vectors(head_module_cfg, dcc_cfg)
        self.dcc = DCC(**{**dcc_cfg, 'num_keypoints': num_keypoints})
        self.deploy = False

    def scores(self, outputs: Outputs) -> Tensor:
        """The scores (B, A, C) of the classes, 0 to 1; there is no objectness."""
        return outputs['cls'].sigmoid()

    def poses(self, outputs: Outputs, priors: Tensor, bboxes: Tensor, places: Places) -> Tensor:
        """See :meth:`BaseOneStageHead.poses`."""
        boxes_cs = self._boxes_of_bins(bboxes)
        return self.dcc(outputs['pose'][places], boxes_cs, priors[places[1], :2])[0]

    def _boxes_of_bins(self, bboxes: Tensor) -> Tensor:
        """Centres and sizes (P, 4) of the enlarged boxes."""
        top_left, bottom_right = bboxes.split(2, dim=-1)
        sizes = (bottom_right - top_left) * self.bbox_padding
        return torch.cat([(top_left + bottom_right) / 2, sizes], dim=-1)

    def loss(
        self, feats: Features, batch_data_samples: SampleList, train_cfg: ConfigType = {}
    ) -> dict[str, Tensor]:
        """See :meth:`BaseOneStageHead.loss`; ``num_samples`` is the number of chosen cells."""
        outputs, priors = self.training_outputs(feats, batch_data_samples)
        found = self.positives(outputs, priors, batch_data_samples)
        number, places = found.mean_number(), found.places
        classified, loss_mle = self._classification(outputs, priors, found)
        keypoints = outputs['keypoints'][places]
        target, weights = found.keypoints, found.keypoints_visible
        if self.proxy_target_cc:
            similarity = self.assigner.oks_calculator(classified, target, weights, found.areas)
            found = found._replace(overlaps=similarity)
            closer = (classified - target).norm(dim=-1) < (keypoints - target).norm(dim=-1)
            target, weights = classified, weights * closer
        overlaps = found.class_overlaps(self.num_classes)
        scores = torch.zeros_like(outputs['cls'])
        scores[places] = overlaps**self.overlaps_power
        loss_cls = compare_scores(self.loss_cls, outputs['cls'], scores, outputs['shares'])
        return without_empty(
            dict(
                **self.common_losses(outputs, priors, found, number),
                loss_mle=loss_mle,
                loss_oks=self.loss_oks(keypoints, target, weights, found.areas),
                loss_cls=loss_cls / number,
                overlaps=overlaps,
                num_samples=number,
            )
        )

    def _classification(
        self, outputs: Outputs, priors: Tensor, found: Positives
    ) -> tuple[Tensor, Tensor]:
        """The classified keypoints (P, K, 2), without gradient, and the classification's loss."""
        pose_vecs = outputs['pose'][found.places]
        boxes_cs = self._boxes_of_bins(outputs['bboxes'][found.places])
        keypoints, probabilities = self.dcc(pose_vecs, boxes_cs, priors[found.places[1], :2])
        targets = self.dcc.targets(found.keypoints, boxes_cs, pose_vecs, found.areas)
        return keypoints.detach(), self.loss_mle(probabilities, targets, found.keypoints_visible)

    def forward(self, feats: Features) -> tuple[list[Tensor], ...] | tuple[Tensor, Tensor]:
        """As :meth:`maps`; after :meth:`switch_to_deploy` the detections of the best cells.

        They are boxes and scores (B, N, 5), xyxy in pixels of the input, and keypoints and their
        visibility (B, N, K, 3), from the highest score down. What is left to do is to drop low
        scores and overlapping boxes. N does not depend on the picture.

        Args:
            feats: Feature maps, from the finest to the coarsest.

        Raises:
            ValueError: See :meth:`maps`.
        """
        if not self.deploy:
            return self.maps(feats)
        outputs, priors = self.dense_outputs(feats), self.priors(feats)
        scores = self.scores(outputs).amax(-1)
        B, A = scores.shape
        N = min(self.num_candidates, A)
        scores, cells = scores.topk(N, dim=1)
        pictures = torch.arange(B, device=cells.device)[:, None].expand(B, N)
        places = (pictures.flatten(), cells.flatten())
        bboxes = self.decode_bbox(outputs['bbox'], priors[:, :2], priors[:, 2])[places]
        keypoints = self.poses(outputs, priors, bboxes, places)
        visible = outputs['kpt_vis'][places].sigmoid()
        return (
            torch.cat([bboxes.unflatten(0, (B, N)), scores[..., None]], dim=-1),
            torch.cat([keypoints, visible[..., None]], dim=-1).unflatten(0, (B, N)),
        )

    def switch_to_deploy(self, test_cfg: OptConfigType) -> None:
        """Prepare for export: merge layers, and let :meth:`forward` decode; it cannot be undone.

        Args:
            test_cfg: ``nms_pre``, the number N of cells that are decoded (300).
        """
        self.deploy = True
        self.num_candidates = (test_cfg or {}).get('nms_pre', 300)
        self.dcc.switch_to_deploy(test_cfg)


def _check_vectors(head_module_cfg: ConfigType, dcc_cfg: OptConfigType) -> None:
    if dcc_cfg is None:
        raise ValueError(
            'RTMOHead has no `dcc_cfg`; give the arguments of DCC, at least `in_channels`, '
            '`feat_channels` and `num_bins`.'
        )
    given, taken = head_module_cfg.get('pose_vec_channels'), dcc_cfg['in_channels']
    if given != taken:
        raise ValueError(
            f'head_module_cfg of RTMOHead has pose_vec_channels={given} and dcc_cfg in_channels='
            f'{taken}; give both the same.'
        )

"""The head of YOLOX."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from mmpose.registry import MODELS

from ..heads.hybrid_heads.level_layers import each_map, output_convs
from .dense_box_head import DenseBoxHead, hidden_convs

if TYPE_CHECKING:
    from mmpose.utils.typing import Features, OptConfigType, OptMultiConfig


@MODELS.register_module()
class YOLOXHead(DenseBoxHead):
    """Centres and sizes of boxes relative to the cells, with a score of any object.

    Paper: `Ge et al., 2021, YOLOX <https://arxiv.org/abs/2107.08430>`_. It predicts only; there
    are no losses.

    The arguments that are not listed are those of
    :class:`~mmpose.models.detectors.dense_box_head.DenseBoxHead`.

    Args:
        feat_channels: Channels of the hidden layers.
        stacked_convs: Number of hidden layers, at least 1.
        strides: Pixels of the input per cell of each feature map.
        use_depthwise: Whether hidden convolutions are depthwise, with a pointwise one.
        conv_bias: Whether hidden layers have a bias; ``'auto'`` for those without a norm layer.
        conv_cfg: Kind of the hidden convolutions.
        norm_cfg: Norm layers.
        act_cfg: Activation.
    """

    single_label = True
    ends_with_input = False

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        feat_channels: int = 256,
        stacked_convs: int = 2,
        strides: Sequence[int] = (8, 16, 32),
        use_depthwise: bool = False,
        conv_bias: bool | str = 'auto',
        conv_cfg: OptConfigType = None,
        norm_cfg: OptConfigType = dict(type='BN', momentum=0.03, eps=0.001),
        act_cfg: OptConfigType = dict(type='Swish'),
        test_cfg: OptConfigType = None,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        points = dict(type='MlvlPointGenerator', offset=0, strides=list(strides))
        super().__init__(num_classes, in_channels, points, test_cfg, init_cfg)
        cfgs = dict(bias=conv_bias, conv_cfg=conv_cfg, norm_cfg=norm_cfg, act_cfg=act_cfg)
        args = (strides, in_channels, feat_channels, stacked_convs, use_depthwise)
        self.multi_level_cls_convs = hidden_convs(*args, **cfgs)
        self.multi_level_reg_convs = hidden_convs(*args, **cfgs)
        self.multi_level_conv_cls = output_convs(strides, feat_channels, num_classes)
        self.multi_level_conv_reg = output_convs(strides, feat_channels, 4)
        self.multi_level_conv_obj = output_convs(strides, feat_channels, 1)

    def forward(self, feats: Features) -> tuple[list[Tensor], ...]:
        """See :meth:`DenseBoxHead.forward`.

        The outputs are logits of the classes, boxes, and logits of any object.
        """
        cls = each_map(self.multi_level_cls_convs, feats)
        reg = each_map(self.multi_level_reg_convs, feats)
        return (
            each_map(self.multi_level_conv_cls, cls),
            each_map(self.multi_level_conv_reg, reg),
            each_map(self.multi_level_conv_obj, reg),
        )

    def decode(self, outputs: Sequence[Tensor], priors: Tensor) -> tuple[Tensor, Tensor]:
        """See :meth:`DenseBoxHead.decode`."""
        logits, boxes, objectness = outputs
        points, strides = priors.split(2, dim=-1)
        centers = boxes[..., :2] * strides + points
        half_wh = boxes[..., 2:].exp() * strides / 2
        boxes = torch.cat([centers - half_wh, centers + half_wh], dim=-1)
        return logits.sigmoid() * objectness.sigmoid(), boxes

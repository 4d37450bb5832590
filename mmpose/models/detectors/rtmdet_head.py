"""The head of RTMDet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from mmpose.registry import MODELS

from ..heads.hybrid_heads.level_layers import each_map
from .dense_box_head import DenseBoxHead, hidden_convs

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType, Features, OptConfigType, OptMultiConfig


@MODELS.register_module()
class RTMDetSepBNHead(DenseBoxHead):
    """Distances from the cells to the sides of boxes, by layers whose norms differ by level.

    Paper: `Lyu et al., 2022, RTMDet <https://arxiv.org/abs/2212.07784>`_. It predicts only; there
    are no losses.

    The arguments that are not listed are those of
    :class:`~mmpose.models.detectors.dense_box_head.DenseBoxHead`.

    Args:
        stacked_convs: Number of hidden layers, at least 1.
        feat_channels: Channels of the hidden layers.
        with_objectness: Whether there is a score of any object, too; the scores are the geometric
            mean of it and those of the classes.
        share_conv: Whether the hidden layers of all feature maps share their convolutions, unless
            these are depthwise.
        use_depthwise: Whether hidden convolutions are depthwise, with a pointwise one.
        pred_kernel_size: Odd size of the last convolutions.
        exp_on_reg: Whether the outputs are logarithms of distances in strides, not distances.
        conv_cfg: Kind of the hidden convolutions.
        norm_cfg: Norm layers.
        act_cfg: Activation.
    """

    single_label = False
    ends_with_input = True

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        stacked_convs: int = 4,
        feat_channels: int = 256,
        anchor_generator: ConfigType = dict(
            type='MlvlPointGenerator', offset=0, strides=[8, 16, 32]
        ),
        with_objectness: bool = True,
        share_conv: bool = True,
        use_depthwise: bool = False,
        pred_kernel_size: int = 1,
        exp_on_reg: bool = False,
        conv_cfg: OptConfigType = None,
        norm_cfg: OptConfigType = dict(type='BN', momentum=0.03, eps=0.001),
        act_cfg: OptConfigType = dict(type='SiLU'),
        test_cfg: OptConfigType = None,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(num_classes, in_channels, anchor_generator, test_cfg, init_cfg)
        self.exp_on_reg = exp_on_reg
        cfgs = dict(conv_cfg=conv_cfg, norm_cfg=norm_cfg, act_cfg=act_cfg)
        levels, hidden = self.strides, feat_channels
        args = (levels, in_channels, hidden, stacked_convs, use_depthwise)
        self.cls_convs = hidden_convs(*args, **cfgs)
        self.reg_convs = hidden_convs(*args, **cfgs)
        if share_conv and not use_depthwise:
            _share(self.cls_convs)
            _share(self.reg_convs)
        self.rtm_cls = _output_convs(levels, hidden, num_classes, pred_kernel_size)
        self.rtm_reg = _output_convs(levels, hidden, 4, pred_kernel_size)
        self.rtm_obj = None
        if with_objectness:
            self.rtm_obj = _output_convs(levels, hidden, 1, pred_kernel_size)

    def forward(self, feats: Features) -> tuple[list[Tensor], ...]:
        """See :meth:`DenseBoxHead.forward`.

        The outputs are logits of the classes, distances to left, top, right and bottom in strides
        or their logarithms, and, with objectness, its logit.
        """
        cls, reg = each_map(self.cls_convs, feats), each_map(self.reg_convs, feats)
        outputs = [each_map(self.rtm_cls, cls), each_map(self.rtm_reg, reg)]
        if self.rtm_obj is not None:
            outputs.append(each_map(self.rtm_obj, reg))
        return tuple(outputs)

    def decode(self, outputs: Sequence[Tensor], priors: Tensor) -> tuple[Tensor, Tensor]:
        """See :meth:`DenseBoxHead.decode`."""
        logits, distances, *objectness = outputs
        scores = logits.sigmoid()
        if objectness:
            scores = (scores * objectness[0].sigmoid()).sqrt()
        points, strides = priors.split(2, dim=-1)
        distances = (distances.exp() if self.exp_on_reg else distances) * strides.repeat(1, 2)
        before, after = distances.split(2, dim=-1)
        return scores, torch.cat([points - before, points + after], dim=-1)


def _share(levels: nn.ModuleList) -> None:
    """Give the layers of all levels the convolutions of the first."""
    for level in levels:
        for layer, first in zip(level, levels[0], strict=True):
            layer.conv = first.conv


def _output_convs(
    levels: Sequence, in_channels: int, out_channels: int, kernel_size: int
) -> nn.ModuleList:
    padding = kernel_size // 2
    return nn.ModuleList(
        nn.Conv2d(in_channels, out_channels, kernel_size, padding=padding) for _ in levels
    )

"""Residual networks of grouped bottlenecks that weigh their channels."""

from __future__ import annotations

from mmpose.registry import MODELS

from . import resnext, seresnet
from .resnet import with_block


class SEBottleneck(resnext.Bottleneck, seresnet.SEBottleneck):
    """A grouped bottleneck whose residual branch ends with channel attention.

    Its arguments are those of both bases.
    """


@MODELS.register_module()
class SEResNeXt(resnext.ResNeXt, seresnet.SEResNet):
    """Feature maps of a residual network of grouped bottlenecks with channel attention.

    Papers: `Xie et al., 2017, Aggregated Residual Transformations
    <https://arxiv.org/abs/1611.05431>`_; `Hu et al., 2018, Squeeze-and-Excitation Networks
    <https://arxiv.org/abs/1709.01507>`_. Its arguments are those of both bases.
    """

    arch_settings = with_block(SEBottleneck)

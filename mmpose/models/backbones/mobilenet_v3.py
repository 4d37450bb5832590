"""Mobile networks of inverted residuals with channel attention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from operator import mul
from typing import TYPE_CHECKING

from mmcv.cnn import ConvModule
from torch import Tensor, nn
from torch.nn.functional import hardsigmoid

from mmpose.registry import MODELS

from .staged_backbone import StagedBackbone
from .utils import InvertedResidual, pick_arch

if TYPE_CHECKING:
    from mmpose.utils.typing import OptConfigType, OptMultiConfig


class SteepHardSigmoid(nn.Module):
    """``(x + 1) / 2`` between 0 and 1: the gate that the published weights were trained with.

    The paper's is a third as steep, ``(x + 3) / 6``, which is :class:`torch.nn.Hardsigmoid`.

    Args:
        inplace: Without effect; :class:`mmcv.cnn.ConvModule` passes it to every activation.
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        """The gate's opening, of the shape of ``x``."""
        return hardsigmoid(3 * x)


def squeeze_excitation(channels: int) -> dict:
    """The ``se_cfg`` of an inverted residual with ``channels`` channels inside."""
    return dict(
        channels=channels, ratio=4, act_cfg=(dict(type='ReLU'), dict(type=SteepHardSigmoid))
    )


class InvertedResidualBackbone(StagedBackbone):
    """Feature maps of a stem and a row of inverted residuals, each of them a stage.

    Args:
        stem: ``out_channels``, ``kernel_size``, ``stride`` and ``act_cfg`` of the stem.
        blocks: Arguments of each :class:`InvertedResidual` that are its own.
        out_indices: Blocks, from 0, whose feature maps are returned; -1 is the last.
        frozen_stages: -1 for nothing, 0 for the stem, n for the first n blocks too.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Kind of norm layer.
        norm_eval: Whether batch norm keeps its statistics in training.
        with_cp: Whether blocks are computed again in the backward pass, to save memory.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.
    """

    def __init__(
        self,
        stem: Mapping,
        blocks: Sequence[Mapping],
        out_indices: Sequence[int],
        frozen_stages: int,
        conv_cfg: OptConfigType,
        norm_cfg: dict,
        norm_eval: bool,
        with_cp: bool,
        init_cfg: OptMultiConfig,
    ) -> None:
        super().__init__(len(blocks), out_indices, frozen_stages, norm_eval, init_cfg)
        cfgs = dict(conv_cfg=conv_cfg, norm_cfg=norm_cfg)
        self.conv1 = ConvModule(3, **stem, padding=stem['kernel_size'] // 2, **cfgs)
        self.layers = [f'layer{n}' for n in range(1, len(blocks) + 1)]
        channels = [stem['out_channels'], *(block['out_channels'] for block in blocks)]
        for name, in_channels, block in zip(self.layers, channels[:-1], blocks, strict=True):
            self.add_module(name, InvertedResidual(in_channels, with_cp=with_cp, **block, **cfgs))

        strides = accumulate((block['stride'] for block in blocks), mul, initial=stem['stride'])
        self.declare_stages(channels[1:], list(strides)[1:])


@MODELS.register_module()
class MobileNetV3(InvertedResidualBackbone):
    """Feature maps of a MobileNetV3, without the 1x1 convolution before its classifier.

    Paper: `Howard et al., 2019, Searching for MobileNetV3 <https://arxiv.org/abs/1905.02244>`_.
    Differences, kept for the weights trained with them: the gate of the attention is steeper (see
    :class:`SteepHardSigmoid`), the attention's width is not rounded to a multiple of 8, the first
    block has its expanding convolution too, and ``'big'`` takes its last stride one block later.

    Args:
        arch: ``'small'`` (11 blocks) or ``'big'`` (15 blocks).
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Kind of norm layer.
        out_indices: Blocks, from 0, whose feature maps are returned; -1 is the last.
        frozen_stages: -1 for nothing, 0 for the stem, n for the first n blocks too.
        norm_eval: Whether batch norm keeps its statistics in training.
        with_cp: Whether blocks are computed again in the backward pass, to save memory.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Attributes:
        arch_settings: By arch, of each block the kernel size, the channels inside, the output's
            channels, whether it has attention, the activation and the stride.

    Raises:
        ValueError: There is no such arch or block.

    Example:
        >>> backbone = MobileNetV3('big', out_indices=(2, 5, -1))
        >>> backbone.out_channels, backbone.out_strides
        ((24, 40, 160), (4, 8, 32))
    """

    arch_settings = {
        'small': [
            [3, 16, 16, True, 'ReLU', 2],
            [3, 72, 24, False, 'ReLU', 2],
            [3, 88, 24, False, 'ReLU', 1],
            [5, 96, 40, True, 'HSwish', 2],
            [5, 240, 40, True, 'HSwish', 1],
            [5, 240, 40, True, 'HSwish', 1],
            [5, 120, 48, True, 'HSwish', 1],
            [5, 144, 48, True, 'HSwish', 1],
            [5, 288, 96, True, 'HSwish', 2],
            [5, 576, 96, True, 'HSwish', 1],
            [5, 576, 96, True, 'HSwish', 1],
        ],
        'big': [
            [3, 16, 16, False, 'ReLU', 1],
            [3, 64, 24, False, 'ReLU', 2],
            [3, 72, 24, False, 'ReLU', 1],
            [5, 72, 40, True, 'ReLU', 2],
            [5, 120, 40, True, 'ReLU', 1],
            [5, 120, 40, True, 'ReLU', 1],
            [3, 240, 80, False, 'HSwish', 2],
            [3, 200, 80, False, 'HSwish', 1],
            [3, 184, 80, False, 'HSwish', 1],
            [3, 184, 80, False, 'HSwish', 1],
            [3, 480, 112, True, 'HSwish', 1],
            [3, 672, 112, True, 'HSwish', 1],
            [5, 672, 160, True, 'HSwish', 1],
            [5, 672, 160, True, 'HSwish', 2],
            [5, 960, 160, True, 'HSwish', 1],
        ],
    }

    def __init__(
        self,
        arch: str = 'small',
        conv_cfg: OptConfigType = None,
        norm_cfg: dict = dict(type='BN'),
        out_indices: Sequence[int] = (-1,),
        frozen_stages: int = -1,
        norm_eval: bool = False,
        with_cp: bool = False,
        init_cfg: OptMultiConfig = [
            dict(type='Kaiming', layer=['Conv2d']),
            dict(type='Constant', val=1, layer=['_BatchNorm']),
        ],
    ) -> None:
        rows = pick_arch(self, 'arch', arch, self.arch_settings)
        super().__init__(
            stem=dict(out_channels=16, kernel_size=3, stride=2, act_cfg=dict(type='HSwish')),
            blocks=[
                dict(
                    kernel_size=kernel_size,
                    mid_channels=width,
                    out_channels=out_channels,
                    se_cfg=squeeze_excitation(width) if attention else None,
                    act_cfg=dict(type=act),
                    stride=stride,
                )
                for kernel_size, width, out_channels, attention, act, stride in rows
            ],
            out_indices=out_indices,
            frozen_stages=frozen_stages,
            conv_cfg=conv_cfg,
            norm_cfg=norm_cfg,
            norm_eval=norm_eval,
            with_cp=with_cp,
            init_cfg=init_cfg,
        )
        self.arch = arch
